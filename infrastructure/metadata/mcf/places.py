"""Where: boxes, polygons, and reference systems."""

from decimal import Decimal
from typing import Any

from infrastructure.errors import Invalid
from infrastructure.metadata.mcf.subject import Subject

Rings = list[list[list[float]]]
"""Exterior, then holes: positions of longitude and latitude in degrees."""


def spatial(subject: Subject) -> list[dict[str, Any]]:
    """Each place with its box and polygons; the whole is one place unless a record told several.

    The box is west, south, east, north in degrees; west is greater than east where it crosses the
    antimeridian.

    Raises:
        Invalid: there is no box.
    """
    whole = _box(subject)
    parts = [] if subject.is_collection else _polygons(subject.document.get("geometry"))
    if subject.is_record and len(parts) > 1 and whole[0] <= whole[2]:
        return [_place(_bounds(rings), [rings]) for rings in parts]
    return [_place(whole, parts)]


def systems(subject: Subject) -> list[dict[str, str]]:
    """Reference systems: those of the record, or all of `proj:code` that EPSG has."""
    if subject.is_record:
        return list(subject.told.get("iso:reference_systems", []))
    tellers = [{"proj:code": code} for code in subject.many("proj:code")]
    found = (teller.get("proj:code") or "" for teller in (*tellers, *subject.assets.values()))
    return [
        {"code": f"urn:ogc:def:crs:EPSG::{code.removeprefix('EPSG:')}"}
        for code in dict.fromkeys(found)
        if code.startswith("EPSG:")
    ]


def decimal(degrees: float) -> str:
    """As XML Schema's `decimal`, which knows no exponents."""
    return format(Decimal(repr(float(degrees))), "f").removesuffix(".0")


def _box(subject: Subject) -> list[float]:
    if subject.is_collection:
        boxes = (subject.document.get("extent") or {}).get("spatial", {}).get("bbox") or [None]
    else:
        boxes = [subject.document.get("bbox")]
    bbox: list[float] | None = boxes[0]
    if not bbox:
        raise Invalid(f"{subject.name}: no bounding box")
    return bbox if len(bbox) == 4 else [bbox[0], bbox[1], bbox[3], bbox[4]]


def _polygons(geometry: dict[str, Any] | None) -> list[Rings]:
    kind = (geometry or {}).get("type")
    if geometry is None or kind not in {"Polygon", "MultiPolygon"}:
        return []
    return [geometry["coordinates"]] if kind == "Polygon" else list(geometry["coordinates"])


def _place(box: list[float], parts: list[Rings]) -> dict[str, Any]:
    """A polygon that is the box itself needs no telling."""
    shapes = [rings for rings in parts if not _is_box(rings, box)]
    is_halved = box[0] > box[2] and all(_is_box(rings, _bounds(rings)) for rings in parts)
    return {"bbox": [decimal(side) for side in box], "crs": 4326,
            "polygons": [] if is_halved else shapes}  # fmt: skip


def _bounds(rings: Rings) -> list[float]:
    x, y = [p[0] for p in rings[0]], [p[1] for p in rings[0]]
    return [min(x), min(y), max(x), max(y)]


def _is_box(rings: Rings, box: list[float]) -> bool:
    corners = {(p[0], p[1]) for p in rings[0]}
    west, south, east, north = box
    return len(rings) == 1 and corners == {
        (west, south), (east, south), (east, north), (west, north),
    }  # fmt: skip
