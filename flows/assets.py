"""Assets of items: what every reader says of a file in the same words."""

from pathlib import PurePosixPath
from typing import Any

import pystac

from flows.extent import Raster
from flows.packages.names import RASTERS, matches

MEDIA_TYPES = {
    ".tif": pystac.MediaType.GEOTIFF,
    ".tiff": pystac.MediaType.GEOTIFF,
    ".jp2": pystac.MediaType.JPEG2000,
    ".nc": "application/x-netcdf",
    ".h5": pystac.MediaType.HDF5,
    ".hdf": pystac.MediaType.HDF,
    ".xml": pystac.MediaType.XML,
    ".json": pystac.MediaType.JSON,
    ".txt": pystac.MediaType.TEXT,
    ".jpg": pystac.MediaType.JPEG,
    ".jpeg": pystac.MediaType.JPEG,
    ".png": pystac.MediaType.PNG,
}
"""Suffix of a file -> media type."""


def is_raster(name: str) -> bool:
    """Whether a file has the suffix of a raster."""
    return matches(name, RASTERS)


def media_type(name: str) -> str | None:
    """The media type of a file by its suffix, if it is a known one."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower())


def data(raster: Raster, href: str, title: str, **fields: Any) -> pystac.Asset:
    """The asset of a raster: its role is `data`, and `gsd` is in metres where its grid is.

    Several bands that nobody names are `b1`, `b2` and so on.
    """
    told: dict[str, Any] = {"gsd": raster.resolution} if raster.metric else {}
    if raster.count > 1:
        told["bands"] = [{"name": f"b{number}"} for number in range(1, raster.count + 1)]
    return pystac.Asset(href, title, None, media_type(raster.name), ["data"], {**told, **fields})


def metadata(name: str, href: str, title: str, *roles: str) -> pystac.Asset:
    """The asset of a metadata file."""
    return pystac.Asset(href, title, None, media_type(name), ["metadata", *roles])
