"""What was measured, by what (MD_ImageDescription, MI_AcquisitionInformation)."""

from typing import Any
from urllib.parse import quote

from infrastructure.metadata.iso.citation import identifier
from infrastructure.metadata.iso.tree import HREF, Node, code, leaf, nil, node, text

UNITS = "http://www.opengis.net/def/uom/UCUM/0/"

KINDS = {"image": "MD_ImageDescription", "coverage": "MD_CoverageDescription"}

Band = dict[str, Any]


def content(told: dict[str, Any], is_2014: bool) -> Node | None:
    """The description of the values, from the MCF's `content_info`; None if nothing is known."""
    cloud = leaf("mrc:cloudCoverPercentage", "gco:Real", told["cloud_cover"])
    level = _level(told["processing_level"], is_2014)
    if not (cloud or level or told["dimensions"]):
        return None
    kind = code("mrc:contentType", "mrc:MD_CoverageContentTypeCode", "physicalMeasurement")
    bands = [_band(band, is_2014) for band in told["dimensions"]]
    if is_2014:
        attributes = [node("mrc:attribute", band) for band in bands]
        group = node("mrc:attributeGroup", node("mrc:MD_AttributeGroup", kind, *attributes))
        inside = [level, group, cloud]
    else:
        inside = [kind, *(node("mrc:dimension", band) for band in bands), cloud, level]
    values = nil("mrc:attributeDescription", "inapplicable")
    return node("mdb:contentInfo", node(f"mrc:{KINDS[told['type']]}", values, *inside))


def acquisition(told: dict[str, Any], is_2014: bool) -> Node | None:
    """Platform and instruments, from the MCF's `acquisition`."""
    carriers = [*_carried(told), *map(_platform, told["platforms"])]
    if not carriers:
        return None
    level = code("mcc:level", "mcc:MD_ScopeCode", told["level"])
    scope = node("mac:scope", node("mcc:MD_Scope", level)) if is_2014 else None
    return node(
        "mdb:acquisitionInformation" if is_2014 else "mac:acquisitionInformation",
        node("mac:MI_AcquisitionInformation", scope, *carriers),
    )


def _level(level: str | None, is_2014: bool) -> Node | None:
    """The level of processing: readers of 2003 look for the identifier's special class."""
    kind = "mcc:MD_Identifier" if is_2014 else "mcc:RS_Identifier"
    return node("mrc:processingLevelCode", node(kind, text("mcc:code", level)))


def _carried(told: dict[str, Any]) -> list[Node | None]:
    """The instruments of which no platform is known."""
    return [] if told["platforms"] else [_instrument(name) for name in told["instruments"]]


def _platform(platform: dict[str, Any]) -> Node | None:
    instruments = [_instrument(one["identifier"]) for one in platform["instruments"]]
    return node(
        "mac:platform",
        node(
            "mac:MI_Platform",
            identifier("mac:identifier", platform["identifier"]),
            text("mac:description", platform["description"]),
            *(instruments or [nil("mac:instrument", "unknown")]),
        ),
    )


def _instrument(name: str) -> Node | None:
    return node(
        "mac:instrument",
        node("mac:MI_Instrument", identifier("mac:identifier", name), nil("mac:type", "unknown")),
    )


def _band(band: Band, is_2014: bool) -> Node | None:
    """A band; its bounds are of wavelengths where they have a unit of length."""
    least, most = ("boundMin", "boundMax") if is_2014 else ("minValue", "maxValue")
    unit = band.get("units")
    units = "mrc:boundUnits" if is_2014 else "mrc:units"
    described = "mrc:description" if is_2014 else "mrc:descriptor"
    return node(
        "mrc:MD_Band",
        _sequence(band.get("name")),
        text(described, band.get("description")),
        leaf(f"mrc:{most}", "gco:Real", band.get("max")),
        leaf(f"mrc:{least}", "gco:Real", band.get("min")),
        (units, {HREF: UNITS + quote(unit, safe="")}, "") if unit else None,
    )


def _sequence(name: str | None) -> Node | None:
    """The name of a band."""
    if not name:
        return None
    kind = node("gco:attributeType", node("gco:TypeName", leaf("gco:aName", *_string("Real"))))
    named = leaf("gco:aName", *_string(name))
    return node("mrc:sequenceIdentifier", node("gco:MemberName", named, kind))


def _string(said: str) -> tuple[str, str]:
    return "gco:CharacterString", said
