"""Where rasters lie: opening them and their outline as GeoJSON."""

import itertools
import warnings
from dataclasses import dataclass
from typing import Any

import antimeridian
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.warp import transform
from shapely import Polygon, union_all
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from infrastructure.errors import Unreadable
from infrastructure.storage import gdal_path

EDGE_POINTS = 21
"""Points that an edge is made of before it is transformed, so that it bends as it should."""


@dataclass(frozen=True)
class Raster:
    """What the head of a raster file tells."""

    name: str
    outline: BaseGeometry
    """Longitude and latitude in degrees (EPSG:4326), split at ±180 (RFC 7946, 3.1.9)."""
    resolution: float
    """Size of a pixel along x, in units of its CRS."""
    metric: bool
    """Whether these units are metres."""
    count: int
    tags: dict[str, str]


def look(name: str, href: str) -> Raster:
    """Open a raster and look where it lies.

    Raises:
        Unreadable: it is no raster, is cut off, or does not say where it lies.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # the next lines refuse it
            source = rasterio.open(gdal_path(href))
        with source:
            _read_last_block(source)
            if source.crs is None or source.transform.is_identity:
                raise Unreadable(f"{name}: the raster has no coordinate reference system")
            return Raster(
                name=name,
                outline=_outline(name, source.bounds, source.crs),
                resolution=abs(source.res[0]),
                metric=source.crs.is_projected and source.crs.linear_units == "metre",
                count=source.count,
                tags=source.tags(),
            )
    except RasterioError as error:
        raise Unreadable(f"{name}: {_reason(error)}") from error


def outline(rasters: list[Raster]) -> tuple[dict[str, Any], list[float]]:
    """GeoJSON geometry and STAC bbox around rasters; degrees, west > east across ±180."""
    shape = union_all([raster.outline for raster in rasters])
    return mapping(shape), list(antimeridian.bbox(shape))


def _read_last_block(source: rasterio.DatasetReader) -> None:
    """Read the block that lies last in a TIFF: in a file that was cut off it is not there."""
    if source.driver != "GTiff":
        return
    offsets = {
        (row, column): int(source.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=1) or 0)
        for (row, column), _ in source.block_windows(1)
    }
    row, column = max(offsets, key=lambda place: offsets[place])
    if offsets[row, column]:
        source.read(1, window=source.block_window(1, row, column))


def _outline(name: str, bounds: Any, crs: CRS) -> BaseGeometry:
    left, bottom, right, top = bounds
    corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
    points = [
        (x0 + (x1 - x0) * step / EDGE_POINTS, y0 + (y1 - y0) * step / EDGE_POINTS)
        for (x0, y0), (x1, y1) in itertools.pairwise(corners)
        for step in range(EDGE_POINTS)
    ]
    xs, ys = zip(*points, strict=True)
    try:
        longitudes, latitudes = transform(crs, "EPSG:4326", xs, ys)
        shape = orient(Polygon(zip(longitudes, latitudes, strict=True)))
        fixed = antimeridian.fix_polygon(shape)
    except (RasterioError, CPLE_BaseError, ValueError) as error:
        raise Unreadable(f"{name}: its place cannot be told in degrees: {error}") from error
    if not fixed.is_valid or fixed.is_empty:
        raise Unreadable(f"{name}: its outline in degrees is no valid polygon")
    return fixed


def _reason(error: RasterioError) -> str:
    text = str(error.__cause__ or error).splitlines()[0]
    if "not recognized" in text:
        return "no raster that GDAL knows"
    return f"cannot be read: {text}"
