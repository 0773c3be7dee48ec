"""The manifest of a Level 1 product, as STAC properties."""

import re
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from flows.elements import moment
from infrastructure import safe_xml
from infrastructure.errors import Unreadable

NAME = "manifest.safe"

RADAR = {
    "sar:frequency_band": "C",
    "sar:center_frequency": 5.405,
    "sar:observation_direction": "right",
}
"""Of every product; the frequency is in gigahertz."""

GRD: dict[tuple[str, str], tuple[float, ...]] = {
    ("IW", "H"): (20, 22, 10, 10, 5, 1, 4.4),
    ("IW", "M"): (88, 87, 40, 40, 22, 5, 81.8),
    ("EW", "H"): (50, 50, 25, 25, 3, 1, 2.7),
    ("EW", "M"): (93, 87, 40, 40, 6, 2, 10.7),
}
"""Mode and resolution class of ground range detected images -> `GEOMETRY`."""

GEOMETRY = (
    "sar:resolution_range", "sar:resolution_azimuth",
    "sar:pixel_spacing_range", "sar:pixel_spacing_azimuth",
    "sar:looks_range", "sar:looks_azimuth", "sar:looks_equivalent_number",
)  # fmt: skip
"""Metres, and numbers of looks."""

RESOLUTIONS = {"F": "full", "H": "high", "M": "medium"}

LEVELS = {"GRD": "1", "SLC": "1"}
"""Product type -> processing level."""

PRODUCT = re.compile(r"S1[A-D]_(?:IW|EW|WV|S\d)_(?:GRD|SLC)(?P<resolution>[FHM_])_.+")
"""Name of a product; a folder may have been given another one."""


def parse(content: bytes) -> etree._Element:
    """The manifest.

    Raises:
        Unreadable: it is damaged, or is not that of a Sentinel-1 product.
    """
    root = safe_xml.parse(content, NAME)
    if (text(root, "platform/{*}familyName") or "").upper() != "SENTINEL-1":
        raise Unreadable(f"{NAME}: it is not that of a Sentinel-1 product")
    return root


def text(root: etree._Element, path: str) -> str | None:
    """What the first element at a path says."""
    return (root.findtext(f".//{{*}}{path}") or "").strip() or None


def times(root: etree._Element) -> tuple[datetime, datetime]:
    """First and last moment of the acquisition, UTC.

    Raises:
        Unreadable: it tells none.
    """
    start, stop = (
        moment(text(root, f"acquisitionPeriod/{{*}}{name}") or "")
        for name in ("startTime", "stopTime")
    )
    if start is None or stop is None:
        raise Unreadable(f"{NAME}: it tells no start or no end of the acquisition")
    return start, stop


def corners(root: etree._Element) -> list[tuple[float, float]]:
    """Corners of the image, longitude and latitude in degrees; the manifest has latitude first.

    Raises:
        Unreadable: there are none, or they are no numbers.
    """
    told = text(root, "footPrint/{*}coordinates") or ""
    try:
        pairs = [tuple(map(float, pair.split(","))) for pair in told.split()]
        ring = [(longitude, latitude) for latitude, longitude in pairs]
    except ValueError as error:
        raise Unreadable(f"{NAME}: its footprint cannot be read: {error}") from error
    if len(ring) < 3:
        raise Unreadable(f"{NAME}: it has no footprint")
    return ring


def files(root: etree._Element) -> list[str]:
    """Paths of the images that it names."""
    named = (place.get("href", "") for place in root.iterfind(".//{*}fileLocation"))
    paths = (href.removeprefix("./") for href in named)
    return [path for path in paths if path.startswith("measurement/")]


def properties(root: etree._Element, product: str) -> dict[str, Any]:
    """What it tells.

    Args:
        root: The manifest.
        product: The product's name, which tells the class of resolution, or another name of the
            folder, which tells nothing.

    Raises:
        Unreadable: a number is none.
    """
    try:
        told = {**_satellite(root), **_orbit(root), **_radar(root, product), **_own(root, product)}
    except ValueError as error:
        raise Unreadable(f"{NAME}: {error}") from error
    return {key: value for key, value in told.items() if value not in (None, "", [])}


def _satellite(root: etree._Element) -> dict[str, Any]:
    return {
        "platform": f"sentinel-1{(text(root, 'platform/{*}number') or '').lower()}",
        "constellation": "sentinel-1",
        "instruments": ["c-sar"],
        "sat:platform_international_designator": text(root, "platform/{*}nssdcIdentifier"),
    }


def _orbit(root: etree._Element) -> dict[str, Any]:
    node = moment(text(root, "orbitProperties/{*}ascendingNodeTime") or "")
    return {
        "sat:orbit_state": (text(root, "orbitProperties/{*}pass") or "").lower(),
        "sat:absolute_orbit": int(text(root, "orbitReference/{*}orbitNumber") or 0) or None,
        "sat:relative_orbit": int(text(root, "orbitReference/{*}relativeOrbitNumber") or 0) or None,
        "sat:orbit_cycle": int(text(root, "orbitReference/{*}cycleNumber") or 0) or None,
        "sat:anx_datetime": node and node.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


def _radar(root: etree._Element, product: str) -> dict[str, Any]:
    mode, kind = text(root, "instrumentMode/{*}mode") or "", text(root, "productType")
    channels = root.iterfind(".//{*}transmitterReceiverPolarisation")
    numbers = GRD.get((mode, _resolution(product)), ()) if kind == "GRD" else ()
    return {
        **RADAR,
        "sar:instrument_mode": mode,
        "sar:product_type": kind,
        "sar:polarizations": [(channel.text or "").strip() for channel in channels],
        **dict(zip(GEOMETRY, numbers, strict=False)),
    }


def _own(root: etree._Element, product: str) -> dict[str, Any]:
    """What has a word in the Sentinel-1 extension, and what tells of the making."""
    last = root.find(".//{*}processing")
    made = moment(last.get("stop", "")) if last is not None else None
    software = None if last is None else last.find("{*}facility/{*}software")
    when = made and made.isoformat().replace("+00:00", "Z")
    level = LEVELS.get(text(root, "productType") or "")
    return {
        "created": when,
        "product:type": text(root, "productType"),
        "processing:level": level and f"L{level}",
        "processing:facility": None if last is None else _name(last.find("{*}facility")),
        "processing:software": None
        if software is None
        else {software.get("name", ""): software.get("version", "")},
        "s1:product_identifier": product if PRODUCT.fullmatch(product) else None,
        "s1:instrument_configuration_ID": text(root, "instrumentConfigurationID"),
        "s1:datatake_id": text(root, "missionDataTakeID"),
        "s1:product_timeliness": text(root, "productTimelinessCategory"),
        "s1:processing_level": level,
        "s1:resolution": RESOLUTIONS.get(_resolution(product)),
        "s1:slice_number": text(root, "sliceNumber"),
        "s1:total_slices": text(root, "totalSlices"),
        "s1:processing_datetime": when,
    }


def _name(element: etree._Element | None) -> str | None:
    return None if element is None else element.get("name")


def _resolution(product: str) -> str:
    """Class of resolution in the product's name; nothing, if it is not a product's name."""
    found = PRODUCT.fullmatch(product)
    return found["resolution"] if found else ""
