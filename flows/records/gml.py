"""Polygons, lines and points of GML 3 in records.

Which axis comes first depends on how the reference system is named (OGC 09-048r5: `urn:` and
`http://www.opengis.net/def/` names have the axes of the authority, latitude first for EPSG:4326),
and on whether the writer knew that. Where a box tells the same place, it decides.
"""

from collections.abc import Iterator
from contextlib import suppress

import antimeridian
import shapely
from lxml import etree
from shapely import LineString, Point, Polygon, make_valid
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from flows.extent import to_degrees
from flows.records import systems
from flows.records.elements import every, first
from infrastructure.errors import Unreadable

NEAR = 0.1
"""How far a shape's bounds may be from its box: degrees, or parts of the box's size."""


def shapes(
    element: etree._Element,
    same: BaseGeometry | None,
    other: BaseGeometry | None,
    subject: str,
) -> list[BaseGeometry]:
    """The shapes below an element, in degrees; where none fits the box of its place, none.

    Args:
        element: What holds geometries of GML.
        same: The box of the same place, if the record tells one.
        other: Boxes of other places, if the record tells some: the nearer reading is likelier.
        subject: For the message of an error.

    Raises:
        Unreadable: coordinates are no numbers, or nowhere on Earth.
    """
    parts = element.iter("{*}Polygon", "{*}PolygonPatch", "{*}LineString", "{*}Point")
    found = [_shape(part, same, other, subject) for part in parts]
    return [shape for shape in found if shape is not None]


def _shape(
    part: etree._Element, same: BaseGeometry | None, other: BaseGeometry | None, subject: str
) -> BaseGeometry | None:
    try:
        readings = _readings(_geometry(part), _system(part))
        candidates = [_split(shape) for shape in readings if _is_on_earth(shape)]
    except (ValueError, ShapelyError) as error:
        raise Unreadable(f"{subject}: a geometry of GML cannot be read: {error}") from error
    if same is not None:
        return next((shape for shape in candidates if _fits(shape, same)), None)
    if not candidates:
        raise Unreadable(f"{subject}: its polygon is nowhere on Earth")
    return min(candidates, key=other.distance) if other is not None else candidates[0]


def _split(shape: BaseGeometry) -> BaseGeometry:
    """Split at ±180 what goes beyond it, or would else go round the Earth."""
    west, _, east, _ = shape.bounds
    beyond = west < -180 or east > 180
    if isinstance(shape, Polygon) and (beyond or (180 < east - west < 360)):
        return antimeridian.fix_polygon(shape, great_circle=False, fix_winding=True)
    return shape


def _geometry(part: etree._Element) -> BaseGeometry:
    """As the numbers are written."""
    if etree.QName(part).localname.startswith("Polygon"):
        exterior = first(part, "exterior/LinearRing")
        exterior = first(part, "outerBoundaryIs/LinearRing") if exterior is None else exterior
        if exterior is None:
            raise ValueError("a polygon has no exterior")
        holes = every(part, "interior/LinearRing", "innerBoundaryIs/LinearRing")
        return make_valid(Polygon(_pairs(exterior), [_pairs(hole) for hole in holes]))
    pairs = _pairs(part)
    return Point(pairs[0]) if len(pairs) == 1 else LineString(pairs)


def _pairs(ring: etree._Element) -> list[tuple[float, float]]:
    """First and second coordinate of each position; a third is left out."""
    positions = every(ring, "pos")
    if positions:
        rows = [(position.text or "").split() for position in positions]
    elif (tuples := first(ring, "coordinates")) is not None:
        rows = [row.split(",") for row in (tuples.text or "").split()]
    else:
        listed = first(ring, "posList")
        numbers = (listed.text or "").split() if listed is not None else []
        step = _dimension(ring)
        rows = [numbers[n : n + step] for n in range(0, len(numbers), step)]
    if not rows:
        raise ValueError("there are no coordinates")
    try:
        return [(float(row[0]), float(row[1])) for row in rows]
    except IndexError as error:
        raise ValueError("a position has one coordinate") from error


def _dimension(ring: etree._Element) -> int:
    around = [*every(ring, "posList"), ring, *ring.iterancestors()]
    told = next((value for e in around if (value := e.get("srsDimension"))), "2")
    return max(2, int(told))


def _system(part: etree._Element) -> str:
    """How its reference system is named, or nothing."""
    return next((name for e in (part, *part.iterancestors()) if (name := e.get("srsName"))), "")


def _readings(told: BaseGeometry, name: str) -> Iterator[BaseGeometry]:
    """What the numbers can mean in degrees, the likeliest first."""
    swapped = shapely.transform(told, lambda pairs: pairs[:, ::-1])
    system = systems.system(name)
    if system.projected:
        with suppress(Unreadable):  # degrees that are said to be metres, often
            yield to_degrees(name, system.projected, told)
    latitude_first = system.is_latitude_first and system.by_authority
    yield from (swapped, told) if latitude_first else (told, swapped)


def _is_on_earth(shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    return -360 <= west <= east <= 360 and -90 <= south <= north <= 90


def _fits(shape: BaseGeometry, near: BaseGeometry) -> bool:
    size = max(near.bounds[2] - near.bounds[0], near.bounds[3] - near.bounds[1])
    room = max(NEAR, NEAR * size)
    return all(abs(a - b) <= room for a, b in zip(shape.bounds, near.bounds, strict=True))
