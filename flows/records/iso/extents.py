"""Where and when, in records of ISO (EX_Extent of ISO 19115-1, 6.6.1)."""

from typing import Any

from lxml import etree
from shapely import union_all
from shapely.geometry.base import BaseGeometry

from flows.records import gml, numbers
from flows.records.elements import every, name, text, texts
from flows.records.iso import told, unique
from flows.records.places import bounding_box

EXTENT = "identificationInfo/*/extent/*"


def names(root: etree._Element) -> dict[str, Any]:
    """The properties beside geometry and times: names of places, and heights."""
    vertical = f"{EXTENT}/verticalElement/*"
    heights = told(
        minimum=numbers.number(text(root, f"{vertical}/minimumValue")),
        maximum=numbers.number(text(root, f"{vertical}/maximumValue")),
    )
    identifiers = f"{EXTENT}/geographicElement/EX_GeographicDescription/geographicIdentifier/*/code"
    return {
        "iso:extent_description": text(root, f"{EXTENT}/description"),
        "iso:geographic_identifiers": unique(texts(root, identifiers)),
        "iso:vertical_extent": heights,
    }


def spans(root: etree._Element) -> list[tuple[str | None, str | None]]:
    """Begin and end of each temporal extent, as written; an instant is both."""
    periods = every(root, f"{EXTENT}/temporalElement/*/extent/*")
    return [
        (text(period, "."), text(period, "."))
        if name(period) == "TimeInstant"
        else (text(period, "beginPosition", "begin"), text(period, "endPosition", "end"))
        for period in periods
    ]


def places(root: etree._Element, subject: str) -> list[BaseGeometry]:
    """Of each extent its polygons, or else its boxes, in degrees; areas without data do not count.

    Raises:
        Unreadable: one is nowhere on Earth, or has no numbers.
    """
    extents = every(root, EXTENT)
    told = [_elements(extent, excluding=False) for extent in extents]
    if not any(told):  # some editors write `false` into every extent
        told = [_elements(extent, excluding=True) for extent in extents]
    boxes = [_boxes(elements, subject) for elements in told]
    everywhere = union_all([box for group in boxes for box in group])
    found = []
    for elements, group in zip(told, boxes, strict=True):
        same = union_all(group) if group else None
        other = None if everywhere.is_empty else everywhere
        shapes = [
            shape
            for element in elements
            if name(element) == "EX_BoundingPolygon"
            for shape in gml.shapes(element, same, other, subject)
        ]
        found += shapes or group
    return found


def _elements(extent: etree._Element, excluding: bool) -> list[etree._Element]:
    """The boxes and polygons of an extent that say where data are, or where none are."""
    found = every(
        extent,
        "geographicElement/EX_GeographicBoundingBox",
        "geographicElement/EX_BoundingPolygon",
    )
    return [e for e in found if (text(e, "extentTypeCode") in {"0", "false"}) == excluding]


def _boxes(elements: list[etree._Element], subject: str) -> list[BaseGeometry]:
    sides = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
    told = (
        bounding_box((text(element, side) for side in sides), subject)
        for element in elements
        if name(element) == "EX_GeographicBoundingBox"
    )
    return [box for box in told if box is not None]
