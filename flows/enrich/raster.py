"""Data type, nodata, resolution and statistics of the data assets (STAC 1.1, Raster 2.0)."""

from typing import Any

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling

from flows.raster import data_assets, is_classes, opened, small
from infrastructure.storage import Shelf

SCHEMA = "https://stac-extensions.github.io/raster/v2.0.0/schema.json"
EXACT = 2**53
"""Whole numbers below it are exact in JSON."""
LONGEST = 1024
"""Side of the reduced picture that statistics are made from, pixels."""


def enrich(item: pystac.Item, shelf: Shelf) -> pystac.Item:  # noqa: ARG001 - makes no file
    """Describe the values of each data asset; statistics leave out what is no data.

    Raises:
        Unreadable: a file is no raster, or damaged.
    """
    for asset in data_assets(item).values():
        with opened(asset.href) as source:
            fields = asset.extra_fields
            fields["data_type"] = _data_type(source)
            if source.nodata is not None:
                fields["nodata"] = _nodata(source.nodata)
            fields["raster:spatial_resolution"] = abs(source.res[0])
            known = fields.get("bands", [{}] * source.count)
            fields["bands"] = [
                {**band, "statistics": found}
                for band, found in zip(known, _statistics(source, asset), strict=True)
            ]
    if SCHEMA not in item.stac_extensions:
        item.stac_extensions.append(SCHEMA)
    return item


def _data_type(source: rasterio.DatasetReader) -> str:
    names = {"complex_int16": "cint16", "complex64": "cfloat32", "complex128": "cfloat64"}
    name = str(source.dtypes[0])
    return names.get(name, name)


def _nodata(value: float) -> float | str:
    """JSON has no NaN; STAC writes it as a string."""
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    return int(value) if abs(value) < EXACT and value == int(value) else value


def _statistics(source: rasterio.DatasetReader, asset: pystac.Asset) -> list[dict[str, Any]]:
    resampling = Resampling.nearest if is_classes(asset) else Resampling.average
    values, valid = small(source, LONGEST, resampling)
    return [_of_band(band, valid) for band in values]


def _of_band(band: NDArray[np.generic], valid: NDArray[np.bool_]) -> dict[str, Any]:
    numbers = np.abs(band) if np.iscomplexobj(band) else band
    usable = numbers[valid & np.isfinite(numbers)].astype("float64")
    share = {"valid_percent": round(100 * usable.size / numbers.size, 2)}
    if not usable.size:
        return share
    return {
        "minimum": float(usable.min()),
        "maximum": float(usable.max()),
        "mean": round(float(usable.mean()), 6),
        "stddev": round(float(usable.std()), 6),
        **share,
    }
