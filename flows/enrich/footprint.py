"""The outline of the valid data, instead of that of the files."""

import pystac
import rasterio
from rasterio.features import shapes
from rasterio.transform import Affine
from shapely import MultiPolygon, Polygon, union_all
from shapely.geometry.base import BaseGeometry

from flows.extent import geojson, to_degrees
from flows.raster import data_assets, file_name, is_classes, opened, small
from infrastructure.errors import Unreadable
from infrastructure.storage import Shelf

METRES_PER_DEGREE = 111_320


def enrich(
    item: pystac.Item,
    shelf: Shelf,  # noqa: ARG001 - makes no file
    tolerance: float | None = None,
    size: int = 1024,
) -> pystac.Item:
    """Set geometry and box to the outline of the pixels that are valid in any data asset.

    Args:
        item: The item.
        shelf: Not used.
        tolerance: How far the outline may lie from the pixels, metres; by default twice the
            size of a pixel of the reduced picture. Holes are filled.
        size: Longer side of the reduced picture that the outline is drawn from, pixels.

    Raises:
        Unreadable: a file is damaged, or has no valid pixel.
    """
    assets = [asset for asset in data_assets(item).values() if not is_classes(asset)]
    outlines = [_outline(asset, tolerance, size) for asset in assets]
    if outlines:
        item.geometry, item.bbox = geojson(union_all(outlines))
    return item


def _outline(asset: pystac.Asset, tolerance: float | None, size: int) -> BaseGeometry:
    name = file_name(asset.href)
    with opened(asset.href) as source:
        _, valid = small(source, size)
        rows, columns = valid.shape
        scale = Affine.scale(source.width / columns, source.height / rows)
        transform = source.transform @ scale
        pixel = abs(transform.a)
        polygons = [
            Polygon(found["coordinates"][0])
            for found, value in shapes(valid.astype("uint8"), valid, transform=transform)
            if value
        ]
        if not polygons:
            raise Unreadable(f"{name}: no pixel of it is valid")
        largest = max(polygon.area for polygon in polygons)
        kept = [polygon for polygon in polygons if polygon.area > largest / 1000]
        limit = 2 * pixel if tolerance is None else _in_units(tolerance, source)
        simple = union_all(kept).simplify(limit)
        solid = _without_holes(simple)
        dense = solid.segmentize(max(source.width, source.height) * abs(source.res[0]) / 50)
        there = to_degrees(name, source.crs, dense)
        return there.simplify(pixel / _units_per_degree(source) / 2)


def _units_per_degree(source: rasterio.DatasetReader) -> float:
    """Units of the raster's CRS that a degree of latitude is long."""
    return 1.0 if source.crs.is_geographic else METRES_PER_DEGREE / _metres_per_unit(source)


def _metres_per_unit(source: rasterio.DatasetReader) -> float:
    return float(source.crs.linear_units_factor[1])


def _in_units(metres: float, source: rasterio.DatasetReader) -> float:
    if source.crs.is_geographic:
        return metres / METRES_PER_DEGREE
    return metres / _metres_per_unit(source)


def _without_holes(geometry: BaseGeometry) -> BaseGeometry:
    """Polygons without holes."""
    parts = [Polygon(part.exterior) for part in getattr(geometry, "geoms", [geometry])]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
