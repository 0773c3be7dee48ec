"""What a STAC Item tells of its files: `file:size` and `file:checksum` (File extension, 2.1)."""

import pystac

from flows.integrity.entry import ALGORITHMS, Entry, checksum
from flows.upstream.checksum import CODES
from infrastructure.errors import Invalid

BEGINNINGS = {
    f"{code}{length:02x}": ALGORITHMS[name]
    for name, (code, length) in CODES.items()
    if name in ALGORITHMS
}
"""How a multihash begins, with its function and its length -> hashlib's name."""


def entries(item: pystac.Item) -> list[Entry]:
    """The assets of which a size or checksum is told, by their keys.

    Raises:
        Invalid: a checksum is no multihash, or of a kind that is not known.
    """
    return [
        Entry(key, asset.extra_fields.get("file:size"), *_sum(item.id, key, asset))
        for key, asset in item.assets.items()
        if {"file:size", "file:checksum"} & asset.extra_fields.keys()
    ]


def _sum(item_id: str, key: str, asset: pystac.Asset) -> tuple[str, str] | tuple[None, None]:
    told = asset.extra_fields.get("file:checksum")
    if told is None:
        return None, None
    for beginning, algorithm in BEGINNINGS.items():
        if str(told).lower().startswith(beginning):
            digest = str(told)[len(beginning) :]
            return algorithm, checksum(item_id, key, algorithm, digest)
    raise Invalid(f"{item_id}: '{told}' of {key} is no multihash of a kind that is known")
