"""What the enrichment steps share: the data assets of an item, and reading them at a small size."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError

from infrastructure.errors import Unreachable, Unreadable
from infrastructure.s3 import NO_ANSWER, gdal_options
from infrastructure.storage import gdal_path


def data_assets(item: pystac.Item) -> dict[str, pystac.Asset]:
    """The assets with the role `data`, by key."""
    return {key: asset for key, asset in item.assets.items() if asset.has_role("data")}


def is_classes(asset: pystac.Asset) -> bool:
    """Whether the values are classes or flags, which must never be averaged."""
    return asset.has_role("quality") or "classification:classes" in asset.extra_fields


@contextmanager
def opened(asset: pystac.Asset) -> Iterator[rasterio.DatasetReader]:
    """Open an asset's raster.

    Raises:
        Unreachable: its server does not answer.
        Unreadable: it is no raster, or damaged; also when that shows while it is being read.
    """
    name = asset.href.rpartition("/")[2]
    try:
        with (
            rasterio.Env.from_defaults(**gdal_options(os.environ)),
            rasterio.open(gdal_path(asset.href)) as source,
        ):
            yield source
    except RasterioError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        if reason.startswith(NO_ANSWER):
            raise Unreachable(f"{name}: cannot be read: {reason}") from error
        raise Unreadable(f"{name}: cannot be read: {reason}") from error


def small(
    source: rasterio.DatasetReader, longest: int, resampling: Resampling = Resampling.average
) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """All bands at a reduced size, and where they are valid.

    Args:
        source: An open raster.
        longest: Most pixels of the longer side.
        resampling: How pixels are put together.

    Returns:
        Values of shape (bands, rows, columns) and validity of shape (rows, columns).
    """
    factor = max(1.0, max(source.shape) / longest)
    rows, columns = (max(1, round(size / factor)) for size in source.shape)
    shape = (source.count, rows, columns)
    values = source.read(out_shape=shape, resampling=resampling, masked=True)
    valid: NDArray[np.bool_] = np.logical_not(np.ma.getmaskarray(values).all(axis=0))
    if np.issubdtype(values.dtype, np.floating):
        valid &= np.isfinite(values.data).any(axis=0)
    return values.data, valid
