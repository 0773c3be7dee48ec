"""The manifest of a Sentinel-3 package: what it tells of the product, and its files.

Sentinel-3 PDGS File Naming Convention (EUM/LEO-SEN3/SPE/10/0070) and SAFE (CCSDS 661.0-B-1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from shapely.geometry.base import BaseGeometry

from flows.elements import moment
from flows.extent import around
from infrastructure import safe_xml
from infrastructure.errors import Unreadable

NAME = "xfdumanifest.xml"


TIMELINESS = {"NR": "PT3H", "ST": "PT48H", "NT": "P1M"}
"""Category -> the longest time from sensing to delivery, as a duration of ISO 8601."""


@dataclass(frozen=True)
class Part:
    """A file that the manifest names."""

    path: str
    """Below the package."""
    title: str
    media_type: str
    key: str
    """From the name that the manifest has for it: `lst-in` of `LST_IN_Data`."""


def parse(content: bytes) -> etree._Element:
    """The manifest.

    Raises:
        Unreadable: it is damaged, or is no manifest of Sentinel-3.
    """
    root = safe_xml.parse(content, NAME)
    if _text(root, "productName") is None:
        raise Unreadable(f"{NAME}: it names no product")
    return root


def product(root: etree._Element) -> str:
    """The product's name, without the ending of its folder."""
    return (_text(root, "productName") or "").removesuffix(".SEN3")


def footprint(root: etree._Element) -> BaseGeometry:
    """In degrees, longitude first, split at ±180 (RFC 7946, 3.1.9).

    Raises:
        Unreadable: there is none, or its coordinates are no numbers.
    """
    try:
        numbers = [float(word) for word in (_text(root, "footPrint/{*}posList") or "").split()]
        ring = [*zip(numbers[1::2], numbers[::2], strict=True)]
        return around(ring)
    except (ValueError, IndexError) as error:
        raise Unreadable(f"{NAME}: its footprint cannot be read: {error}") from error


def times(root: etree._Element) -> list[Any]:
    """First and last moment of the acquisition, UTC.

    Raises:
        Unreadable: it tells none.
    """
    told = [moment(_text(root, name) or "") for name in ("startTime", "stopTime")]
    if None in told:
        raise Unreadable(f"{NAME}: it tells no start or no end of the acquisition")
    return told


def properties(root: etree._Element) -> dict[str, Any]:
    """What it tells, as STAC properties; shares of pixels are per cent.

    Raises:
        Unreadable: a number is none.
    """
    try:
        told = {**_satellite(root), **_orbit(root), **_product(root), **dict(_shares(root))}
    except ValueError as error:
        raise Unreadable(f"{NAME}: {error}") from error
    return {key: value for key, value in told.items() if value not in (None, "", [])}


def _satellite(root: etree._Element) -> dict[str, Any]:
    names = [e.get("abbreviation", "").lower() for e in root.iterfind(".//{*}instrument/*")]
    return {
        "platform": f"sentinel-3{(_text(root, 'platform/{*}number') or '').lower()}",
        "constellation": "sentinel-3",
        "instruments": [name for name in dict.fromkeys(names) if name],
        "sat:platform_international_designator": _text(root, "platform/{*}nssdcIdentifier"),
    }


def _orbit(root: etree._Element) -> dict[str, Any]:
    absolute = root.find(".//{*}orbitReference/{*}orbitNumber")
    if absolute is None:
        return {}
    return {
        "sat:orbit_state": absolute.get("groundTrackDirection"),
        "sat:absolute_orbit": int(absolute.text or ""),
        "sat:relative_orbit": _whole(root, "orbitReference/{*}relativeOrbitNumber"),
        "sat:orbit_cycle": _whole(root, "orbitReference/{*}cycleNumber"),
    }


def _product(root: etree._Element) -> dict[str, Any]:
    made = moment(_text(root, "creationTime") or "")
    category = _text(root, "timeliness") or ""
    resolution = _text(root, "resolution/{*}spatialResolution")
    return {
        "product:type": _text(root, "productType"),
        "product:timeliness": TIMELINESS.get(category),
        "product:timeliness_category": category if category in TIMELINESS else None,
        "processing:version": _text(root, "baselineCollection"),
        "processing:level": f"L{(_text(root, 'productType') or '')[3:4]}",
        "created": made.isoformat().replace("+00:00", "Z") if made else None,
        "gsd": float(resolution) if resolution else None,
    }


def _shares(root: etree._Element) -> Iterator[tuple[str, float]]:
    """Shares of kinds of pixels: `s3:saline_water` of `salineWaterPixels`."""
    for element in root.iterfind(".//{*}*[@percentage]"):
        name = re.sub(r"(?<!^)([A-Z])", r"_\1", etree.QName(element).localname).lower()
        share = float(element.get("percentage", ""))
        kind = name.removesuffix("_pixels")
        yield ("eo:cloud_cover" if kind == "cloudy" else f"s3:{kind}"), share


def parts(root: etree._Element) -> Iterator[Part]:
    """The files that it names."""
    for data in root.iterfind(".//{*}dataObject"):
        stream, place = data.find("{*}byteStream"), data.find("{*}byteStream/{*}fileLocation")
        if stream is not None and place is not None:
            path = place.get("href", "").removeprefix("./")
            key = data.get("ID", path).removesuffix("_Data").replace("_", "-").lower()
            yield Part(path, place.get("textInfo", path), stream.get("mimeType", ""), key)


def _text(root: etree._Element, path: str) -> str | None:
    return (root.findtext(f".//{{*}}{path}") or "").strip() or None


def _whole(root: etree._Element, path: str) -> int | None:
    told = _text(root, path)
    return int(told) if told else None
