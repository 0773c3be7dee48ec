"""The outline of the valid pixels of a raster."""

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import MaskFlags
from rasterio.features import shapes
from rasterio.io import DatasetReader
from rasterio.transform import Affine
from shapely import MultiPolygon, Polygon, make_valid, union_all
from shapely.geometry.base import BaseGeometry

from flows.extent import to_degrees
from flows.raster import file_name, small
from infrastructure.errors import Unreadable

METRES_PER_DEGREE = 111_320
"""Of latitude."""

SPECK = 1 / 1000
"""Share of the largest part below which a part is left out."""


def outline(
    href: str,
    source: DatasetReader,
    tolerance: float | None,
    size: int,
    nodata: float | None = None,
) -> BaseGeometry | None:
    """The outline of the pixels that are valid in any band, without holes, in degrees.

    Args:
        href: The raster's address, for errors.
        source: The raster; it has a grid.
        tolerance: How far it may lie from the pixels, metres; by default two reduced pixels.
        size: Longer side of the reduced picture that it is drawn from, pixels.
        nodata: Value that stands for no data, if the file declares none.

    Returns:
        Valid, split at ±180; None for a file that says of no pixel whether it is valid.

    Raises:
        Unreadable: no pixel is valid, or none of these lies on the Earth.
    """
    name = file_name(href)
    valid = _valid(source, size, nodata)
    if valid.all() and nodata is None and _says_nothing(source):
        return None
    rows, columns = valid.shape
    transform = source.transform @ Affine.scale(source.width / columns, source.height / rows)
    pixel = float(max(np.hypot(transform.a, transform.d), np.hypot(transform.b, transform.e)))
    limit = 2 * pixel if tolerance is None else tolerance / metres_per_unit(source)
    solid = _solid(_parts(name, valid, transform), limit)
    dense = solid.segmentize(max(source.width, source.height) * abs(source.res[0]) / 50)
    there = to_degrees(name, source.crs, dense)
    simple = there.simplify(pixel * metres_per_unit(source) / METRES_PER_DEGREE / 2)
    return simple if simple.is_valid and not simple.is_empty else there


def metres_per_unit(source: DatasetReader) -> float:
    """Metres that a unit of the raster's CRS is long; a degree is one of latitude."""
    if source.crs.is_geographic:
        return METRES_PER_DEGREE
    return float(source.crs.linear_units_factor[1])


def _says_nothing(source: DatasetReader) -> bool:
    """Whether the file has no value for no data, no mask and no transparency."""
    return all(flags == [MaskFlags.all_valid] for flags in source.mask_flag_enums)


def _valid(source: DatasetReader, size: int, nodata: float | None) -> NDArray[np.bool_]:
    values, valid = small(source, size)
    if nodata is not None and source.nodata is None:
        valid = valid & (values != nodata).any(axis=0)
    return valid


def _parts(name: str, valid: NDArray[np.bool_], transform: Affine) -> list[Polygon]:
    """Polygons around the valid pixels, in units of the CRS."""
    polygons = [
        Polygon(found["coordinates"][0])
        for found, _ in shapes(valid.astype("uint8"), valid, transform=transform)
    ]
    if not polygons:
        raise Unreadable(f"{name}: no pixel of it is valid")
    largest = max(polygon.area for polygon in polygons)
    return [polygon for polygon in polygons if polygon.area > largest * SPECK]


def _solid(parts: list[Polygon], limit: float) -> BaseGeometry:
    """Polygons without holes, put together, of fewer points."""
    simple = union_all(parts).simplify(limit)
    whole = [Polygon(part.exterior) for part in getattr(simple, "geoms", [simple])]
    solid = whole[0] if len(whole) == 1 else MultiPolygon(whole)
    return solid if solid.is_valid else make_valid(union_all(whole))
