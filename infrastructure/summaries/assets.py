"""What the items' assets have in common, by asset key: learnt from one item of each sort.

Items of the same asset keys are of one sort. Only the first of a sort is looked at, so that the
cost of an item is that of comparing names.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from infrastructure.digests import hexadecimal

SORTS = 200
"""Sorts of items that are told apart; items of further ones are not looked at."""

KEYS = 100
"""Asset keys that a collection tells of: beyond it keys are names of files, not of sorts."""

COMMON = ("title", "description", "type", "roles", "gsd", "data_type", "nodata", "unit")
BAND = (
    "name", "description", "data_type", "nodata", "unit", "eo:common_name",
    "eo:center_wavelength", "eo:full_width_half_max", "raster:scale", "raster:offset",
)  # fmt: skip


def widened(seen: Mapping[str, Any], batch: Iterable[Any]) -> dict[str, Any]:
    """What was seen, with the assets of more items.

    Args:
        seen: `sorts` (digests of asset keys), `assets` (key -> Item Asset Definition) and
            `stretch` (key -> for each band [low, high] or None).
        batch: The Assets objects of items.
    """
    first = {tuple(assets): assets for assets in batch if isinstance(assets, dict)}
    sorts = list(seen.get("sorts", ()))
    common, stretch = dict(seen.get("assets", {})), dict(seen.get("stretch", {}))
    for keys, assets in first.items():
        sort = hexadecimal("\n".join(sorted(keys)).encode())[:16]
        if sort in sorts or len(sorts) >= SORTS:
            continue
        sorts.append(sort)
        for key, asset in assets.items():
            if isinstance(asset, dict) and (key in common or len(common) <= KEYS):
                common[key] = _shared(common.get(key), definition(asset))
                if not any(stretch.get(key, ())):
                    stretch[key] = [_stretch(band) for band in _bands(asset)]
    return {"sorts": sorts, "assets": common, "stretch": stretch} if sorts else {}


def item_assets(seen: Mapping[str, Any]) -> dict[str, Any]:
    """The Item Asset Definitions; none if there are too many keys, or nothing is common to one."""
    assets = seen.get("assets", {})
    return {} if len(assets) > KEYS else {key: asset for key, asset in assets.items() if asset}


def definition(asset: Mapping[str, Any]) -> dict[str, Any]:
    """What an asset says that other items' may say too: its bands in the form of STAC 1.1."""
    bands = [{k: band[k] for k in BAND if band.get(k) is not None} for band in _bands(asset)]
    common = {key: asset[key] for key in COMMON if asset.get(key) is not None}
    return common | ({"bands": bands} if any(bands) else {})


def _bands(asset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The bands of an asset, with those of STAC 1.0 under their names of today."""
    bands = _dicts(asset.get("bands"))
    if bands:
        return bands
    colours, rasters = _dicts(asset.get("eo:bands")), _dicts(asset.get("raster:bands"))
    size = max(len(colours), len(rasters))
    colours += [{}] * (size - len(colours))
    rasters += [{}] * (size - len(rasters))
    return [
        _renamed(c, "eo:") | _renamed(r, "raster:") for c, r in zip(colours, rasters, strict=True)
    ]


def _renamed(band: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    names = {key.partition(":")[2]: key for key in BAND if key.startswith(prefix)}
    return {names.get(key, key): value for key, value in band.items()}


def _dicts(value: Any) -> list[dict[str, Any]]:
    good = isinstance(value, list) and all(isinstance(part, dict) for part in value)
    return list(value) if good else []


def _shared(one: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    """What two definitions agree on."""
    return other if one is None else {k: v for k, v in one.items() if other.get(k) == v}


def _stretch(band: Mapping[str, Any]) -> list[float] | None:
    """The values to draw from black to white: two deviations around the mean, if it is told."""
    told = band.get("statistics")
    try:
        low, high = float(told["minimum"]), float(told["maximum"])  # type: ignore[index]
        if told.get("stddev"):  # type: ignore[union-attr]
            mean, spread = float(told["mean"]), 2 * float(told["stddev"])  # type: ignore[index]
            low, high = max(low, mean - spread), min(high, mean + spread)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    return [low, high] if low < high and abs(low) + abs(high) < float("inf") else None
