"""Rasters made for tests, and items of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.transform import from_origin

from flows.found import Found
from flows.readers import geotiff
from infrastructure.storage import gdal_path


def write(path: Path, values: NDArray[Any], **options: Any) -> Path:
    """A GeoTIFF of values of shape (rows, columns) or (bands, rows, columns), by default in UTM."""
    bands = values if values.ndim == 3 else values[None]
    profile = {
        "driver": "GTiff",
        "count": bands.shape[0],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": str(values.dtype),
        "crs": "EPSG:32721",
        "transform": from_origin(500_000, 7_200_000, 30, 30),
        **options,
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(bands)
    return path


def one(path: Path, **fields: Any) -> pystac.Item:
    """An item of one raster with the asset `data`."""
    item = geotiff.read(
        Found(path.name, "1", {path.name: path.as_uri()}), time="2020-01-01T00:00:00Z"
    )
    item.assets["data"].extra_fields.update(fields)
    return item


def path_of(item: pystac.Item, key: str) -> Path:
    """Where an asset lies."""
    return Path(gdal_path(item.assets[key].href))


def picture(item: pystac.Item, key: str) -> NDArray[np.uint8]:
    """A picture of an item, shape (rows, columns, 4)."""
    with Image.open(path_of(item, key)) as image:
        return np.asarray(image.convert("RGBA"))
