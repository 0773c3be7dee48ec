"""What the values of the data assets are: type, nodata, scale, figures (STAC 1.1, Raster 2.0)."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import pystac
from pydantic import Field
from rasterio.enums import ColorInterp, Resampling
from rasterio.io import DatasetReader

from flows import extensions
from flows.raster import data_assets, is_classes, opened, small
from flows.resolution import metres
from flows.values import counted, measured, nodata, told
from infrastructure.errors import Unreadable
from infrastructure.storage import Shelf

Json = dict[str, Any]

LONGEST = 1024
"""Side of the reduced picture that statistics are made from, pixels."""

SCALING = {"raster:scale", "raster:offset", "unit"}
"""What the metadata of a product say better than its files: that stays."""


def enrich(
    item: pystac.Item,
    shelf: Shelf,  # noqa: ARG001 - makes no file
    histogram: bool = True,
    buckets: Annotated[int, Field(ge=3, le=256)] = 32,
) -> pystac.Item:
    """Describe the values of each data asset; figures leave out what is no data.

    Figures are of a picture reduced to 1024 pixels a side. Classes and flags have no mean; their
    histogram has a bucket for each value, if these are no more than 256.

    Args:
        item: The item.
        shelf: Not used.
        histogram: Whether to tell how often values occur (`raster:histogram` of each band).
        buckets: Of the histogram of measured values.

    Raises:
        Unreadable: a file is no raster, or damaged, or has other bands than the item says.
    """
    for asset in data_assets(item).values():
        with opened(asset.href) as source:
            _describe(asset, source, buckets if histogram else 0)
    if data_assets(item):
        extensions.add(item, "raster:spatial_resolution")
    return item


def _describe(asset: pystac.Asset, source: DatasetReader, buckets: int) -> None:
    fields = asset.extra_fields
    known = fields.get("bands") or [{}] * source.count
    if len(known) != source.count:
        said = f"it has {source.count} bands, and the item tells of {len(known)}"
        raise Unreadable(f"{asset.title or asset.href}: {said}")
    tellings = [told(source, band) for band in source.indexes]
    common = {
        name: value
        for name, value in tellings[0].items()
        if all(name in one and one[name] == value for one in tellings)
    }
    figures = _figures(source, asset, buckets)
    _tell(fields, common)
    fields["raster:spatial_resolution"] = metres(source)
    fields["bands"] = []
    for band, telling, figure in zip(known, tellings, figures, strict=True):
        described = dict(band)
        own = {name: value for name, value in telling.items() if name not in common}
        _tell(described, {k: v for k, v in own.items() if k not in SCALING & fields.keys()})
        described.pop("raster:histogram", None)
        fields["bands"].append({**described, **figure})


def _tell(fields: Json, telling: Json) -> None:
    bands = fields.get("bands") or []
    for name, value in telling.items():
        if name not in SCALING or not (name in fields or any(name in band for band in bands)):
            fields[name] = value


def _figures(source: DatasetReader, asset: pystac.Asset, buckets: int) -> Sequence[Json]:
    classes = is_classes(asset) or ColorInterp.palette in source.colorinterp
    how = Resampling.nearest if classes else Resampling.average
    values, valid = small(source, LONGEST, how)
    empty = nodata(asset.extra_fields, source)
    seen = [
        _valid(band, valid, empty if declared is None else declared)
        for band, declared in zip(values, source.nodatavals, strict=True)
    ]
    if classes:
        return [counted(*pair, tell=buckets > 0) for pair in zip(values, seen, strict=True)]
    return [measured(*pair, buckets) for pair in zip(values, seen, strict=True)]


def _valid(band: Any, valid: Any, nodata: float | None) -> Any:
    """Valid in any band, and not this band's own nodata."""
    return valid if nodata is None else valid & (band != np.asarray(nodata).astype(band.dtype))
