"""The product's files held against its own manifest: size and checksum of each.

Manifests are those of the SAFE format (manifest.safe, xfdumanifest.xml), lists of checksums
(MD5SUMS, SHA256SUMS, `*_MD5.txt`, sidecars such as `a.tif.md5`), and Landsat's MTL, which only says
which files there are. They are found among the assets with the role `metadata`, and the files
beside them, also in archives. On demand, what a STAC Item tells of its files is one, too.

It comes before the steps that put files elsewhere.
"""

from itertools import chain
from pathlib import PurePosixPath

import pystac

from flows.integrity.manifests import Manifest, manifests, own
from flows.integrity.verdict import missing
from infrastructure.errors import Misconfigured, Unreadable
from infrastructure.storage import Shelf

MISSING = "swath:missing"
"""Property with the names of the files that a product should have and has not."""


def enrich(
    item: pystac.Item,
    shelf: Shelf,
    complete: bool = False,
    required: bool = False,
    stac: bool = False,
) -> pystac.Item:
    """Refuse a product with a file that is not what the manifest says.

    Args:
        item: The item; files that were not delivered are named in its `swath:missing`.
        shelf: Its place in the store.
        complete: Whether a product that lacks files is refused, too.
        required: Whether a product is refused, too, of whose files no size or checksum is told.
        stac: Whether the item's own `file:size` and `file:checksum` are a manifest, too: each asset
            that has them is read whole, wherever it lies.

    Raises:
        Unreadable: a file differs from what the manifest says, or is missing from a product that
            must be complete, or nothing is told of any; or the manifest is damaged.
        Invalid: the manifest breaks its standard, or leads out of the product.
        Unreachable: a store or server does not answer.
        Misconfigured: the step `keep` comes before this one, which leaves the manifest alone.
    """
    found = [_in_place(manifest, shelf) for manifest in manifests(item)]
    found += [own(item)] if stac else []
    if required and not any(entry.size or entry.digest for m in found for entry in m.entries):
        raise Unreadable(f"{item.id}: no manifest tells the sizes or checksums of its files")
    absent = _told(item, set(chain.from_iterable(missing(manifest) for manifest in found)))
    if complete and absent:
        raise Unreadable(f"{item.id}: not complete: {absent[0]} is missing{_others(absent)}")
    if absent:
        item.properties[MISSING] = absent
    return item


def _in_place(manifest: Manifest, shelf: Shelf) -> Manifest:
    if manifest.href.startswith(shelf.href("")):
        raise Misconfigured(f"{manifest.name}: the step `checks` comes before `keep`")
    return manifest


def _told(item: pystac.Item, absent: set[str]) -> list[str]:
    """What the reader misses and what the manifests do, each file once.

    Metadata name images without folder or suffix; manifests name them whole.
    """
    named = {PurePosixPath(path).stem for path in absent}
    known = item.properties.get(MISSING, [])
    return sorted(absent.union(name for name in known if PurePosixPath(name).stem not in named))


def _others(absent: list[str]) -> str:
    return f", and {len(absent) - 1} more" if len(absent) > 1 else ""
