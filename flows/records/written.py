"""Places that are written as text: a DCMI Box or Point, four numbers, or WKT."""

import re

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from flows.records.places import bounding_box
from infrastructure.errors import Unreadable

IN_BRACKETS = re.compile(r"(\w+)\s*=\s*([^;]+)")
"""A part of a DCMI Box, Point or Period: `northlimit=10.5; name=...`."""

FOUR = re.compile(r"\s*".join([r"(-?\d+(?:\.\d+)?)"] * 4).replace(r"\s*(", r"\s*[,\s]\s*("))
"""West, south, east, north."""

ENVELOPE = re.compile(r"ENVELOPE\s*\(([^)]+)\)", re.IGNORECASE)
"""West, east, north, south in OGC CQL's form."""


def written(said: str, subject: str) -> BaseGeometry | None:
    """The place of a text; None if it is a name.

    Raises:
        Unreadable: it is nowhere on Earth, or no geometry.
    """
    parts = {key.lower(): value for key, value in IN_BRACKETS.findall(said)}
    if {"northlimit", "southlimit", "westlimit", "eastlimit"} & parts.keys():
        sides = (parts.get(f"{side}limit") for side in ("west", "east", "south", "north"))
        return bounding_box(sides, subject)
    if {"east", "north"} <= parts.keys():
        east, north = parts["east"], parts["north"]
        return bounding_box((east, east, north, north), subject)
    if found := ENVELOPE.fullmatch(said):
        west, east, north, south = (found[1].split(",") + [""] * 4)[:4]
        return bounding_box((west, east, south, north), subject)
    if found := FOUR.fullmatch(said):
        west, south, east, north = found.groups()
        return bounding_box((west, east, south, north), subject)
    return _wkt(said, subject)


def _wkt(said: str, subject: str) -> BaseGeometry | None:
    if not re.match(r"(MULTI)?(POLYGON|POINT|LINESTRING)\s*Z?\s*\(", said, re.IGNORECASE):
        return None
    try:
        return shapely.make_valid(shapely.force_2d(shapely.from_wkt(said)))
    except ShapelyError as error:
        raise Unreadable(f"{subject}: '{said[:60]}' is no geometry") from error
