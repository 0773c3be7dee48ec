"""From the files of some items to one picture, read only where each item shows.

Every pixel is computed from its own place on the ground, by one warp from the source (or from its
overview) to the pixel grid of the picture. A picture cut in two therefore meets at the cut, and
neighbouring tiles have no seam, whether or not the file is in the map's own CRS and however far
the map is zoomed in.
"""

import logging
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds
from rio_tiler import reader
from rio_tiler.errors import RioTilerError
from rio_tiler.io import Reader
from rio_tiler.utils import non_alpha_indexes

from infrastructure.catalogue import BBox, ItemAssets
from infrastructure.errors import Unreadable
from infrastructure.storage import gdal_path
from tiling.colour import colour
from tiling.style import Style

log = logging.getLogger(__name__)

DRIVERS = ["GTiff", "JP2OpenJPEG"]
"""Only real rasters: a VRT or a service description could make GDAL read any other address."""
LONLAT = CRS.from_user_input("OGC:CRS84")
MERCATOR_LATITUDE = 85.0511287798066
"""Degrees; beyond it EPSG:3857 leaves its square."""
REMOTE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_HTTP_CONNECTTIMEOUT": "5",
    "GDAL_HTTP_TIMEOUT": "30",
    "VSI_CACHE": "TRUE",
}

Window = tuple[slice, slice]
"""Rows and columns."""


@dataclass(frozen=True)
class View:
    """The ground that a picture shows."""

    bbox: BBox
    """Left, bottom, right, top in the units of the CRS; x is easting or longitude."""
    crs: CRS
    width: int
    height: int

    @property
    def transform(self) -> Affine:
        """From (column, row) to (x, y)."""
        left, bottom, right, top = self.bbox
        scale = Affine.scale((right - left) / self.width, (bottom - top) / self.height)
        return Affine.translation(left, top) @ scale

    def lonlat(self) -> BBox:
        """The box in degrees; west > east crosses the antimeridian."""
        west, south, east, north = transform_bounds(self.crs, LONLAT, *self.bbox, densify_pts=21)
        return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)

    def windows(self, bbox: BBox) -> Iterator[Window]:
        """The parts of the picture that a box in degrees covers, one pixel wider each way."""
        west, south, east, north = bbox
        halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        for left, right in halves:
            window = self._window((left, south, right, north))
            if window:
                yield window

    def _window(self, bbox: BBox) -> Window | None:
        west, south, east, north = bbox
        limit = MERCATOR_LATITUDE if self.crs.to_epsg() == 3857 else 90.0
        south, north = max(south, -limit), min(north, limit)
        if south > north:
            return None
        box = transform_bounds(LONLAT, self.crs, west, south, east, north, densify_pts=21)
        if not all(map(math.isfinite, box)) or box[0] > box[2]:
            return slice(0, self.height), slice(0, self.width)
        inverse = ~self.transform
        first, last = inverse @ (box[0], box[3]), inverse @ (box[2], box[1])
        columns = _span(first[0], last[0], self.width)
        rows = _span(first[1], last[1], self.height)
        return (rows, columns) if rows and columns else None


def _span(start: float, stop: float, size: int) -> slice | None:
    first, last = max(0, math.floor(start) - 1), min(size, math.ceil(stop) + 1)
    return slice(first, last) if first < last else None


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
    parts = [_read_asset(item.hrefs[key], style, view, window) for key in style.assets]
    joined: np.ma.MaskedArray[Any, Any]
    joined = np.ma.concatenate(parts)  # type: ignore[no-untyped-call]  # so in numpy
    return joined


def _read_asset(href: str, style: Style, view: View, window: Window) -> np.ma.MaskedArray[Any, Any]:
    """The bands of one file on the pixel grid of a window: (bands, rows, columns), masked.

    Raises:
        Unreadable: GDAL cannot open or read it; the message leaves out GDAL's own words, because
            they may carry a signed address.
    """
    path = gdal_path(href)
    rows, columns = window
    grid = {
        "transform": view.transform @ Affine.translation(columns.start, rows.start),
        "width": columns.stop - columns.start,
        "height": rows.stop - rows.start,
    }
    try:
        with (
            rasterio.Env(**(REMOTE if path.startswith("/vsi") else {})),
            rasterio.open(path, driver=DRIVERS) as dataset,
            Reader(None, dataset=dataset) as source,
        ):
            part = reader.read(
                source.dataset,
                dst_crs=view.crs,
                indexes=_indexes(source.dataset, style),
                nodata=style.nodata,
                reproject_method=style.resampling,
                vrt_options=grid,
            )
    except (RasterioError, RioTilerError) as error:
        raise Unreadable(f"cannot read {href.partition('?')[0]}") from error
    array: np.ma.MaskedArray[Any, Any] = part.array
    return array


def _indexes(dataset: Any, style: Style) -> tuple[int, ...]:
    if style.bands is not None:
        if max(style.bands) > dataset.count:
            raise Unreadable(f"band {max(style.bands)} of a file with {dataset.count}")
        return style.bands
    there = tuple(non_alpha_indexes(dataset))
    return there[:3] if len(style.assets) == 1 and len(there) >= 3 else there[:1]
