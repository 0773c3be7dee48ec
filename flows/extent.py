"""Where rasters lie: opening them and their outline as GeoJSON."""

import itertools
import json
import re
from dataclasses import dataclass
from typing import Any

import antimeridian
import rasterio
from pyproj.exceptions import ProjError
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform_geom
from shapely import Polygon, from_geojson, make_valid, orient_polygons, to_geojson, union_all
from shapely.geometry.base import BaseGeometry

from flows import gcps
from flows.horizon import degrees, on_earth
from flows.raster import opened
from infrastructure.errors import Unreadable

HALF = 180.0
"""Degrees from which on the other way round the globe is the shorter one."""

FINE = 0.05
"""Degrees by which the edge of the Earth may be simplified."""

EDGE_POINTS = 21
"""Points that an edge is made of before it is transformed, so that it bends as it should."""


@dataclass(frozen=True)
class Raster:
    """What the head of a raster file tells."""

    name: str
    outline: BaseGeometry
    """Longitude and latitude in degrees (EPSG:4326), split at ±180 (RFC 7946, 3.1.9)."""
    resolution: float
    """Size of a pixel along x, in units of its CRS; 0 where ground control points place it."""
    metric: bool
    """Whether these units are metres."""
    count: int
    tags: dict[str, str]


def look(name: str, href: str) -> Raster:
    """Open a raster and look where it lies.

    Raises:
        Unreachable: its server does not answer.
        Unreadable: it is no raster, is cut off, or does not say where it lies.
    """
    with opened(href) as source:
        _read_ends(source)
        by_gcps = source.crs is None and gcps.known(source)
        if not by_gcps and (source.crs is None or source.transform.is_identity):
            raise Unreadable(f"{name}: the raster has no coordinate reference system")
        crs = source.gcps[1] if by_gcps else source.crs
        return Raster(
            name=name,
            outline=_outline(name, source, crs),
            resolution=0.0 if by_gcps else abs(source.res[0]),
            metric=not by_gcps and crs.is_projected and crs.linear_units == "metre",
            count=source.count,
            tags=source.tags(),
        )


def outline(rasters: list[Raster]) -> tuple[dict[str, Any], list[float]]:
    """GeoJSON geometry and STAC bbox around rasters; see `geojson`."""
    return geojson(union_all([raster.outline for raster in rasters]))


def geojson(shape: BaseGeometry) -> tuple[dict[str, Any], list[float]]:
    """GeoJSON geometry and STAC bbox of a shape in degrees; west > east across ±180."""
    return json.loads(to_geojson(shape)), list(antimeridian.bbox(shape))


def around(ring: list[tuple[float, float]]) -> BaseGeometry:
    """The shape of a footprint, valid, split at ±180 where its ring jumps (RFC 7946, 3.1.9).

    Args:
        ring: Longitude and latitude of its corners, degrees.

    Raises:
        ValueError: these are no corners of a polygon.
    """
    drawn = Polygon(ring)
    jumps = any(abs(b[0] - a[0]) > HALF for a, b in itertools.pairwise(ring))
    across = jumps or drawn.bounds[0] < -HALF or drawn.bounds[2] > HALF
    shape = antimeridian.fix_polygon(drawn, fix_winding=True) if across else drawn
    if shape.is_empty:
        raise ValueError("nothing is inside the footprint")
    return orient_polygons(shape if shape.is_valid else make_valid(shape))


def to_degrees(name: str, crs: CRS, shape: BaseGeometry) -> BaseGeometry:
    """A shape in longitude and latitude, valid, split at ±180 (RFC 7946, 3.1.9).

    What of it does not lie on the Earth is left out.

    Raises:
        Unreadable: the CRS does not lead to degrees, or the shape falls apart on the way.
    """
    try:
        seen = on_earth(crs, shape)
        whole = _in_degrees(crs, shape) if seen is shape else orient_polygons(degrees(crs, seen))
        parts = [
            antimeridian.fix_polygon(part)
            for part in getattr(whole, "geoms", [whole])
            if isinstance(part, Polygon)
        ]
        fixed = union_all(parts)
        if seen is not shape:  # the edge of the Earth has very many points
            fixed = fixed.simplify(FINE)
    except (RasterioError, CPLE_BaseError, ProjError, ValueError) as error:
        reason = _without_definition(str(error), crs)
        raise Unreadable(f"{name}: its place cannot be told in degrees: {reason}") from error
    if fixed.is_empty or not fixed.is_valid:
        raise Unreadable(f"{name}: its outline in degrees is no valid polygon")
    return fixed


def _in_degrees(crs: CRS, shape: BaseGeometry) -> BaseGeometry:
    """GDAL cuts where the projection does, and goes around poles."""
    there = orient_polygons(from_geojson(json.dumps(transform_geom(crs, "EPSG:4326", shape))))
    return there if there.is_valid else make_valid(there)


def _without_definition(message: str, crs: CRS) -> str:
    """A message of PROJ with the name of a CRS instead of its whole definition."""
    name = crs.to_wkt().split('"')[1]
    return re.sub(r"\{.*\}", name, " ".join(message.split()))


def _read_ends(source: rasterio.DatasetReader) -> None:
    """Read what lies last in a TIFF, pixels and overviews: a file that was cut off lacks it."""
    if source.driver != "GTiff":
        return
    places = []
    for band in source.indexes:
        for (row, column), window in source.block_windows(band):
            offset = source.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=band)
            places.append((int(offset or 0), band, window))
    _, band, window = max(places, key=lambda place: place[0])
    source.read(band, window=window)
    for level in range(len(source.overviews(1))):
        with rasterio.open(source.name, overview_level=level) as overview:
            *_, (_, window) = overview.block_windows(1)
            overview.read(source.count, window=window)


def _outline(name: str, source: rasterio.DatasetReader, crs: CRS) -> BaseGeometry:
    width, height = source.width, source.height
    corners = [(0, height), (width, height), (width, 0), (0, 0), (0, height)]
    pixels = [
        (x0 + (x1 - x0) * step / EDGE_POINTS, y0 + (y1 - y0) * step / EDGE_POINTS)
        for (x0, y0), (x1, y1) in itertools.pairwise(corners)
        for step in range(EDGE_POINTS)
    ]
    if source.crs is None:
        return to_degrees(name, crs, gcps.outline(source, pixels))
    return to_degrees(name, crs, Polygon([source.transform @ pixel for pixel in pixels]))
