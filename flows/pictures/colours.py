"""Colours for single bands: those of classes, and ramps."""

import colorsys
from typing import Literal

import numpy as np
import pystac
from numpy.typing import NDArray

Ramp = Literal["viridis", "terrain", "thermal", "vegetation", "water"]

Colours = NDArray[np.uint8]

RAMPS: dict[str, tuple[str, ...]] = {
    "viridis": ("440154", "3b528b", "21918c", "5ec962", "fde725"),
    "terrain": ("2b5c3a", "7a9a52", "d9cf8f", "b08d57", "8a6a4f", "f7f5f2"),
    "thermal": ("0b0724", "5b136e", "b5367a", "f5764e", "fcfdbf"),
    "vegetation": ("8c5a2b", "d9c27e", "f2efc0", "8fbf5a", "1a6b2d"),
    "water": ("f2f8fc", "a8cfe6", "4a98c9", "1464a5", "08306b"),
}
"""Name -> colours at equal distances, from the lowest tone to the highest."""

GOLDEN = 0.618034
"""Step from hue to hue that keeps neighbours apart."""


def ramp(tones: NDArray[np.uint8], name: Ramp) -> Colours:
    """Colours of tones: shape (rows, columns) becomes (rows, columns, 3)."""
    stops = np.array([_rgb(colour) for colour in RAMPS[name]], "float64")
    places = np.linspace(0, 255, len(stops))
    table = [np.interp(np.arange(256), places, channel) for channel in stops.T]
    colours: Colours = np.rint(np.stack(table, -1)).astype("uint8")
    return np.asarray(colours[tones])


def painted(
    classes: NDArray[np.generic], palette: dict[int, tuple[int, int, int, int]]
) -> NDArray[np.uint8]:
    """Red, green, blue and alpha of classes; a value without a colour is clear."""
    values, where = np.unique(classes, return_inverse=True)
    table = np.array([palette.get(int(value), (0, 0, 0, 0)) for value in values], "uint8")
    return np.asarray(table[where.reshape(classes.shape)])


def palette(
    asset: pystac.Asset, classes: NDArray[np.generic]
) -> dict[int, tuple[int, int, int, int]]:
    """Colours for the classes that occur: those that the asset tells, else distinct ones.

    0 has no colour of its own unless the asset tells one: it mostly stands for nothing.
    """
    told = asset.extra_fields.get("classification:classes", [])
    hints = {
        entry["value"]: (*_rgb(entry["color_hint"]), 255) for entry in told if "color_hint" in entry
    }
    if hints:
        return hints
    values = [int(value) for value in np.unique(classes) if value != 0]
    return {value: (*_distinct(rank), 255) for rank, value in enumerate(values)}


def _distinct(rank: int) -> tuple[int, int, int]:
    value = 0.9 - 0.15 * (rank % 3)
    red, green, blue = colorsys.hsv_to_rgb((0.33 + rank * GOLDEN) % 1, 0.55, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour)
    return red, green, blue
