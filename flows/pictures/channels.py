"""Which bands of an item make its picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pystac
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from flows.raster import data_assets, is_classes, opened
from infrastructure.errors import Invalid

TRUE_COLOUR = ("red", "green", "blue")

WAVELENGTHS = ((0.665, 0.04), (0.56, 0.04), (0.485, 0.04))
"""Centre of red, green and blue, and how far a band may be from it, micrometres."""

RGB = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)


@dataclass(frozen=True)
class Channel:
    """A band that becomes red, green, blue or grey."""

    key: str
    """Of the asset."""
    band: int
    """Its number in the file, from 1."""


def choose(item: pystac.Item, assets: list[str] | None = None) -> list[Channel]:
    """Three bands for red, green and blue, one for grey or a palette, or none without data.

    Without a wish: a true-colour picture that the product has (role `visual`), else bands by common
    name, by wavelength, by the first of the item's `renders` that names its assets, else the first
    data asset that is no classification.

    Args:
        item: The item.
        assets: One asset, or three for red, green and blue.

    Raises:
        Invalid: the item has no such asset, or they are not one or three.
        Unreadable: a file is no raster, or damaged.
    """
    if assets is not None:
        return _named(item, assets)
    roads: tuple[Callable[[pystac.Item], list[Channel]], ...] = (
        _visual,
        _by_name,
        _by_wavelength,
        _by_render,
        _first,
    )
    return next((found for road in roads if (found := road(item))), [])


def _named(item: pystac.Item, keys: list[str]) -> list[Channel]:
    missing = [key for key in keys if key not in item.assets]
    if missing:
        raise Invalid(f"{item.id}: a picture cannot be made of {', '.join(missing)}: no such asset")
    if len(keys) not in {1, 3}:
        raise Invalid(f"{item.id}: a picture is made of one asset or three, not of {len(keys)}")
    return _of_asset(keys[0], item) if len(keys) == 1 else [Channel(key, 1) for key in keys]


def _visual(item: pystac.Item) -> list[Channel]:
    key = next((key for key, asset in item.assets.items() if asset.has_role("visual")), None)
    return _of_asset(key, item) if key else []


def _by_name(item: pystac.Item) -> list[Channel]:
    found: dict[str, Channel] = {}
    for channel, band in _bands(item):
        found.setdefault(str(band.get("eo:common_name")), channel)
    for key in TRUE_COLOUR:
        if key in data_assets(item):
            found.setdefault(key, Channel(key, 1))
    return [found[name] for name in TRUE_COLOUR] if set(TRUE_COLOUR) <= found.keys() else []


def _by_wavelength(item: pystac.Item) -> list[Channel]:
    centres = [
        (channel, float(band["eo:center_wavelength"]))
        for channel, band in _bands(item)
        if "eo:center_wavelength" in band
    ]
    if not centres:
        return []
    nearest = [min(centres, key=lambda one: abs(one[1] - at)) for at, _ in WAVELENGTHS]
    close = all(
        abs(centre - at) <= reach
        for (_, centre), (at, reach) in zip(nearest, WAVELENGTHS, strict=True)
    )
    return [channel for channel, _ in nearest] if close else []


def _by_render(item: pystac.Item) -> list[Channel]:
    for render in item.properties.get("renders", {}).values():
        keys = render.get("assets", [])
        bands = render.get("bidx", [])
        if not keys or not set(keys) <= data_assets(item).keys():
            continue
        if len(keys) == 1 and len(bands) in {1, 3}:
            return [Channel(keys[0], band) for band in bands]
        if len(keys) in {1, 3}:
            return _named(item, keys)
    return []


def _first(item: pystac.Item) -> list[Channel]:
    data = data_assets(item)
    pixels = [key for key, asset in data.items() if not is_classes(asset)]
    keys = pixels or list(data)
    return _of_asset(keys[0], item) if keys else []


def _bands(item: pystac.Item) -> Iterator[tuple[Channel, dict[str, Any]]]:
    """Every band that an item tells about; what stands in an asset holds for its bands."""
    for key, asset in data_assets(item).items():
        if not is_classes(asset):
            fields = asset.extra_fields
            for number, band in enumerate(fields.get("bands") or [{}], 1):
                yield Channel(key, number), {**fields, **band}


def _of_asset(key: str, item: pystac.Item) -> list[Channel]:
    with opened(item.assets[key].href) as source:
        return [Channel(key, band) for band in _of_file(source)]


def _of_file(source: DatasetReader) -> list[int]:
    told = source.colorinterp
    if set(RGB) <= set(told):
        return [told.index(colour) + 1 for colour in RGB]
    colours = [band for band, kind in enumerate(told, 1) if kind is not ColorInterp.alpha]
    return colours[:3] if len(colours) >= 3 else colours[:1]
