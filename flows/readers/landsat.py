"""Landsat scenes, Collections 1 and 2, Levels 1 and 2: band files, with or without their MTL.

Without an MTL only the day is known: `datetime` is null, and the item spans that day in UTC.
"""

from datetime import datetime
from typing import Any

import pystac

from flows.extent import Raster, look, outline
from flows.found import Found
from flows.landsat import bands, mtl
from flows.landsat.names import Scene, parse
from infrastructure.errors import Unreadable

EO = "https://stac-extensions.github.io/eo/v2.0.0/schema.json"
VIEW = "https://stac-extensions.github.io/view/v1.1.0/schema.json"
LANDSAT = "https://stac-extensions.github.io/landsat/v2.0.0/schema.json"
RASTER = "https://stac-extensions.github.io/raster/v2.0.0/schema.json"

NUMBERS = {
    "eo:cloud_cover": "CLOUD_COVER",
    "landsat:cloud_cover_land": "CLOUD_COVER_LAND",
    "view:sun_azimuth": "SUN_AZIMUTH",
    "view:sun_elevation": "SUN_ELEVATION",
}
"""STAC property -> key of the MTL: per cent and degrees. -1 stands for a figure never made."""

MEDIA_TYPES = {"json": "application/json", "xml": "application/xml", "txt": "text/plain"}


def recognises(found: Found) -> bool:
    """Whether one of the files has the name of a Landsat band."""
    return any(parse(name) for name in found.files)


def read(found: Found) -> pystac.Item:
    """Make an item of a scene; bands that were not delivered are not missed.

    Raises:
        Unreadable: files of several scenes, a damaged file, or a raster without a place.
        Unreachable: the MTL cannot be fetched.
    """
    parts = {name: parsed for name in sorted(found.files) if (parsed := parse(name))}
    scenes = {scene for scene, _ in parts.values()}
    if len(scenes) > 1:
        products = ", ".join(sorted(scene.product for scene in scenes))
        raise Unreadable(f"{found.upstream_id}: files of several scenes: {products}")
    scene = scenes.pop()
    metadata_file = mtl.find(found.files)
    metadata = mtl.read(*metadata_file) if metadata_file else {}
    if metadata.get("LANDSAT_PRODUCT_ID", scene.product) != scene.product:
        raise Unreadable(f"{found.upstream_id}: the metadata are of another scene")
    try:
        properties = {**_properties(scene), **_measured(metadata), **_day(scene, metadata)}
        instant = _instant(metadata)
    except (KeyError, ValueError) as error:
        raise Unreadable(
            f"{found.upstream_id}: wrong value in name or metadata: {error}"
        ) from error
    rasters = {name: look(name, found.files[name]) for name in parts}
    geometry, bbox = outline(list(rasters.values()))
    item = pystac.Item(
        id=scene.product,
        geometry=geometry,
        bbox=bbox,
        datetime=instant,
        properties=properties,
        stac_extensions=_extensions(properties),
    )
    for name, (_, part) in parts.items():
        key, asset = _asset(found.files[name], scene, part, rasters[name], metadata)
        item.add_asset(key, asset)
    if metadata_file:
        name, href = metadata_file
        media_type = MEDIA_TYPES[name.rpartition(".")[2].lower()]
        item.add_asset(
            "mtl", pystac.Asset(href, "Product metadata", None, media_type, ["metadata"])
        )
    return item


def _extensions(properties: dict[str, Any]) -> list[str]:
    """The extensions whose required properties are there."""
    extensions = [EO, RASTER]
    if any(name.startswith("view:") for name in properties):
        extensions.append(VIEW)
    if {"landsat:scene_id", "landsat:cloud_cover_land"} <= properties.keys():
        extensions.append(LANDSAT)
    return extensions


def _instant(metadata: dict[str, str]) -> datetime | None:
    if "SCENE_CENTER_TIME" not in metadata:
        return None
    time = metadata["SCENE_CENTER_TIME"].rstrip("Z")[:15]  # to microseconds
    return datetime.fromisoformat(f"{metadata['DATE_ACQUIRED']}T{time}+00:00")


def _day(scene: Scene, metadata: dict[str, str]) -> dict[str, str]:
    if _instant(metadata):
        return {}
    day = datetime.strptime(scene.day, "%Y%m%d").date()  # noqa: DTZ007 - a day, no moment
    return {"start_datetime": f"{day}T00:00:00Z", "end_datetime": f"{day}T23:59:59Z"}


def _properties(scene: Scene) -> dict[str, Any]:
    return {
        "platform": f"landsat-{int(scene.satellite)}",
        "instruments": bands.instruments(scene),
        "constellation": "landsat",
        "landsat:wrs_type": "1" if scene.satellite in {"01", "02", "03"} else "2",
        "landsat:wrs_path": scene.path,
        "landsat:wrs_row": scene.row,
        "landsat:correction": scene.level,
        "landsat:collection_number": scene.collection,
        "landsat:collection_category": scene.tier,
    }


def _measured(metadata: dict[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        name: float(metadata[key])
        for name, key in NUMBERS.items()
        if key in metadata and float(metadata[key]) != -1
    }
    if "view:sun_azimuth" in properties:
        properties["view:sun_azimuth"] %= 360
    if metadata.get("NADIR_OFFNADIR") == "NADIR":
        properties["view:off_nadir"] = 0
    if scene_id := metadata.get("LANDSAT_SCENE_ID"):
        properties["landsat:scene_id"] = scene_id
    return properties


def _asset(
    href: str, scene: Scene, part: str, raster: Raster, metadata: dict[str, str]
) -> tuple[str, pystac.Asset]:
    """Key and asset of a file: a common name where the band has one, else the part's own name."""
    fields: dict[str, Any] = {"gsd": raster.resolution} if raster.metric else {}
    band = bands.find(scene, part)
    title = part.replace("_", " ")
    if band:
        title = f"Band {band.number}: {band.name}"
        spectrum = {"eo:common_name": band.name, "eo:center_wavelength": band.wavelength}
        fields["bands"] = [{"name": part, **spectrum}]
        if scaling := bands.scaling(scene, band, metadata):
            fields["raster:scale"], fields["raster:offset"] = scaling
    flags = band is None and "QA" in part and part != "ST_QA"
    roles = ["data", "quality"] if flags else ["data"]
    media_type = pystac.MediaType.GEOTIFF
    asset = pystac.Asset(href, title, None, media_type, roles, fields)
    return (band.name if band else part.lower()), asset
