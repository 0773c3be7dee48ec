"""Geometries of items: mended where that loses nothing, refused otherwise (RFC 7946).

Mended are rings that are not closed, polygons that cross themselves, and what runs on beyond ±180
degrees or across it without being cut there (RFC 7946, 3.1.9).
"""

import itertools
from collections.abc import Iterator
from math import isclose, isfinite
from typing import Any

import antimeridian
import orjson
import shapely
from shapely.affinity import translate
from shapely.errors import ShapelyError
from shapely.geometry import GeometryCollection, MultiPolygon, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry

from infrastructure.errors import Invalid

Json = dict[str, Any]

Bounds = tuple[float, float, float, float]
"""West, south, east, north, as drawn."""

HALF = 180.0
"""Degrees from which on the other way round the globe is the shorter one."""

WORLDS = [box(-540, -91, -180, 91), box(-180, -91, 180, 91), box(180, -91, 540, 91)]
"""The globe, and what is drawn on to its west and to its east."""


def placed(name: str, document: Json) -> Json:
    """The item with a geometry that is valid and a box.

    The box is in degrees, west, south, east, north; west is greater than east where a geometry
    that was mended crosses the antimeridian.

    Raises:
        Invalid: the item has no geometry, or one that cannot be mended, or a box upside down.
    """
    _check_box(name, document.get("bbox"))
    if document.get("bbox") and _is_quadrilateral(document.get("geometry")):
        return document
    came = _read(name, document.get("geometry"))
    bounds = came.bounds
    _check_degrees(name, came, bounds)
    if came.is_valid and not _is_beyond(bounds) and not _has_open_ring(document["geometry"]):
        return document if document.get("bbox") else {**document, "bbox": _box(came, None)}
    valid = came if came.is_valid else _mended(name, came)
    if _is_beyond(valid.bounds):
        valid = _cut(valid)
    document = {**document, "geometry": mapping(valid)}
    moved = valid.bounds != bounds
    if moved or not document.get("bbox"):
        document = {**document, "bbox": _box(valid, document.get("bbox") if moved else None)}
    return document


def _check_box(name: str, bbox: Any) -> None:
    """Refuse a box whose south is north of its north; whether it is one at all is told later."""
    south, north = (bbox[1], bbox[len(bbox) // 2 + 1]) if _is_box(bbox) else (0, 0)
    if south > north:
        raise Invalid(f"{name}: its bbox has its south at {south}, north of its north at {north}")


def _is_box(bbox: Any) -> bool:
    return (
        isinstance(bbox, list)
        and len(bbox) in (4, 6)
        and all(isinstance(number, (int, float)) for number in bbox)
    )


def _is_quadrilateral(geometry: Any) -> bool:
    """Whether it is a convex quadrilateral on the globe: most footprints are, and are valid."""
    try:
        kind, (ring,) = geometry["type"], geometry["coordinates"]
        (ax, ay), (bx, by), (cx, cy), (dx, dy), last = ring
        turns = (
            (bx - ax) * (cy - by) - (by - ay) * (cx - bx),
            (cx - bx) * (dy - cy) - (cy - by) * (dx - cx),
            (dx - cx) * (ay - dy) - (dy - cy) * (ax - dx),
            (ax - dx) * (by - ay) - (ay - dy) * (bx - ax),
        )
        xs, ys = (ax, bx, cx, dx), (ay, by, cy, dy)
        closed = list(last) == list(ring[0])
        on_globe = min(xs) >= -180 and max(xs) <= 180 and min(ys) >= -90 and max(ys) <= 90
    except (KeyError, TypeError, ValueError):
        return False
    convex = min(turns) > 0 or max(turns) < 0
    return kind == "Polygon" and on_globe and convex and closed


def _read(name: str, geometry: Any) -> BaseGeometry:
    if geometry is None:
        raise Invalid(f"{name}: the item has no geometry")
    try:
        came = _parsed(geometry)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError) as error:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        reason = f"its coordinates are not those of a '{kind}'"
        raise Invalid(f"{name}: its geometry is no GeoJSON: {reason}") from error
    if came.is_empty:
        raise Invalid(f"{name}: its geometry is empty")
    return came


def _parsed(geometry: Any) -> BaseGeometry:
    """GEOS reads what is exact GeoJSON, in a third of the time; Shapely takes what is nearly so."""
    try:
        return shapely.from_geojson(orjson.dumps(geometry))
    except (ShapelyError, TypeError):
        return shape(geometry)


def _has_open_ring(geometry: Json) -> bool:
    """Whether the last position of a ring is not the first again; Shapely closes it in silence."""
    coordinates: list[Any] = geometry.get("coordinates") or []
    kinds = {"Polygon": [coordinates], "MultiPolygon": coordinates}
    polygons = kinds.get(geometry["type"], [])
    rings = (ring for polygon in polygons for ring in polygon)
    return any(list(ring[0]) != list(ring[-1]) for ring in rings)


def _check_degrees(name: str, geometry: BaseGeometry, bounds: Bounds) -> None:
    west, south, east, north = bounds
    if not all(map(isfinite, bounds)) or south < -90 or north > 90:
        raise Invalid(f"{name}: its geometry has latitudes from {south} to {north}")
    if _is_beyond(bounds) and (_is_wide(geometry) or west < -360 or east > 360):
        raise Invalid(f"{name}: its geometry has longitudes from {west} to {east}")


def _is_wide(geometry: BaseGeometry) -> bool:
    """Whether one of its parts runs on beyond ±180 degrees for more than half the globe."""
    parts = (part.bounds for part in getattr(geometry, "geoms", [geometry]))
    return any(part[2] - part[0] > HALF for part in parts if _is_beyond(part))


def _is_beyond(bounds: Bounds) -> bool:
    """Whether it runs on beyond ±180 degrees."""
    return bounds[0] < -180 or bounds[2] > 180


def _mended(name: str, geometry: BaseGeometry) -> BaseGeometry:
    """A valid geometry of the same place.

    A polygon that jumps from one side of the map to the other is taken to go the shorter way.
    """
    reason = shapely.is_valid_reason(geometry)
    if any(map(_jumps, _rings(geometry))):
        return _unfolded(name, geometry)
    mended = _areas(shapely.make_valid(geometry))
    if geometry.geom_type.endswith("Polygon") and not mended.area:
        raise Invalid(f"{name}: its geometry is invalid beyond repair: {reason}")
    return mended


def _areas(geometry: BaseGeometry) -> BaseGeometry:
    """Of areas with lines and points at their edges, the areas alone."""
    if not isinstance(geometry, GeometryCollection):
        return geometry
    parts = [part for part in geometry.geoms if part.geom_type.endswith("Polygon")]
    return shapely.unary_union(parts) if parts else geometry


def _polygons(geometry: BaseGeometry) -> Iterator[Polygon]:
    parts = getattr(geometry, "geoms", [geometry])
    return (part for part in parts if isinstance(part, Polygon))


def _rings(geometry: BaseGeometry) -> Iterator[Any]:
    for polygon in _polygons(geometry):
        yield polygon.exterior.coords
        yield from (ring.coords for ring in polygon.interiors)


def _jumps(ring: Any) -> bool:
    return any(abs(after[0] - before[0]) > HALF for before, after in itertools.pairwise(ring))


def _unfolded(name: str, geometry: BaseGeometry) -> BaseGeometry:
    """Polygons drawn on beyond ±180 where they jump; they go neither around a pole nor twist."""
    parts = []
    for polygon in _polygons(geometry):
        rings = [_followed(ring) for ring in _rings(polygon)]
        drawn = Polygon(rings[0], rings[1:])
        valid = _areas(shapely.make_valid(drawn))
        if any(ring[0] != ring[-1] for ring in rings) or not isclose(
            valid.area, drawn.area, rel_tol=1e-3
        ):
            raise Invalid(
                f"{name}: its geometry crosses itself and the antimeridian, and cannot be cut there"
            )
        parts.append(valid)
    return shapely.union_all(parts) if len(parts) > 1 else parts[0]


def _followed(ring: Any) -> list[tuple[float, ...]]:
    """The vertices of a ring, each less than half the globe away from the one before."""
    turns, before = 0, ring[0][0]
    followed = []
    for longitude, *rest in ring:
        step = longitude - before
        turns += -1 if step > HALF else 1 if step < -HALF else 0
        followed.append((longitude + 360 * turns, *rest))
        before = longitude
    return followed


def _cut(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry with what lies beyond ±180 degrees on the other side of the map."""
    moved = (
        translate(geometry.intersection(world), shift)
        for world, shift in zip(WORLDS, (360, 0, -360), strict=True)
    )
    return _areas(shapely.union_all([part for part in moved if not part.is_empty]))


def _box(geometry: BaseGeometry, told: list[float] | None) -> list[float]:
    """Its box, with the heights that it had before."""
    split = isinstance(geometry, Polygon | MultiPolygon)
    flat = antimeridian.bbox(geometry) if split else geometry.bounds
    west, south, east, north = map(float, flat)
    if told and len(told) == 6:
        return [west, south, told[2], east, north, told[5]]
    return [west, south, east, north]
