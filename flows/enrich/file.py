"""The STAC File extension (2.1): size and checksum of the files in the store."""

import hashlib

import pystac

from infrastructure.storage import Shelf

SCHEMA = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
SHA2_256 = "1220"
"""Multihash prefix: function 0x12, 0x20 bytes."""


def enrich(item: pystac.Item, shelf: Shelf) -> pystac.Item:
    """Tell size (bytes) and SHA2-256 multihash of every asset that lies in the store.

    Raises:
        Unreachable: the store does not answer.
    """
    for asset in item.assets.values():
        key = shelf.store.key(asset.href)
        if key is not None:
            digest, size = hashlib.sha256(), 0
            for chunk in shelf.store.read(key):
                digest.update(chunk)
                size += len(chunk)
            asset.extra_fields["file:size"] = size
            asset.extra_fields["file:checksum"] = SHA2_256 + digest.hexdigest()
    if SCHEMA not in item.stac_extensions:
        item.stac_extensions.append(SCHEMA)
    return item
