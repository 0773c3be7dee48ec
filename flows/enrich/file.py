"""The STAC File extension (2.1): size and checksum of files, and the byte order of TIFF."""

import hashlib
from collections.abc import Iterator

import pystac

from flows import extensions
from flows.packages.content import pieces
from infrastructure.storage import Shelf

SHA2_256 = "1220"
"""Multihash prefix: function 0x12, 0x20 bytes."""

ORDERS = {b"II": "little-endian", b"MM": "big-endian"}
"""How a TIFF file begins -> its byte order (TIFF 6.0, section 2)."""

FIELDS = ("file:size", "file:checksum", "file:byte_order")


def enrich(item: pystac.Item, shelf: Shelf, outside: bool = False) -> pystac.Item:
    """Tell size (bytes) and SHA2-256 multihash of every asset that lies in the store.

    Args:
        item: The item; what it tells of files that are not looked at stays.
        shelf: Its place in the store.
        outside: Whether assets outside the store are read and told of, too.

    Raises:
        Unreachable: the store or a server does not answer.
        Unreadable: a file is not there, or its archive is damaged.
    """
    for asset in item.assets.values():
        if outside or shelf.store.key(asset.href) is not None:
            for name in FIELDS:
                asset.extra_fields.pop(name, None)
            is_tiff = "tiff" in (asset.media_type or "")
            asset.extra_fields |= _facts(pieces(asset.href), is_tiff)
            extensions.add(item, *FIELDS)
    return item


def _facts(content: Iterator[bytes], is_tiff: bool) -> dict[str, int | str]:
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in content:
        head = head or piece[:2]
        digest.update(piece)
        size += len(piece)
    facts: dict[str, int | str] = {
        "file:size": size,
        "file:checksum": SHA2_256 + digest.hexdigest(),
    }
    if is_tiff and head in ORDERS:
        facts["file:byte_order"] = ORDERS[head]
    return facts
