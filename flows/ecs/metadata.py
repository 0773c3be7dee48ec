"""Metadata files of granules (ScienceGranuleMetadata of the ECS), as STAC properties."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from shapely import box, union_all
from shapely.geometry.base import BaseGeometry

from flows.elements import moment
from flows.extent import around
from flows.records.standards import begin
from infrastructure.errors import Unreadable

NUMBERS = {
    "QAPERCENTNOTPRODUCEDCLOUD": "eo:cloud_cover",
    "SceneCloudCoverage": "eo:cloud_cover",
    "Solar_Azimuth_Angle": "view:sun_azimuth",
    "Solar_Elevation_Angle": "view:sun_elevation",
}
"""Product-specific attribute -> STAC property: per cent and degrees."""

COUNTS = {
    "HORIZONTALTILENUMBER": "modis:horizontal-tile",
    "VERTICALTILENUMBER": "modis:vertical-tile",
}

FAMILIES = {"AST_": {"platform": "terra", "instruments": ["aster"]}}
"""How a collection's name begins -> what its metadata do not say."""

TEXTS = {"TileID": "modis:tile-id", "identifier_product_doi": "sci:doi"}


def parse(content: bytes, name: str) -> etree._Element:
    """The granule's element.

    Raises:
        Unreadable: it is no such file, or has several granules.
    """
    granules = begin(content, name).findall("GranuleURMetaData")
    if len(granules) != 1:
        raise Unreadable(f"{name}: metadata of {len(granules)} granules, not of one")
    return granules[0]


def text(granule: etree._Element, path: str) -> str | None:
    """What an element says, if it is there."""
    return (granule.findtext(path) or "").strip() or None


def times(granule: etree._Element, name: str) -> tuple[datetime, datetime]:
    """First and last moment of the acquisition, UTC.

    Raises:
        Unreadable: it tells none.
    """
    pairs = [
        ("RangeDateTime/RangeBeginningDate", "RangeDateTime/RangeBeginningTime"),
        ("RangeDateTime/RangeEndingDate", "RangeDateTime/RangeEndingTime"),
        ("SingleDateTime/CalendarDate", "SingleDateTime/TimeofDay"),
    ]
    told = [_moment(text(granule, day), text(granule, time)) for day, time in pairs]
    start, end = told[0] or told[2], told[1] or told[2]
    if start is None or end is None:
        raise Unreadable(f"{name}: the granule has no time")
    return start, end


def _moment(day: str | None, time: str | None) -> datetime | None:
    return moment(f"{day}T{time}") if day and time else None


def place(granule: etree._Element, name: str) -> BaseGeometry:
    """Its footprint in degrees, longitude first, split at ±180 (RFC 7946, 3.1.9).

    Raises:
        Unreadable: it tells none, or coordinates that are no numbers.
    """
    try:
        shapes = [*_polygons(granule), *_boxes(granule)]
    except (TypeError, ValueError) as error:
        raise Unreadable(f"{name}: its footprint cannot be read: {error}") from error
    if not shapes:
        raise Unreadable(f"{name}: the granule has no footprint")
    return union_all(shapes)


def _polygons(granule: etree._Element) -> Iterator[BaseGeometry]:
    for boundary in granule.iter("Boundary"):
        ring = [_pair(point, "PointLongitude", "PointLatitude") for point in boundary]
        yield around(ring)


def _boxes(granule: etree._Element) -> Iterator[BaseGeometry]:
    for found in granule.iter("BoundingRectangle"):
        west, south = _pair(found, "WestBoundingCoordinate", "SouthBoundingCoordinate")
        east, north = _pair(found, "EastBoundingCoordinate", "NorthBoundingCoordinate")
        halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        yield union_all([box(left, south, right, north) for left, right in halves])


def _pair(element: etree._Element, x: str, y: str) -> tuple[float, float]:
    return float(element.findtext(x) or ""), float(element.findtext(y) or "")


def properties(granule: etree._Element) -> dict[str, Any]:
    """What it tells, as STAC properties."""
    instruments = [found.text or "" for found in granule.iter("InstrumentShortName")]
    made = moment((text(granule, "ECSDataGranule/ProductionDateTime") or "").replace(" ", "T"))
    family = FAMILIES.get((text(granule, "CollectionMetaData/ShortName") or "")[:4], {})
    told = {
        "platform": (text(granule, "Platform/PlatformShortName") or "").lower(),
        "instruments": [name.strip().lower() for name in dict.fromkeys(instruments)],
        "product:type": text(granule, "CollectionMetaData/ShortName"),
        "created": made.astimezone(UTC).isoformat().replace("+00:00", "Z") if made else None,
        "processing:version": text(granule, "PGEVersionClass/PGEVersion"),
        **dict(_attributes(granule)),
    }
    return {**family, **{key: value for key, value in told.items() if value not in (None, "", [])}}


def _attributes(granule: etree._Element) -> Iterator[tuple[str, Any]]:
    """Product-specific attributes that STAC has a word for; what is no number is left out."""
    for attribute in granule.iter("PSA"):
        name, value = text(attribute, "PSAName") or "", text(attribute, "PSAValue") or ""
        if name in TEXTS:
            yield TEXTS[name], value
        elif name in COUNTS and value.isdecimal():
            yield COUNTS[name], int(value)
        elif name in NUMBERS and value.replace(".", "", 1).isdecimal():
            yield NUMBERS[name], float(value)
