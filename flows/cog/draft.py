"""A raster that is told what its file does not declare: nodata, or where its picture is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rasterio
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader
from rasterio.shutil import copy

from flows.cog.collar import collar


def declared(source: DatasetReader) -> bool:
    """Whether a raster says where it has no data."""
    return source.nodata is not None or ColorInterp.alpha in source.colorinterp


@contextmanager
def drafted(
    source: DatasetReader, scratch: Path, nodata: float | None, border: float | None
) -> Iterator[DatasetReader]:
    """The raster itself, or a copy on this machine that declares its nodata.

    Args:
        source: The raster.
        scratch: Where the copy may lie.
        nodata: Value that stands for no data wherever it occurs.
        border: Value of a collar: it becomes the nodata value if it occurs nowhere else, and an
            internal mask otherwise.
    """
    if declared(source) or (nodata is None and border is None):
        yield source
        return
    try:
        copy(source, scratch, driver="GTiff", TILED="YES", BIGTIFF="IF_SAFER")
        with rasterio.open(scratch, "r+", driver="GTiff") as draft:
            _declare(draft, nodata, border)
        with rasterio.open(scratch, driver="GTiff") as draft:
            yield draft
    finally:
        scratch.unlink(missing_ok=True)


def _declare(draft: DatasetReader, nodata: float | None, border: float | None) -> None:
    if nodata is not None:
        draft.nodata = nodata
        return
    found = collar(draft, border or 0)
    if not found.bits.any():
        return
    if found.alone:
        draft.nodata = border
        return
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        for window, valid in found.strips():
            draft.write_mask(valid, window=window)
