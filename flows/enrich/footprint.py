"""The outline of the valid data, instead of that of the files (RFC 7946)."""

from typing import Annotated

import pystac
from pydantic import Field
from shapely import union_all
from shapely.geometry.base import BaseGeometry

from flows.extent import geojson
from flows.outlines import outline
from flows.raster import data_assets, is_classes, opened
from flows.values import nodata as told_nodata
from infrastructure.storage import Shelf

FILES = "swath:file_footprint"
"""Property for the outline of the files, a geometry of GeoJSON in degrees."""


def enrich(  # noqa: PLR0913, PLR0917 - each is an option of the collection file
    item: pystac.Item,
    shelf: Shelf,  # noqa: ARG001 - makes no file
    tolerance: Annotated[float, Field(gt=0)] | None = None,
    size: Annotated[int, Field(ge=16, le=8192)] = 1024,
    nodata: float | None = None,
    keep_box: bool = False,
) -> pystac.Item:
    """Set geometry and box to the outline of the pixels that are valid in any data asset.

    It is split at ±180 degrees, goes around a pole that it holds, leaves out what is not on the
    Earth, and is always valid. Rasters that only ground control points place, and files that say of
    no pixel whether it is valid, know no better than the product: without others the footprint
    that the reader found stays.

    Args:
        item: The item.
        shelf: Not used.
        tolerance: How far the outline may lie from the pixels, metres; by default twice the
            size of a pixel of the reduced picture. Holes are filled.
        size: Longer side of the reduced picture that the outline is drawn from, pixels.
        nodata: Value that stands for no data where neither a file nor the item tells one.
        keep_box: Whether the outline of the files is kept in `swath:file_footprint`.

    Raises:
        Unreadable: a file is damaged, has no valid pixel, or does not lie on the Earth.
    """
    assets = [asset for asset in data_assets(item).values() if not is_classes(asset)]
    outlines = [o for asset in assets if (o := _outline(asset, tolerance, size, nodata))]
    if keep_box:
        item.properties.setdefault(FILES, item.geometry)
    if outlines:
        item.geometry, item.bbox = geojson(union_all(outlines))
    return item


def _outline(
    asset: pystac.Asset, tolerance: float | None, size: int, nodata: float | None
) -> BaseGeometry | None:
    """In degrees; None for a raster without a grid, or that does not say what is valid."""
    with opened(asset.href) as source:
        if source.crs is None or source.transform.is_identity:
            return None
        told = told_nodata(asset.extra_fields, source)
        return outline(asset.href, source, tolerance, size, nodata if told is None else told)
