"""STAC Items of other catalogues, of versions 0.6 to 1.1; 1.1 comes out."""

from pathlib import Path
from typing import Any

import pystac
from pystac.errors import STACError
from shapely.errors import ShapelyError
from shapely.geometry import shape

from flows.found import Found
from flows.identifiers import safe
from flows.stac.migrate import current
from flows.stac.web import absolute
from infrastructure.errors import Unreadable
from infrastructure.storage import gdal_path

STAC = True
"""The item declares its extensions itself."""

REMOTE = ("http://", "https://", "s3://")

Json = dict[str, Any]


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
        return pystac.Item.from_dict(document(found), migrate=False, preserve_dict=False)
    except (STACError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"{found.upstream_id}: no STAC Item: {error!r}") from error


def document(found: Found) -> Json:
    """The same as a document of its own: no value of it is changed that does not have to be.

    Raises:
        Unreadable: as `read`.
    """
    name, root = found.upstream_id, found.root
    item = {"links": [], "assets": {}, **current(found.document or {}, name)}
    item["bbox"] = _box(item, name)
    origin = _origin(item["links"])
    if origin and origin.startswith(REMOTE):
        via = {"rel": "via", "href": origin, "type": "application/geo+json"}
        item["links"] = [*item["links"], via]
    item["assets"] = {
        key: asset if _is_remote(asset) else _placed(f"{name}: asset '{key}'", asset, origin, root)
        for key, asset in item["assets"].items()
    }
    identifier = safe(item["id"])
    if identifier != item["id"]:
        item["properties"] = {**item["properties"], "swath:upstream_id": item["id"]}
        item["id"] = identifier
    return item


def _box(item: Json, subject: str) -> list[float]:
    """Its box, or else that of its geometry; degrees: west, south, east, north."""
    if item.get("geometry") is None:
        raise Unreadable(f"{subject}: the item has no geometry")
    if item.get("bbox"):
        box: list[float] = item["bbox"]
        return box
    try:
        return list(shape(item["geometry"]).bounds)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise Unreadable(f"{subject}: its geometry is no GeoJSON: {error}") from error


def _origin(links: Any) -> str | None:
    """Where the item says that it is, if that is a whole address."""
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "self":
            href = link.get("href")
            return href if isinstance(href, str) and "://" in href else None
    return None


def _is_remote(asset: Any) -> bool:
    """Whether it has a whole address already."""
    href = asset.get("href") if isinstance(asset, dict) else None
    return isinstance(href, str) and href.startswith(REMOTE)


def _placed(subject: str, asset: Any, origin: str | None, root: str | None) -> Json:
    """The asset with a whole address, if that leads where a document of this source may lead."""
    href = asset.get("href") if isinstance(asset, dict) else None
    if not isinstance(href, str):
        raise Unreadable(f"{subject} has no `href`")
    if not href.startswith("file:"):
        href = absolute(href, origin) if origin else href
    return {**asset, "href": href if href.startswith(REMOTE) else _local(subject, href, root)}


def _local(subject: str, href: str, root: str | None) -> str:
    """The address of a local file; a relative one without an origin is below the root."""
    if root is not None and ("://" not in href or href.startswith("file:")):
        path = Path(gdal_path(href)) if href.startswith("file:") else Path(root) / href
        if path.resolve().is_relative_to(root):
            return path.resolve().as_uri()
    raise Unreadable(f"{subject} is neither on the web nor in a bucket: {href}")
