"""The door to rasters: opening them, the data assets of an item, and reading them small."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from infrastructure.addresses import split
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.redirections import landed
from infrastructure.s3 import NO_ANSWER, gdal_options
from infrastructure.settings import HarvestSettings
from infrastructure.storage import gdal_path

DRIVERS = ["GTiff", "JP2OpenJPEG", "JPEG", "PNG", "HFA", "netCDF", "HDF5", "HDF5Image"]
"""Formats that hold their own pixels; a VRT could make GDAL read any other address."""

SUBDATASET = re.compile(r"(netcdf|hdf5):([a-z0-9+]+:.+):([^:\"]+)")
"""A raster inside a file: format, the file's address, variable or path of the data set."""

PASSING = re.compile(rf"{NO_ANSWER}|HTTP response code: (?:408|429|5\d\d)|No space left on device")
"""GDAL's words for what may pass."""


def data_assets(item: pystac.Item) -> dict[str, pystac.Asset]:
    """The assets with the role `data`, by key."""
    return {key: asset for key, asset in item.assets.items() if asset.has_role("data")}


def is_classes(asset: pystac.Asset) -> bool:
    """Whether the values are classes or flags, which must never be averaged."""
    return asset.has_role("quality") or "classification:classes" in asset.extra_fields


@contextmanager
def opened(href: str) -> Iterator[rasterio.DatasetReader]:
    """Open a raster by its address as it stands in the item.

    Args:
        href: The address; a variable of a netCDF file is `netcdf:file:///a.nc:variable`, a data set
            of an HDF5 file `hdf5:file:///a.h5:/group/name`.

    Raises:
        Unreachable: its server does not answer, or the disk is full.
        Unreadable: it is no raster, or damaged; also when that shows while it is being read. Or it
            leads into a private network.
    """
    name = file_name(href)
    inner = SUBDATASET.fullmatch(href)
    place = landed(inner[2] if inner else href, HarvestSettings().private_hosts)
    try:
        with (
            rasterio.Env.from_defaults(**gdal_options(os.environ)),
            DatasetReader(_name(place, inner), driver=DRIVERS) as source,  # open() takes one driver
        ):
            yield source
    except (RasterioError, CPLE_BaseError) as error:
        said = str(error.__cause__ or error).splitlines()[0]
        said = said.replace(place, name).replace(href, name)
        if "not recognized" in said or "No such file" in said:
            raise Unreadable(f"{name}: no raster that GDAL knows") from error
        kind = Unreachable if PASSING.search(said) else Unreadable
        raise kind(f"{name}: cannot be read: {said}") from error


def _name(place: str, inner: re.Match[str] | None) -> str:
    """How GDAL names a raster, or one inside a file."""
    if inner is None:
        return gdal_path(place)
    path = gdal_path(place)
    if '"' in path:
        raise Unreadable(f"{file_name(place)}: GDAL cannot open a name with a quotation mark")
    mark = "//" if inner[1] == "hdf5" else ""
    return f'{inner[1].upper()}:"{path}":{mark}{inner[3].lstrip("/") if mark else inner[3]}'


def file_name(href: str) -> str:
    """The last part of an address, without a query: that may hold a signature."""
    if inner := SUBDATASET.fullmatch(href):
        return f"{file_name(inner[2])}:{inner[3]}"
    return unquote(split(href).path.rpartition("/")[2])


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
    if ColorInterp.alpha in source.colorinterp:
        valid = source.dataset_mask(out_shape=(rows, columns)) > 0
    if np.issubdtype(values.dtype, np.floating):
        valid &= np.isfinite(values.data).any(axis=0)
    return values.data, valid
