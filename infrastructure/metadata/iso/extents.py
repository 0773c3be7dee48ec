"""Where, how high and when (EX_Extent)."""

from collections.abc import Iterator
from typing import Any

from infrastructure.metadata.iso.citation import identifier
from infrastructure.metadata.iso.tree import Node, leaf, nil, node, text

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""Longitude and latitude in degrees on WGS 84."""

Ring = list[list[float]]


def extents(told: dict[str, Any], name: str, is_2014: bool) -> Iterator[Node | None]:
    """An extent for each place; names, heights and times are in the first.

    Args:
        told: The MCF's `extents`, with `polygons`, `description`, `places` and `vertical`.
        name: Of the element that holds an extent.
        is_2014: Which standard is written.
    """
    for number, place in enumerate(told["spatial"]):
        is_first = number == 0
        yield node(
            name,
            node(
                "gex:EX_Extent",
                text("gex:description", told["description"]) if is_first else None,
                _box(place["bbox"]),
                *(
                    _polygon(rings, f"polygon-{number + 1}-{part + 1}")
                    for part, rings in enumerate(place["polygons"])
                ),
                *(map(_named, told["places"]) if is_first else ()),
                *(map(_period, told["temporal"]) if is_first else ()),
                _heights(told["vertical"], is_2014) if is_first else None,
            ),
        )


def _box(bbox: list[str]) -> Node | None:
    west, south, east, north = bbox
    sides = {
        "westBoundLongitude": west, "eastBoundLongitude": east,
        "southBoundLatitude": south, "northBoundLatitude": north,
    }  # fmt: skip
    box = [leaf(f"gex:{side}", "gco:Decimal", value) for side, value in sides.items()]
    return node("gex:geographicElement", node("gex:EX_GeographicBoundingBox", *box))


def _polygon(rings: list[Ring], name: str) -> Node | None:
    """A polygon in longitude and latitude."""
    sides = ["gml:exterior", *["gml:interior"] * (len(rings) - 1)]
    inside = [
        node(side, node("gml:LinearRing", ("gml:posList", {}, _positions(ring))))
        for side, ring in zip(sides, rings, strict=True)
    ]
    polygon = node("gml:Polygon", *inside, **{"gml:id": name, "srsName": CRS84})
    return node(
        "gex:geographicElement",
        node("gex:EX_BoundingPolygon", node("gex:polygon", polygon)),
    )


def _positions(ring: Ring) -> str:
    return " ".join(f"{float(x)!r} {float(y)!r}" for x, y, *_ in ring)


def _named(code: str) -> Node | None:
    place = identifier("gex:geographicIdentifier", code)
    return node("gex:geographicElement", node("gex:EX_GeographicDescription", place))


def _period(period: dict[str, str | None]) -> Node | None:
    """A period; an end that is open is `now`, a begin that is open is unknown."""
    time = node(
        "gml:TimePeriod",
        _position("gml:beginPosition", period["begin"], "unknown"),
        _position("gml:endPosition", period["end"], "now"),
        **{"gml:id": "acquisition"},
    )
    return node(
        "gex:temporalElement",
        node("gex:EX_TemporalExtent", node("gex:extent", time)),
    )


def _position(name: str, when: str | None, otherwise: str) -> Node:
    return (name, {}, when) if when else (name, {"indeterminatePosition": otherwise}, "")


def _heights(heights: dict[str, Any], is_2014: bool) -> Node | None:
    if not heights:
        return None
    return node(
        "gex:verticalElement",
        node(
            "gex:EX_VerticalExtent",
            leaf("gex:minimumValue", "gco:Real", heights.get("minimum")),
            leaf("gex:maximumValue", "gco:Real", heights.get("maximum")),
            None if is_2014 else nil("gex:verticalCRS", "unknown"),
        ),
    )
