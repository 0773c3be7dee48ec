"""What was measured, by what (MD_CoverageDescription; MI_AcquisitionInformation of 19115-2)."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from lxml import etree

from flows.records import numbers
from flows.records.elements import XLINK, every, text
from flows.records.iso import PLACEHOLDERS, told

DIMENSIONS = ("contentInfo/*/dimension/*", "contentInfo/*/attributeGroup/*/attribute/*")


def content(root: etree._Element) -> dict[str, Any]:
    """The properties; cloud cover is in per cent.

    Bands are no `bands` of STAC: those belong to assets, and records do not say to which.
    """
    made = "acquisitionInformation/*"
    platforms = every(root, f"{made}/platform/*")
    instruments = every(root, f"{made}/platform/*/instrument/*", f"{made}/instrument/*")
    level = ("contentInfo/*/processingLevelCode/*/code", "contentInfo/*/processingLevelCode")
    bands = (_band(dimension) for dimension in every(root, *DIMENSIONS))
    return {
        "platform": next(_identifiers(platforms), None),
        "instruments": list(dict.fromkeys(_identifiers(instruments))),
        "eo:cloud_cover": numbers.number(text(root, "contentInfo/*/cloudCoverPercentage")),
        "processing:level": text(root, *level),
        "iso:bands": [band for band in bands if band],
    }


def _identifiers(elements: list[etree._Element]) -> Iterator[str]:
    for element in elements:
        said = text(element, "identifier/*/code", "identifier", "citation/*/title")
        if said and said not in PLACEHOLDERS:
            yield numbers.word(said)


def _band(dimension: etree._Element) -> dict[str, Any]:
    """A band, with the bounds of its wavelengths, or any other dimension of the values."""
    return told(
        name=text(dimension, "sequenceIdentifier/*/aName", "name/*/code") or dimension.get("id"),
        description=text(dimension, "descriptor", "description"),
        minimum=numbers.number(text(dimension, "boundMin", "minValue")),
        maximum=numbers.number(text(dimension, "boundMax", "maxValue")),
        unit=_unit(dimension, "boundUnits") or _unit(dimension, "units"),
    )


def _unit(dimension: etree._Element, path: str) -> str | None:
    """The unit's symbol or name, or the last part of the address that it is told by."""
    said = text(dimension, f"{path}/*/identifier", f"{path}/*/catalogSymbol", f"{path}/*/name")
    if said:
        return said
    hrefs = (found.get(XLINK) for found in every(dimension, path))
    return next((unquote(re.split(r"[#/]", href)[-1]) or None for href in hrefs if href), None)
