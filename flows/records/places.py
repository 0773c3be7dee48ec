"""Boxes and polygons as records write them: longitude and latitude in degrees, WGS 84 (CRS84).

What is obviously meant is repaired: a decimal comma, south and north exchanged, longitudes from 0
to 360, an edge that is less than half a degree beyond a pole, longitude and latitude exchanged
where neither latitude can be one. What is not obvious is refused. West greater than east crosses
the antimeridian (ISO 19115-1, EX_GeographicBoundingBox).
"""

from collections.abc import Iterable
from math import isfinite

import shapely
from shapely import LineString, MultiPolygon, Point, box
from shapely.geometry.base import BaseGeometry

from infrastructure.errors import Unreadable

SIDES = ("west", "east", "south", "north")

BEYOND = 0.5
"""Degrees: grids tell the outer edge of the cells around a pole."""


def bounding_box(sides: Iterable[str | None], subject: str) -> BaseGeometry | None:
    """The shape of a box; a point or a line if it has no width or height; None if it is empty.

    Args:
        sides: West, east (longitude), south, north (latitude), as written; west is greater than
            east where the box crosses the antimeridian.
        subject: What the box is of, for the message of an error.

    Raises:
        Unreadable: a side is missing or no number, or is nowhere on Earth.
    """
    told = dict(zip(SIDES, ((side or "").strip() for side in sides), strict=True))
    if not any(told.values()):
        return None
    west, east, south, north = (_number(name, side, subject) for name, side in told.items())
    return area(west, east, south, north, subject)


def area(west: float, east: float, south: float, north: float, subject: str) -> BaseGeometry:
    """The shape of a box in degrees; see `bounding_box`.

    Raises:
        Unreadable: it is nowhere on Earth.
    """
    if min(abs(south), abs(north)) > 90 + BEYOND and max(abs(west), abs(east)) <= 90:
        west, east, south, north = south, north, west, east
    south, north = (_latitude(side, subject) for side in sorted((south, north)))
    west, east = _longitudes(west, east, subject)
    if west > east:
        return MultiPolygon([box(west, south, 180, north), box(-180, south, east, north)])
    if west == east and south == north:
        return Point(west, south)
    if west == east or south == north:
        return LineString([(west, south), (east, north)])
    return box(west, south, east, north)


def join(places: list[BaseGeometry], subject: str) -> BaseGeometry:
    """All places as one shape; where some are areas, lines and points beside them do not count.

    Raises:
        Unreadable: there are none.
    """
    if not places:
        raise Unreadable(f"{subject}: the record has no geographic extent")
    whole = shapely.union_all(places)
    parts = shapely.get_parts(whole)
    most = max(shapely.get_dimensions(part) for part in parts)
    return shapely.orient_polygons(
        shapely.union_all([part for part in parts if shapely.get_dimensions(part) == most])
    )


def _number(name: str, side: str, subject: str) -> float:
    if not side:
        raise Unreadable(f"{subject}: its bounding box has no {name}")
    try:
        number = float(side.replace(",", "."))
    except ValueError as error:
        raise Unreadable(
            f"{subject}: the {name} of its bounding box is no number: {side}"
        ) from error
    if not isfinite(number):
        raise Unreadable(f"{subject}: the {name} of its bounding box is no number: {side}")
    return number


def _latitude(degrees: float, subject: str) -> float:
    if abs(degrees) > 90 + BEYOND:
        raise Unreadable(f"{subject}: there is no latitude {degrees:g}")
    return max(-90.0, min(90.0, degrees))


def _longitudes(west: float, east: float, subject: str) -> tuple[float, float]:
    """Both within ±180; what goes round is -180 and 180."""
    for degrees in (west, east):
        if abs(degrees) > 360:
            raise Unreadable(f"{subject}: there is no longitude {degrees:g}")
    if max(abs(west), abs(east)) > 180 and east - west > 360 - 2 * BEYOND:
        return -180.0, 180.0
    west, east = _wrapped(west), _wrapped(east)
    if west > east:  # 180 and -180 are the same: take the one on the side of the box
        west, east = (-180.0 if west == 180 else west), (180.0 if east == -180 else east)
    return west, east


def _wrapped(longitude: float) -> float:
    if -180 <= longitude <= 180:
        return longitude
    return longitude - 360 if longitude > 0 else longitude + 360
