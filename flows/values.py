"""The values of a band in the words of STAC: what its file tells of them, and figures."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.dtypes import in_dtype_range
from rasterio.io import DatasetReader

Json = dict[str, Any]

EXACT = 2**53
"""Whole numbers below it are exact in JSON."""

NAMES = {"complex_int16": "cint16", "complex64": "cfloat32", "complex128": "cfloat64"}
"""GDAL's types that STAC calls otherwise."""

MOST_CLASSES = 256


def told(source: DatasetReader, band: int) -> Json:
    """Data type, nodata, unit, scale, offset, bits and sampling of a band, as far as told."""
    type_ = str(source.dtypes[band - 1])
    scale, offset = source.scales[band - 1], source.offsets[band - 1]
    bits = source.tags(band, ns="IMAGE_STRUCTURE").get("NBITS")
    point = source.tags().get("AREA_OR_POINT")
    nodata = source.nodatavals[band - 1]
    fields = {
        "data_type": NAMES.get(type_, type_),
        "nodata": None if nodata is None else number(nodata),
        "unit": source.units[band - 1] or None,
        "raster:scale": None if (scale, offset) == (1, 0) else scale,
        "raster:offset": None if (scale, offset) == (1, 0) else offset,
        "raster:bits_per_sample": int(bits) if bits else None,
        "raster:sampling": point.lower() if point in {"Area", "Point"} else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def number(value: float) -> float | str:
    """JSON has no NaN; STAC writes it as a string."""
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    return int(value) if abs(value) < EXACT and value == int(value) else value


def nodata(fields: Mapping[str, Any], source: DatasetReader) -> float | None:
    """The value for no data that an asset tells of all bands of its file, if they can hold it.

    Args:
        fields: Of the asset, in the words of STAC 1.1.
        source: Its file, whose own word is not asked.
    """
    bands = fields.get("bands") or [{}]
    try:
        found = {float(band.get("nodata", fields.get("nodata"))) for band in bands}
    except (AttributeError, TypeError, ValueError):
        return None
    value = found.pop()
    fits = not found and all(in_dtype_range(value, dtype) for dtype in source.dtypes)
    return value if fits else None


def measured(band: NDArray[np.generic], valid: NDArray[np.bool_], buckets: int) -> Json:
    """Statistics and, with buckets, a histogram; complex numbers count by their size."""
    numbers = np.abs(band) if np.iscomplexobj(band) else band
    usable = numbers[valid & np.isfinite(numbers)].astype("float64")
    share = _share(usable, band)
    if not usable.size:
        return {"statistics": share}
    statistics = {
        "minimum": float(usable.min()),
        "maximum": float(usable.max()),
        "mean": round(float(usable.mean()), 6),
        "stddev": round(float(usable.std()), 6),
        **share,
    }
    if not buckets or usable.min() == usable.max():
        return {"statistics": statistics}
    counts, _ = np.histogram(usable, buckets)
    told = _histogram(counts, float(usable.min()), float(usable.max()))
    return {"statistics": statistics, "raster:histogram": told}


def counted(band: NDArray[np.generic], valid: NDArray[np.bool_], *, tell: bool) -> Json:
    """Range and, if told, how often each value occurs: a bucket of width 1 around each."""
    usable = band[valid].astype("int64")
    share = _share(usable, band)
    if not usable.size:
        return {"statistics": share}
    low, high = int(usable.min()), int(usable.max())
    statistics = {"minimum": low, "maximum": high, **share}
    if not tell or high - low >= MOST_CLASSES:
        return {"statistics": statistics}
    counts = np.bincount(usable - low, minlength=3)  # the schema asks for three
    return {
        "statistics": statistics,
        "raster:histogram": _histogram(counts, low - 0.5, low + counts.size - 0.5),
    }


def _share(usable: NDArray[np.generic], band: NDArray[np.generic]) -> Json:
    return {"valid_percent": round(100 * usable.size / band.size, 2)}


def _histogram(counts: NDArray[np.integer], low: float, high: float) -> Json:
    return {"count": counts.size, "min": low, "max": high, "buckets": counts.tolist()}
