"""Geometries as other catalogues write them, as GeoJSON: degrees, longitude first (RFC 7946)."""

from typing import Any

import antimeridian
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

from infrastructure.errors import Unreadable

Json = dict[str, Any]

Ring = list[list[float]]


def box(geometry: Json) -> list[float]:
    """The bounding box: west, south, east, north; west > east across the antimeridian.

    Raises:
        Unreadable: it is no GeoJSON geometry.
    """
    try:
        outline = shape(geometry)
        if outline.is_empty:
            raise Unreadable("the record's geometry is empty")
        if outline.geom_type == "MultiPolygon":
            return [float(edge) for edge in antimeridian.bbox(outline)]
        return list(outline.bounds)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError) as error:
        raise Unreadable(f"the record's geometry is no GeoJSON: {error}") from error


def sound(geometry: Json) -> Json:
    """The geometry; a polygon around nothing is the point or the line that it stands for."""
    if geometry.get("type") != "Polygon":
        return geometry
    west, south, east, north = box(geometry)
    if west == east and south == north:
        return {"type": "Point", "coordinates": [west, south]}
    if west == east or south == north:
        return {"type": "LineString", "coordinates": [[west, south], [east, north]]}
    return geometry


def rectangle(west: float, south: float, east: float, north: float) -> Json:
    """A box as a polygon; across the antimeridian (west > east) as two."""
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return polygons([[_ring(left, south, right, north)] for left, right in halves])


def _ring(west: float, south: float, east: float, north: float) -> Ring:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygons(parts: list[list[Ring]]) -> Json:
    """One polygon, or several as one geometry.

    Args:
        parts: Polygons, each its outer ring and its holes.
    """
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def of_wkt(text: str) -> Json:
    """A geometry in WKT, also in EWKT and as OData writes it (`geography'SRID=4326;...'`).

    Raises:
        Unreadable: it is none.
    """
    words = text.removeprefix("geography").strip("'").rpartition(";")[2]
    try:
        return dict(mapping(shapely.from_wkt(words)))
    except (ShapelyError, TypeError, ValueError) as error:
        raise Unreadable(f"the record's geometry is no WKT: {error}") from error
