"""The map layer that is proposed for a collection whose document has none."""

from collections.abc import Mapping
from typing import Any

SCHEMA = "https://stac-extensions.github.io/render/v2.0.0/schema.json"

COLOURS = {"red": (0.60, 0.70), "green": (0.51, 0.60), "blue": (0.44, 0.51)}
"""Common name -> centre wavelengths that are taken for it, in micrometres."""

GREY = ("pan", "nir", "nir08", "red", "vv", "hh")
"""Names of bands that make the best grey picture, best first."""

BYTES = [0.0, 255.0]
"""From black to white in a finished picture."""

Band = tuple[str, int]
"""Asset key, and number of the band in it from 1."""


def proposed(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Renders of what was seen of assets (see `assets.widened`): one, or none without rasters."""
    assets = {key: a for key, a in sorted(seen.get("assets", {}).items()) if _is_drawable(a)}
    if not assets:
        return {}
    if bands := _true_colour(assets):
        title = "True colour"
    elif bands := _picture(assets):
        title = "Colour"
    else:
        title, bands = "Grey", [_grey(assets)]
    return {"default": _render(title, bands, seen)}


def _is_drawable(asset: Mapping[str, Any]) -> bool:
    """It is data in a raster format: no picture for a quick look, no classes, no metadata."""
    roles, kind = asset.get("roles") or [], str(asset.get("type") or "image/tiff")
    raster = kind.startswith(("image/tiff", "image/jp2", "image/vnd.stac.geotiff"))
    if not raster or not isinstance(roles, list):
        return False
    return ("data" in roles or "visual" in roles or "bands" in asset) and "quality" not in roles


def _true_colour(assets: Mapping[str, Any]) -> list[Band]:
    """Red, green and blue, of one asset, or first bands of three; empty if one is missing."""
    firsts = {key: a | {"bands": a.get("bands", [])[:1]} for key, a in assets.items()}
    for part in [*({key: asset} for key, asset in assets.items()), firsts]:
        found = [_find(part, name, window) for name, window in COLOURS.items()]
        chosen = [band for band in found if band]
        if len(chosen) == len(COLOURS):
            return chosen
    return []


def _find(assets: Mapping[str, Any], name: str, window: tuple[float, float]) -> Band | None:
    """The band of that common name, else the one nearest to the middle of the wavelengths."""
    bands = [
        ((key, number), band)
        for key, asset in assets.items()
        for number, band in enumerate(asset.get("bands", ()), 1)
    ]
    named = [place for place, band in bands if band.get("eo:common_name") == name]
    if named:
        return named[0]
    middle = sum(window) / 2
    near = [
        (abs(wave - middle), place)
        for place, band in bands
        if isinstance(wave := band.get("eo:center_wavelength"), int | float)
        and "eo:common_name" not in band
        and window[0] <= wave < window[1]
    ]
    return min(near)[1] if near else None


def _picture(assets: Mapping[str, Any]) -> list[Band]:
    """The bands of the first asset that is a finished picture; empty if there is none."""
    for key, asset in assets.items():
        if _is_finished(asset) and len(asset["bands"]) == len(COLOURS):
            return [(key, number) for number in range(1, len(COLOURS) + 1)]
    return []


def _is_finished(asset: Mapping[str, Any]) -> bool:
    """Several bands of 8 bits: somebody has toned them to be looked at."""
    bands = asset.get("bands", ())
    told = [band.get("data_type", asset.get("data_type")) for band in bands]
    return len(told) >= len(COLOURS) and set(told) == {"uint8"}


def _grey(assets: Mapping[str, Any]) -> Band:
    for name in GREY:
        for key, asset in assets.items():
            if key.lower() == name:
                return key, 1
            for number, band in enumerate(asset.get("bands", ()), 1):
                if band.get("eo:common_name") == name:
                    return key, number
    return next(iter(assets)), 1


def _render(title: str, bands: list[Band], seen: Mapping[str, Any]) -> dict[str, Any]:
    """A Render Object; of one asset its bands are told by `bidx`."""
    keys = list(dict.fromkeys(key for key, _ in bands))
    render: dict[str, Any] = {"title": title, "assets": keys}
    if len(keys) == 1:
        render["bidx"] = [number for _, number in bands]
    finished = (
        len(bands) == len(COLOURS) and len(keys) == 1 and _is_finished(seen["assets"][keys[0]])
    )
    ranges = [BYTES if finished else _range(seen, band) for band in bands]
    if all(ranges):
        render["rescale"] = ranges
    return render


def _range(seen: Mapping[str, Any], band: Band) -> list[float] | None:
    key, number = band
    told = seen.get("stretch", {}).get(key, [])
    found: list[float] | None = told[number - 1] if number <= len(told) else None
    return found
