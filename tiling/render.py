"""From the files of some items to one picture, read only where each item shows.

Every pixel is computed from its own place on the ground, by one warp from the source (or from its
overview) to the pixel grid of the picture. A picture cut in two therefore meets at the cut, and
neighbouring tiles have no seam, whether or not the file is in the map's own CRS and however far
the map is zoomed in.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infrastructure.catalogue import ItemAssets
from infrastructure.errors import Unreadable
from tiling.assets import read_asset
from tiling.colour import colour
from tiling.style import Style
from tiling.view import View, Window

log = logging.getLogger(__name__)


@dataclass
class Mosaic:
    """What was read so far; the first item that has a pixel keeps it."""

    view: View
    values: NDArray[Any] | None = None
    """Bands, rows, columns."""
    filled: NDArray[np.bool_] = field(init=False)
    """Rows, columns."""

    def __post_init__(self) -> None:
        self.filled = np.zeros((self.view.height, self.view.width), dtype=bool)

    def add(self, window: Window, part: np.ma.MaskedArray[Any, Any]) -> None:
        """Put the valid pixels of a part below those that are there.

        Raises:
            Unreadable: the part has another number of bands than those before it.
        """
        count = part.shape[0]
        if self.values is None:
            self.values = np.zeros((count, *self.filled.shape), dtype=part.dtype)
        if self.values.shape[0] != count:
            raise Unreadable(f"{count} bands, but {self.values.shape[0]} in the item above")
        kind = np.result_type(self.values.dtype, part.dtype)
        if kind != self.values.dtype:
            self.values = self.values.astype(kind)
        new = ~np.ma.getmaskarray(part).any(axis=0) & ~self.filled[window]
        self.values[:, *window][:, new] = part.data[:, new]
        self.filled[window] |= new


def draw(items: Iterable[ItemAssets], style: Style, view: View) -> NDArray[np.uint8] | None:
    """The picture of some items, the first on top; None if none of them shows anything.

    Returns:
        Red, green, blue and alpha from 0 to 255; shape (height, width, 4). Alpha is 0 wherever
        there is no data.

    Raises:
        Unreadable: a file cannot be opened or read, or the style does not fit what is in it.
        Misconfigured: the address of an asset has an unknown scheme.
    """
    mosaic = Mosaic(view)
    for item in items:
        if mosaic.filled.all():
            break
        if any(key not in item.hrefs for key in style.assets):
            log.info("item %s lacks an asset of %s", item.id, ", ".join(style.assets))
            continue
        for window in view.windows(item.bbox):
            if not mosaic.filled[window].all():
                mosaic.add(window, _read_item(item, style, view, window))
    if mosaic.values is None or not mosaic.filled.any():
        return None
    return colour(mosaic.values, mosaic.filled, style)


def _read_item(
    item: ItemAssets, style: Style, view: View, window: Window
) -> np.ma.MaskedArray[Any, Any]:
    parts = [read_asset(item.hrefs[key], style, view, window) for key in style.assets]
    joined: np.ma.MaskedArray[Any, Any]
    joined = np.ma.concatenate(parts)  # type: ignore[no-untyped-call]  # so in numpy
    return joined
