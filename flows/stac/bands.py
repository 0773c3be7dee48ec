"""Bands as STAC had them before 1.1, as it has them now (STAC 1.1, Common Metadata, Bands).

Before, `eo:bands` and `raster:bands` of an asset told half of each band each.
"""

from itertools import zip_longest
from typing import Any

Json = dict[str, Any]

EO = ("common_name", "center_wavelength", "full_width_half_max", "solar_illumination")
"""Fields of `eo:bands` that have the prefix `eo:` now; the others have none."""

RASTER = ("bits_per_sample", "histogram", "offset", "sampling", "scale", "spatial_resolution")
"""Fields of `raster:bands` that have the prefix `raster:` now; the others have none."""

OLD = ("eo:bands", "raster:bands")

RELEASES = {
    f"https://stac-extensions.github.io/{name}/v{old}/schema.json": (
        f"https://stac-extensions.github.io/{name}/v2.0.0/schema.json"
    )
    for name in ("eo", "raster")
    for old in ("1.0.0", "1.1.0")
}
"""Releases with the old bands -> those with the new ones."""


def modern(item: Json) -> Json:
    """The item with `bands`; one that has none of the old, or both, stays as it is."""
    assets = {key: _asset(asset) for key, asset in item["assets"].items()}
    if assets == item["assets"]:
        return item
    declared = item.get("stac_extensions") or []
    told = dict.fromkeys(RELEASES.get(schema, schema) for schema in declared)
    return {**item, "assets": assets, "stac_extensions": list(told)}


def _asset(asset: Json) -> Json:
    eo, raster = (asset.get(name) for name in OLD)
    if "bands" in asset or not _is_told(eo) or not _is_told(raster) or not (eo or raster):
        return asset
    pairs: Any = zip_longest(eo or [], raster or [], fillvalue={})
    bands = [{**_renamed(one, "eo", EO), **_renamed(two, "raster", RASTER)} for one, two in pairs]
    return {**{key: part for key, part in asset.items() if key not in OLD}, "bands": bands}


def _is_told(bands: Any) -> bool:
    """Whether it is a list of bands, or nothing."""
    return bands is None or (
        isinstance(bands, list) and all(isinstance(band, dict) for band in bands)
    )


def _renamed(band: Json, prefix: str, names: tuple[str, ...]) -> Json:
    return {f"{prefix}:{key}" if key in names else key: part for key, part in band.items()}
