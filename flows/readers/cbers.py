"""Scenes of CBERS-4 and CBERS-4A: band files with INPE's names.

Only the day is known: `datetime` is null, and the item spans that day in UTC.
"""

from datetime import datetime
from typing import Any

import pystac

from flows import assets
from flows.cbers import BANDS, Scene, parse
from flows.extent import Raster, look, outline
from flows.found import Found
from infrastructure.errors import Unreadable


def recognises(found: Found) -> bool:
    """Whether one of the files has the name of a band."""
    return any(parse(name) for name in found.files)


def read(found: Found) -> pystac.Item:
    """Make an item of a scene; bands of its camera that were not delivered are in `swath:missing`.

    Raises:
        Unreadable: files of several scenes, a damaged file, or a day that there is not.
    """
    parts = {name: parsed for name in sorted(found.files) if (parsed := parse(name))}
    scenes = {scene for scene, _ in parts.values()}
    if len(scenes) > 1:
        names = ", ".join(sorted(scene.name for scene in scenes))
        raise Unreadable(f"{found.upstream_id}: files of several scenes: {names}")
    scene = scenes.pop()
    rasters = {name: look(name, found.files[name]) for name in parts}
    geometry, bbox = outline(list(rasters.values()))
    item = pystac.Item(
        id=scene.name,
        geometry=geometry,
        bbox=bbox,
        datetime=None,
        properties={**_day(scene, found), **_properties(scene), **_missing(scene, parts)},
    )
    for name, (_, band) in parts.items():
        key, asset = _asset(scene, band, rasters[name], found.files[name])
        item.add_asset(key, asset)
    for name, href in sorted(found.files.items()):
        if name.lower().endswith(".xml"):
            item.add_asset(name, assets.metadata(name, href, name))
    return item


def _day(scene: Scene, found: Found) -> dict[str, str]:
    try:
        day = datetime.strptime(scene.day, "%Y%m%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError as error:
        raise Unreadable(f"{found.upstream_id}: no date in its name: {error}") from error
    return {"start_datetime": f"{day}T00:00:00Z", "end_datetime": f"{day}T23:59:59Z"}


def _properties(scene: Scene) -> dict[str, Any]:
    return {
        "platform": f"cbers-{scene.satellite.lower()}",
        "instruments": [scene.camera.lower()],
        "constellation": "cbers",
        "processing:level": f"L{scene.level}",
        "cbers:path": int(scene.path),
        "cbers:row": int(scene.row),
    }


def _missing(scene: Scene, parts: dict[str, tuple[Scene, str]]) -> dict[str, list[str]]:
    there = {band for _, band in parts.values()}
    missing = [f"BAND{band}" for band in BANDS.get(scene.camera, ()) if band not in there]
    return {"swath:missing": missing} if missing else {}


def _asset(scene: Scene, band: str, raster: Raster, href: str) -> tuple[str, pystac.Asset]:
    """Key and asset of a band: its common name, if its camera is known, else its number."""
    name = f"BAND{band}"
    known = BANDS.get(scene.camera, {}).get(band)
    if known is None:
        return name.lower(), assets.data(raster, href, name, bands=[{"name": name}])
    common, centre, width = known
    spectrum = {
        "eo:common_name": common,
        "eo:center_wavelength": centre,
        "eo:full_width_half_max": width,
    }
    title = f"Band {band}: {common}"
    return common, assets.data(raster, href, title, bands=[{"name": name, **spectrum}])
