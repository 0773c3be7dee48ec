"""Products and records with EO-O&M metadata: eop, opt, sar and the others (OGC 10-157r4).

A product is an image, or several, with such a file beside it; a record is the file alone, as
catalogues give it.
"""

from pathlib import PurePosixPath
from typing import Any

import pystac
import shapely
from lxml import etree
from shapely.geometry import shape

from flows import assets
from flows.extent import Raster, look
from flows.found import Found
from flows.identifiers import safe
from flows.records import known
from flows.records.beside import beside
from flows.records.standards import begin
from flows.upstream.gml import geometry
from flows.upstream.item import KEPT, Foreign, stac
from flows.upstream.xml import members
from infrastructure.errors import Unreadable

Json = dict[str, Any]


def recognises(found: Found) -> bool:
    """Whether the record, or one of the files, is O&M for Earth observation."""
    return known(found.record or b"") == "eop" or any(True for _ in beside(found.files, "eop"))


def read(found: Found) -> pystac.Item:
    """Make an item of the metadata; its images become assets.

    Coordinates are latitude first, as the standard wants it, unless the images lie elsewhere:
    some writers have the longitude first.

    Raises:
        Unreadable: the metadata are damaged, or tell no place or time; there are several; an image
            is damaged, or lies elsewhere than the metadata say.
        Unreachable: a file cannot be fetched.
    """
    name, content = _metadata(found)
    root = begin(content, name)
    images = {file: href for file, href in sorted(found.files.items()) if assets.is_raster(file)}
    rasters = [look(file, href) for file, href in images.items()]
    document = stac(
        Foreign(_identifier(root, found), members(root), _place(root, name, rasters)), {}
    )
    document["properties"].pop(KEPT, None)  # the metadata are kept as they came
    document["id"] = safe(document["id"])
    item = pystac.Item.from_dict(document, migrate=False)
    for raster in rasters:
        asset = assets.data(raster, images[raster.name], raster.name)
        item.add_asset(_key(raster, rasters), asset)
    if found.files:
        item.add_asset("metadata", assets.metadata(name, found.files[name], "O&M metadata"))
    return item


def _metadata(found: Found) -> tuple[str, bytes]:
    if found.record:
        return found.upstream_id, found.record
    told = list(beside(found.files, "eop"))
    if len(told) > 1:
        names = ", ".join(name for name, _ in told)
        raise Unreadable(f"{found.upstream_id}: metadata of several products: {names}")
    return told[0]


def _identifier(root: etree._Element, found: Found) -> str:
    told = root.findtext(".//{*}EarthObservationMetaData/{*}identifier")
    return (told or "").strip() or PurePosixPath(found.upstream_id).stem


def _place(root: etree._Element, name: str, rasters: list[Raster]) -> Json | None:
    """The footprint in degrees, longitude first."""
    footprint = root.find(".//{*}Footprint")
    if footprint is None:
        return None
    readings = [geometry(footprint, longitude_first) for longitude_first in (False, True)]
    if not rasters:
        return readings[0]
    images = shapely.union_all([raster.outline for raster in rasters])
    for told in filter(None, readings):
        if shape(told).intersects(images):
            return told
    raise Unreadable(f"{name}: the images lie elsewhere than the metadata say")


def _key(raster: Raster, rasters: list[Raster]) -> str:
    """`data` for the only image, or for the TIFF of one name; the others by suffix or name."""
    suffixes = {PurePosixPath(other.name).suffix.lower() for other in rasters}
    same = len({PurePosixPath(other.name).stem for other in rasters}) == 1
    if not same or len(suffixes) < len(rasters):
        return safe(raster.name)
    suffix = PurePosixPath(raster.name).suffix[1:].lower()
    return "data" if len(rasters) == 1 or suffix == "tif" else f"data-{suffix}"
