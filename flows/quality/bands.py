"""The quality band of an item: which it is, how often each value occurs, and what that means."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pystac
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window

from flows.quality import landsat, sentinel2
from flows.quality.kinds import Kinds
from flows.raster import file_name, opened
from infrastructure.errors import Unreadable

READINGS: dict[str, Callable[[NDArray[np.integer]], Kinds]] = {
    "qa_pixel": landsat.qa_pixel,
    "bqa": landsat.bqa,
    "scl": sentinel2.scl,
}
"""Name of a quality band -> how to read it; by preference."""

KEY = re.compile(r"(?P<name>qa_pixel|bqa|scl)(?:[_-]?[126]0m?)?", re.IGNORECASE)
"""Keys of the assets that are such bands; Sentinel-2 has its own in several resolutions."""

VALUES = 2**16
"""Values that a quality band can have, at most."""

PIXELS = 2**22
"""Pixels that are read at a time, about."""


@dataclass(frozen=True)
class Counted:
    """A quality band, counted."""

    name: str
    values: NDArray[np.integer]
    """That occur."""
    counts: NDArray[np.integer]
    """How many pixels have each."""

    def shares(self) -> dict[str, float]:
        """Per cent of the valid pixels by kind; nothing, if no pixel is valid."""
        kinds = READINGS[self.name](self.values)
        valid = np.where(kinds.valid, self.counts, 0)
        if not valid.sum():
            return {}
        masks = {
            "clear": ~kinds.obscured,
            "cloud": kinds.cloud,
            "shadow": kinds.shadow,
            "snow": kinds.snow,
            "water": kinds.water,
        }
        return {
            kind: round(100 * float(valid[mask].sum() / valid.sum()), 2)
            for kind, mask in masks.items()
            if mask is not None
        }


def find(item: pystac.Item) -> tuple[str, pystac.Asset] | None:
    """The quality band that an item has, by its asset's key: its name and its asset."""
    named = [
        (m["name"].lower(), item.assets[key]) for key in item.assets if (m := KEY.fullmatch(key))
    ]
    return min(named, key=lambda band: list(READINGS).index(band[0]), default=None)


def count(name: str, asset: pystac.Asset) -> Counted:
    """Count the values of a quality band at full resolution, piece by piece.

    Raises:
        Unreadable: the file is no raster, is damaged, or has no whole numbers.
        Unreachable: its server does not answer.
    """
    totals = np.zeros(VALUES, "int64")
    with opened(asset.href) as source:
        if source.dtypes[0] not in {"uint8", "uint16", "int16"}:
            told = f"{source.dtypes[0]} is no type of a quality band"
            raise Unreadable(f"{file_name(asset.href)}: {told}")
        for window in _windows(source):
            values = source.read(1, window=window).astype("uint16", copy=False)
            totals += np.bincount(values.ravel(), minlength=VALUES)
        if source.nodata:  # 0 stands for nothing in every band
            totals[0] += totals[int(source.nodata)]
            totals[int(source.nodata)] = 0
    (values,) = totals.nonzero()
    return Counted(name, values, totals[values])


def _windows(source: DatasetReader) -> Iterator[Window]:
    """Strips of whole blocks from the top down."""
    block = source.block_shapes[0][0]
    rows = max(1, PIXELS // source.width // block) * block
    for top in range(0, source.height, rows):
        yield Window(0, top, source.width, min(rows, source.height - top))
