"""One file of an item, warped to the pixel grid of a window."""

import math
import os
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.warp import transform
from rio_tiler import reader
from rio_tiler.errors import RioTilerError
from rio_tiler.io import Reader
from rio_tiler.utils import non_alpha_indexes

from infrastructure.errors import Unreadable
from infrastructure.redirections import landed
from infrastructure.s3 import gdal_options
from infrastructure.settings import HarvestSettings
from infrastructure.storage import gdal_path
from tiling.style import Style
from tiling.view import View, Window

REMOTE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_HTTP_TIMEOUT": "30",
    "VSI_CACHE": "TRUE",
}


def read_asset(href: str, style: Style, view: View, window: Window) -> np.ma.MaskedArray[Any, Any]:
    """The bands that a style wants of one file: shape (bands, rows, columns), masked.

    Raises:
        Unreadable: GDAL cannot open or read it; the message leaves out GDAL's own words, because
            they may carry a signed address. Also: it leads into a private network.
        Unreachable: its host does not answer.
    """
    path = gdal_path(landed(href, HarvestSettings().private_hosts))
    try:
        with rasterio.Env(**_options(path)):
            with _open(path) as dataset:
                level = overview(dataset, view)
            with (
                _open(path, **({} if level is None else {"OVERVIEW_LEVEL": level})) as dataset,
                Reader(None, dataset=dataset) as source,
            ):
                return _warped(source.dataset, style, view, window)
    except (RasterioError, CPLE_BaseError, RioTilerError) as error:
        raise Unreadable(f"cannot read {href.partition('?')[0]}") from error


def _options(path: str) -> dict[str, str]:
    return {**gdal_options(os.environ), **REMOTE} if path.startswith("/vsi") else {}


def _open(path: str, **options: Any) -> Any:
    """Open with the one driver that the name asks for.

    A VRT or a service description could make GDAL read any other address.
    """
    driver = "JP2OpenJPEG" if path.lower().endswith(".jp2") else "GTiff"
    return rasterio.open(path, driver=driver, **options)


def _warped(dataset: Any, style: Style, view: View, window: Window) -> np.ma.MaskedArray[Any, Any]:
    rows, columns = window
    part = reader.read(
        dataset,
        dst_crs=view.crs,
        indexes=_indexes(dataset, style),
        nodata=style.nodata,
        reproject_method=style.resampling,
        vrt_options={
            "transform": view.transform @ Affine.translation(columns.start, rows.start),
            "width": columns.stop - columns.start,
            "height": rows.stop - rows.start,
        },
    )
    array: np.ma.MaskedArray[Any, Any] = part.array
    return array


def overview(dataset: Any, view: View) -> int | None:
    """The coarsest overview that is not coarser than the picture; None for full resolution.

    A warp reads what it is given, so an overview has to be chosen for it. The scale is taken at
    the file's centre: every tile of a level then reads the same overview, and they meet.
    """
    factors = dataset.overviews(1)
    if not factors or not dataset.crs:
        return None
    scale = _scale(dataset, view)
    fitting = [level for level, factor in enumerate(factors) if factor <= scale * 1.01]
    return max(fitting, default=None)


def _scale(dataset: Any, view: View) -> float:
    """How many of the file's pixels a pixel of the picture is wide, at the file's centre."""
    x, y = dataset.transform @ (dataset.width / 2, dataset.height / 2)
    (left,), (top,) = transform(dataset.crs, view.crs, [x], [y])
    step = view.transform
    corners = [left, left + step.a, left], [top, top, top + step.e]
    if not all(map(math.isfinite, (left, top))):
        return 1.0
    xs, ys = transform(view.crs, dataset.crs, *corners)
    right, down = math.hypot(xs[1] - xs[0], ys[1] - ys[0]), math.hypot(xs[2] - xs[0], ys[2] - ys[0])
    width = math.hypot(dataset.transform.a, dataset.transform.d)
    return min(right, down) / width


def _indexes(dataset: Any, style: Style) -> tuple[int, ...]:
    if style.bands is not None:
        if max(style.bands) > dataset.count:
            raise Unreadable(f"band {max(style.bands)} of a file with {dataset.count}")
        return style.bands
    there = tuple(non_alpha_indexes(dataset))
    return there[:3] if len(style.assets) == 1 and len(there) >= 3 else there[:1]
