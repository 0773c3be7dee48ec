"""Drawing an item: its bands chosen, read, toned and coloured."""

from dataclasses import dataclass

import numpy as np
import pystac
from numpy.typing import NDArray
from PIL import Image

from flows.pictures.channels import choose
from flows.pictures.colours import Ramp, painted, palette, ramp
from flows.pictures.tones import PERCENTILES, decibel, finished, stretched
from flows.pictures.view import View, view
from flows.raster import is_classes
from infrastructure.errors import Misconfigured


@dataclass(frozen=True)
class Style:
    """How an item is drawn."""

    assets: list[str] | None = None
    """One asset, or three for red, green and blue; by default what `choose` finds."""
    gamma: float | None = None
    """Above 1 the middle tones get lighter; by default dark pictures are lifted as they need it.
    Pictures of 8 bits, classes and radar are left as they are."""
    percentiles: list[float] | None = None
    """The two of what becomes black and full colour, per band."""
    ramp: Ramp | None = None
    """Colours of a single band; by default grey."""

    def __post_init__(self) -> None:
        low, high = self.limits
        if not 0 <= low < high <= 100:
            raise Misconfigured(f"`percentiles` are {low} and {high}: not two of 0 to 100, upwards")

    @property
    def limits(self) -> tuple[float, float]:
        """The percentiles."""
        low, high = self.percentiles or PERCENTILES
        return low, high


def draw(item: pystac.Item, style: Style, size: int) -> Image.Image | None:
    """The picture of an item, RGB, or RGBA where something is clear; None without data.

    Args:
        item: The item.
        style: How it is drawn.
        size: Most pixels of the longer side.

    Raises:
        Invalid: the item has not the assets that are asked for.
        Misconfigured: the percentiles are none.
        Unreadable: a file is no raster, or damaged.
    """
    channels = choose(item, style.assets)
    if not channels:
        return None
    seen = view(item, channels, size)
    asset = item.assets[channels[0].key]
    if seen.palette or is_classes(asset):
        pixels = painted(seen.values[0], seen.palette or palette(asset, seen.values[0]))
        pixels[~seen.valid] = 0
    else:
        colours = _coloured(item, asset, seen, style)
        alpha = np.where(seen.valid, 255, 0).astype("uint8")
        pixels = np.dstack([np.where(seen.valid[..., None], colours, 0), alpha])
    image = Image.fromarray(pixels, "RGBA")
    return image if (pixels[..., 3] < 255).any() else image.convert("RGB")


def _coloured(
    item: pystac.Item, asset: pystac.Asset, seen: View, style: Style
) -> NDArray[np.uint8]:
    """Shape (rows, columns, 3)."""
    if len(seen.values) == 3:
        return np.moveaxis(_colour_tones(seen, style), 0, -1)
    tones = _grey_tones(item, asset, seen, style)
    return ramp(tones, style.ramp) if style.ramp else np.dstack([tones] * 3)


def _colour_tones(seen: View, style: Style) -> NDArray[np.uint8]:
    if seen.values.dtype == "uint8":
        return finished(seen.values, seen.valid)
    return stretched(seen.values, seen.valid, style.gamma, style.limits)


def _grey_tones(
    item: pystac.Item, asset: pystac.Asset, seen: View, style: Style
) -> NDArray[np.uint8]:
    if _is_radar(item, asset):
        strengths = decibel(seen.values, seen.valid)
        return np.asarray(stretched(strengths, seen.valid, 1.0, style.limits)[0])
    return np.asarray(stretched(seen.values, seen.valid, style.gamma, style.limits)[0])


def _is_radar(item: pystac.Item, asset: pystac.Asset) -> bool:
    bands = asset.extra_fields.get("bands", [])
    tellers = [item.properties, asset.extra_fields, *bands]
    return any(name.startswith("sar:") for teller in tellers for name in teller)
