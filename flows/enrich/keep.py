"""Copies in the store of files that lie elsewhere, so that clients get them: metadata, pictures.

Clients cannot reach a delivery folder or a file in an archive, and an address on the web may be
gone one day. Pixels are brought into the store by `cog`.
"""

import pystac

from flows.identifiers import safe
from flows.packages.content import pieces
from flows.raster import file_name
from infrastructure.storage import Shelf

ROLES = ("metadata", "thumbnail", "overview")


def enrich(
    item: pystac.Item, shelf: Shelf, roles: list[str] | None = None, keys: list[str] | None = None
) -> pystac.Item:
    """Copy files onto the item's shelf, byte for byte, as `{key}-{name of the file}`.

    Args:
        item: The item; assets in the store already are left alone.
        shelf: Its place in the store.
        roles: Assets with any of these roles are kept; by default metadata, thumbnail, overview.
        keys: Assets that are kept whatever their roles; an item need not have them.

    Raises:
        Unreadable: a file is not there, or its archive is damaged.
        Unreachable: a server does not answer, or the store does not take a file.
    """
    wanted = set(ROLES if roles is None else roles)
    for key, asset in item.assets.items():
        is_wanted = key in (keys or []) or not wanted.isdisjoint(asset.roles or [])
        if is_wanted and shelf.store.key(asset.href) is None:
            asset.href = _kept(key, asset.href, shelf)
    return item


def _kept(key: str, href: str, shelf: Shelf) -> str:
    """The address of the copy; no other file of the item has its name."""
    name = safe(f"{key}-{file_name(href)}")
    copy = shelf.scratch / name
    with copy.open("wb") as target:
        target.writelines(pieces(href))
    address = shelf.put(name, copy)
    copy.unlink()
    return address
