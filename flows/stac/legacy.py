"""Items of STAC 0.6 to 0.9, and of no version, as far as pystac's migration leaves them behind.

The specification's changelog tells what became what; names of extensions are those of their first
release of their own, which pystac takes on from there.
"""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

OLDEST = "0.6.0"

EXTENSIONS = {
    name: f"https://stac-extensions.github.io/{name}/{version}/schema.json"
    for name, version in (
        ("eo", "v1.1.0"),
        ("file", "v2.1.0"),
        ("sar", "v1.0.0"),
        ("sat", "v1.0.0"),
        ("view", "v1.0.0"),
    )
}
"""Prefix of fields -> the extension that has them; in 0.6 none had to be declared."""

RENAMED = {
    "item:license": "license",
    "item:providers": "providers",
    "dtr:start_datetime": "start_datetime",
    "dtr:end_datetime": "end_datetime",
    "sar:platform": "platform",
    "sar:constellation": "constellation",
    "sar:instrument": "instruments",
    "sar:type": "sar:product_type",
    "sar:polarization": "sar:polarizations",
    "sar:pass_direction": "sat:orbit_state",
    "sar:relative_orbit": "sat:relative_orbit",
    "sar:absolute_orbit": "sat:absolute_orbit",
    "sar:incidence_angle": "view:incidence_angle",
    "sar:off_nadir": "view:off_nadir",
}
"""Property of before 0.9 -> property of 1.0."""

SPLIT = {
    "sar:resolution": ("sar:resolution_range", "sar:resolution_azimuth"),
    "sar:pixel_spacing": ("sar:pixel_spacing_range", "sar:pixel_spacing_azimuth"),
    "sar:looks": ("sar:looks_range", "sar:looks_azimuth", "sar:looks_equivalent_number"),
}
"""List of before 0.9 -> one property for each of its values."""

CHECKSUMS = {
    ("md5", 16): "d501",
    ("sha1", 20): "11",
    ("sha2", 28): "9320",
    ("sha2", 32): "12",
    ("sha2", 48): "20",
    ("sha2", 64): "13",
    ("sha3", 28): "17",
    ("sha3", 32): "16",
    ("sha3", 48): "15",
    ("sha3", 64): "14",
}
"""Algorithm and length of the digest in bytes -> the algorithm's code in multihash, hex."""

MEDIA_TYPES = {
    "image/vnd.stac.geotiff": "image/tiff; application=geotiff",
    "image/vnd.stac.geotiff; cloud-optimized=true": (
        "image/tiff; application=geotiff; profile=cloud-optimized"
    ),
}


def is_old(item: Json) -> bool:
    """Whether an item is of a version before 1.0, or tells none."""
    return str(item.get("stac_version") or OLDEST).startswith("0.")


def with_commons(item: Json, commons: Json) -> Json:
    """The item with the properties that its collection has for all items (Commons, up to 0.9)."""
    own = item.get("properties")
    if not commons or not is_old(item) or not isinstance(own, dict):
        return item
    return {**item, "properties": {**commons, **own}}


def brought_up(item: Json) -> Json:
    """An old item in the form that pystac can migrate; the given one stays as it is.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is no item.
    """
    values = dict(item["properties"])
    bands = values.get("eo:bands")
    assets = {key: _asset(asset, bands) for key, asset in (item.get("assets") or {}).items()}
    if any("eo:bands" in asset for asset in assets.values()):
        values.pop("eo:bands", None)  # the assets have them now; pystac would look for numbers
    for step in (_renamed, _split, _shaped):
        step(values)
    links = item.get("links") or []
    return {
        **item,
        "stac_version": item.get("stac_version") or OLDEST,
        "stac_extensions": _extensions(item.get("stac_extensions") or [], values, assets),
        "properties": values,
        "assets": assets,
        "links": list(links.values()) if isinstance(links, dict) else links,
    }


def _renamed(values: Json) -> None:
    for before, after in RENAMED.items():
        if before in values:
            values.setdefault(after, values.pop(before))


def _split(values: Json) -> None:
    for before, after in SPLIT.items():
        if isinstance(values.get(before), list):
            for name, value in zip(after, values.pop(before), strict=False):
                values.setdefault(name, value)


def _shaped(values: Json) -> None:
    """Values whose form has changed with their name."""
    forms: dict[str, Callable[[Any], Any]] = {
        "instruments": lambda value: value if isinstance(value, list) else [value],
        "sat:orbit_state": lambda value: value or "geostationary",
        "sat:relative_orbit": _first,
        "sat:absolute_orbit": _first,
    }
    for name, form in forms.items():
        if name in values:
            values[name] = form(values[name])


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _extensions(told: list[str], values: Json, assets: dict[str, Json]) -> list[str]:
    """The extensions that the item tells, without those that are gone, and those it makes use of.

    The Commons and the times are in the properties by now, and the checksums in the assets.
    """
    gone = {"commons", "dtr", "datetime-range", "checksum", "asset", "single-item"}
    kept = [name for name in told if name not in gone]
    fields = {field for part in (values, *assets.values()) for field in part}
    for prefix in sorted({field.partition(":")[0] for field in fields if ":" in field}):
        uri = EXTENSIONS.get(prefix)
        if uri and prefix not in kept and not any(f"/{prefix}/v" in name for name in kept):
            kept.append(uri)
    return kept


def _asset(asset: Json, bands: Any) -> Json:
    asset = dict(asset)
    asset["type"] = MEDIA_TYPES.get(asset.get("type", ""), asset.get("type"))
    if asset["type"] is None:
        del asset["type"]
    if "eo:bands" in asset:
        asset["eo:bands"] = [_band(band, bands) for band in asset["eo:bands"]]
    for algorithm in ("md5", "sha1", "sha2", "sha3", "multihash"):
        if f"checksum:{algorithm}" in asset:
            asset["file:checksum"] = _multihash(algorithm, asset.pop(f"checksum:{algorithm}"))
    return asset


def _band(band: Any, bands: Any) -> Any:
    """The band that a number stands for; by its number, if the item does not tell of it."""
    if not isinstance(band, int):
        return band
    known = isinstance(bands, list) and 0 <= band < len(bands)
    return bands[band] if known else {"name": str(band)}


def _multihash(algorithm: str, digest: str) -> str:
    """A checksum as the File extension has it: code, length and digest, in hexadecimal."""
    if algorithm == "multihash":
        return digest
    length = len(bytes.fromhex(digest))
    return f"{CHECKSUMS[algorithm, length]}{length:02x}{digest}"
