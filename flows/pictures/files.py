"""Writing pictures as files of the store."""

from typing import Any, Literal

import pystac
from PIL import Image

from infrastructure.storage import Shelf

Format = Literal["png", "jpeg", "webp"]

WRITTEN: dict[Format, tuple[str, str, dict[str, Any]]] = {
    "png": ("png", "image/png", {"optimize": True}),
    "jpeg": ("jpg", "image/jpeg", {"quality": 88, "optimize": True, "progressive": True}),
    "webp": ("webp", "image/webp", {"quality": 86, "method": 4}),
}
"""Format -> suffix, media type and how Pillow writes it."""

FEW_COLOURS = 64
"""Fewer than the tones of a grey picture, more than most classifications have."""


def best(image: Image.Image) -> Format:
    """PNG for few colours, which blur in the others; WebP with clear parts, else JPEG."""
    if image.getcolors(FEW_COLOURS) is not None:
        return "png"
    return "webp" if image.mode == "RGBA" else "jpeg"


def put(item: pystac.Item, shelf: Shelf, key: str, image: Image.Image, kind: Format) -> None:
    """Put a picture on the shelf and make it the item's asset `key`, with this role.

    A picture that the product came with keeps its place under the key `delivered-{key}`.

    Raises:
        Unreachable: the store does not take the picture.
    """
    suffix, media_type, options = WRITTEN[kind]
    target = shelf.scratch / f"{key}.{suffix}"
    drawn = image.convert("RGB") if kind == "jpeg" else image
    drawn.save(target, **options)
    href = shelf.put(target.name, target)
    target.unlink()
    former = item.assets.get(key)
    if former and former.href != href:
        item.assets.setdefault(f"delivered-{key}", former)
    item.add_asset(key, pystac.Asset(href, key.capitalize(), None, media_type, [key]))
