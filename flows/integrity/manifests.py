"""The manifests among the assets of an item, and what they say together."""

from collections.abc import Iterator
from dataclasses import dataclass

import pystac

from flows.integrity import mtl, stac, sums, xfdu
from flows.integrity.entry import Entry
from flows.integrity.folder import Folder, Plain, around
from flows.packages.content import read
from flows.packages.names import MANIFESTS
from flows.raster import file_name


@dataclass(frozen=True)
class Manifest:
    """A file that says which files there are."""

    name: str
    href: str
    """Its address; that of the item's own words is nothing."""
    folder: Folder
    """Where the files are that it names."""
    entries: list[Entry]


def manifests(item: pystac.Item) -> Iterator[Manifest]:
    """Those among the assets with the role `metadata`.

    Raises:
        Unreadable: one is damaged, or is not there.
        Unreachable: its store or server does not answer.
        Invalid: what it says of a file makes no sense.
    """
    for asset in item.assets.values():
        if asset.has_role("metadata"):
            name = file_name(asset.href)
            entries = _entries(name, asset.href)
            if entries is not None:
                yield Manifest(name, asset.href, around(asset.href), entries)


def own(item: pystac.Item) -> Manifest:
    """What an item itself tells of its assets, by their keys.

    Raises:
        Invalid: a checksum in it is no multihash.
    """
    hrefs = {key: asset.href for key, asset in item.assets.items()}
    return Manifest(item.id, "", Plain(hrefs.__getitem__), stac.entries(item))


def _entries(name: str, href: str) -> list[Entry] | None:
    """What a file says, if it is a manifest by its name."""
    if name.lower() in MANIFESTS:
        return xfdu.entries(name, read(href))
    if sums.NAME.fullmatch(name):
        return sums.entries(name, read(href))
    return mtl.entries(name, href) if name.endswith(mtl.NAMES) else None
