"""STAC Items of other catalogues, of any version that pystac migrates (1.1 comes out)."""

from pathlib import Path

import pystac
from pystac.errors import STACError, STACTypeError

from flows.found import Found
from flows.identifiers import safe
from infrastructure.errors import Unreadable
from infrastructure.storage import gdal_path

REMOTE = ("http://", "https://", "s3://")


def recognises(found: Found) -> bool:
    """Whether the source found a document, not files."""
    return found.document is not None


def read(found: Found) -> pystac.Item:
    """Migrate an item; it links to where it came from (`rel=via`).

    An id with characters that have a meaning in addresses is made safe, and the original is kept
    in the property `swath:upstream_id`.

    Raises:
        Unreadable: it is no STAC Item, has no geometry, or names a file where it may not.
    """
    try:
        item = pystac.Item.from_dict(found.document or {}, migrate=True, preserve_dict=True)
    except (STACError, STACTypeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"{found.upstream_id}: no STAC Item: {error!r}") from error
    if item.geometry is None or not item.bbox:
        raise Unreadable(f"{found.upstream_id}: the item has no geometry")
    origin = item.get_self_href()
    if origin:
        item.make_asset_hrefs_absolute()
        if origin.startswith(REMOTE):
            item.add_link(pystac.Link("via", origin, "application/geo+json"))
    for key, asset in item.assets.items():
        asset.href = _allowed(f"{found.upstream_id}: asset '{key}'", asset.href, found.root)
    identifier = safe(item.id)
    if identifier != item.id:
        item.properties["swath:upstream_id"] = item.id
        item.id = identifier
    return item


def _allowed(subject: str, href: str, root: str | None) -> str:
    """The address, if it leads where a document of this source may lead."""
    if href.startswith(REMOTE):
        return href
    path = Path(gdal_path(href) if href.startswith("file:") else href).resolve()
    if root is None or not path.is_relative_to(root):
        raise Unreadable(f"{subject} is neither on the web nor in a bucket: {href}")
    return path.as_uri()
