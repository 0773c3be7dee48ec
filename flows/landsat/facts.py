"""The properties of a Landsat item: what the product's name tells, and what its MTL adds."""

from datetime import datetime
from typing import Any

from flows.landsat import bands
from flows.landsat.names import Scene

NUMBERS = {
    "eo:cloud_cover": "CLOUD_COVER",
    "landsat:cloud_cover_land": "CLOUD_COVER_LAND",
    "view:sun_azimuth": "SUN_AZIMUTH",
    "view:sun_elevation": "SUN_ELEVATION",
}
"""STAC property -> key of the MTL: per cent and degrees. -1 stands for a figure never made."""

DOI = "https://doi.org/"


def properties(scene: Scene, metadata: dict[str, str]) -> dict[str, Any]:
    """The properties.

    Raises:
        ValueError: the name or the MTL has an impossible value.
        KeyError: the MTL tells the time and not the day.
    """
    return {**_day(scene, metadata), **_named(scene), **_measured(metadata), **_made(metadata)}


def instant(metadata: dict[str, str]) -> datetime | None:
    """When the centre of the scene was seen, UTC; None without an MTL.

    Raises:
        ValueError: it is no time.
        KeyError: the day is missing.
    """
    if "SCENE_CENTER_TIME" not in metadata:
        return None
    time = metadata["SCENE_CENTER_TIME"].rstrip("Z")[:15]  # to microseconds
    return datetime.fromisoformat(f"{metadata['DATE_ACQUIRED']}T{time}+00:00")


def missing(scene: Scene, metadata: dict[str, str], names: set[str]) -> dict[str, list[str]]:
    """The files that the MTL names as the product's and that are not there.

    Args:
        scene: The scene.
        metadata: Of the MTL, which also names the files that the product was made from.
        names: Names of the files that are there, whole and in capitals.
    """
    told = {value for key, value in metadata.items() if "FILE_NAME" in key}
    own = {name for name in told if name.upper().startswith(f"{scene.product}_")}
    lost = sorted(name for name in own if name.upper() not in names)
    return {"swath:missing": lost} if lost else {}


def _day(scene: Scene, metadata: dict[str, str]) -> dict[str, str]:
    day = scene.date
    if instant(metadata):
        return {}
    return {"start_datetime": f"{day}T00:00:00Z", "end_datetime": f"{day}T23:59:59Z"}


def _named(scene: Scene) -> dict[str, Any]:
    told = {
        "platform": f"landsat-{scene.satellite}",
        "instruments": bands.instruments(scene),
        "constellation": "landsat",
        "gsd": bands.gsd(scene),
        "processing:level": scene.level[:2] if scene.level else None,
        "landsat:wrs_type": "1" if scene.satellite <= 3 else "2",
        "landsat:wrs_path": scene.path,
        "landsat:wrs_row": scene.row,
        "landsat:correction": scene.level,
        "landsat:collection_number": scene.collection,
        "landsat:collection_category": scene.tier,
        "landsat:scene_id": None if scene.collection else scene.product,
    }
    return {name: value for name, value in told.items() if value is not None}


def _measured(metadata: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: float(metadata[key])
        for name, key in NUMBERS.items()
        if key in metadata and float(metadata[key]) != -1
    }
    if "view:sun_azimuth" in told:
        told["view:sun_azimuth"] %= 360
    if metadata.get("NADIR_OFFNADIR") == "NADIR":
        told["view:off_nadir"] = 0
    return told


def _made(metadata: dict[str, str]) -> dict[str, Any]:
    """By which software and when the product was made, and its DOI."""
    told: dict[str, Any] = {}
    if scene := metadata.get("LANDSAT_SCENE_ID"):
        told["landsat:scene_id"] = scene
    if when := metadata.get("DATE_PRODUCT_GENERATED") or metadata.get("FILE_DATE"):
        told["landsat:product_generated"] = f"{datetime.fromisoformat(when):%Y-%m-%dT%H:%M:%SZ}"
    name, line, version = metadata.get("PROCESSING_SOFTWARE_VERSION", "").partition("_")
    if line:
        told["processing:software"] = {name: version}
    if (doi := metadata.get("DIGITAL_OBJECT_IDENTIFIER", "")).startswith(DOI):
        told["sci:doi"] = doi.removeprefix(DOI)
    return told
