"""Cloud-optimised GeoTIFFs of the data assets (OGC 21-026), lossless."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pystac
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rio_cogeo.cogeo import cog_translate
from rio_cogeo.profiles import cog_profiles

from flows.identifiers import safe
from flows.raster import data_assets, is_classes, opened
from infrastructure.storage import Shelf

PREDICTORS = {"int": 2, "uint": 2, "float": 3}
"""TIFF's predictor by kind of number; complex numbers have none."""


def enrich(
    item: pystac.Item, shelf: Shelf, nodata: float | None = None, blocksize: int = 512
) -> pystac.Item:
    """Put a COG of every data asset on the shelf; assets in the store already are left alone.

    Args:
        item: The item.
        shelf: Its place in the store.
        nodata: Value that stands for no data where a file does not declare one.
        blocksize: Side of the internal tiles, pixels.

    Raises:
        Unreadable: a file is no raster, or damaged.
        Unreachable: the store does not take a file.
    """
    for key, asset in data_assets(item).items():
        if shelf.store.key(asset.href) is None:
            target = shelf.scratch / f"{safe(key)}.tif"
            _translate(asset, target, nodata, blocksize)
            asset.href = shelf.put(target.name, target)
            asset.media_type = pystac.MediaType.COG
            target.unlink()
    return item


def _translate(asset: pystac.Asset, target: Path, nodata: float | None, blocksize: int) -> None:
    with opened(asset.href) as source:
        if source.nodata is not None or ColorInterp.alpha in source.colorinterp:
            nodata = source.nodata
        profile = cog_profiles.get("deflate")
        predictor = PREDICTORS.get(source.dtypes[0].rstrip("0123456789"), 1)
        profile.update(blockxsize=blocksize, blockysize=blocksize, predictor=predictor)
        classes = is_classes(asset) or ColorInterp.palette in source.colorinterp
        with _without_gcps(source, nodata) as plain:
            cog_translate(
                plain,
                target,
                profile,
                nodata=nodata,
                overview_resampling="nearest" if classes else "average",
                forward_band_tags=True,
                in_memory=False,
                quiet=True,
            )


@contextmanager
def _without_gcps(source: DatasetReader, nodata: float | None) -> Iterator[DatasetReader]:
    """The raster as rio-cogeo can take it: it mistakes the empty GCPs of JPEG 2000 for real."""
    if not source.driver.startswith("JP2"):
        yield source
        return
    declared = {} if nodata is None else {"nodata": nodata, "src_nodata": nodata}
    with WarpedVRT(source, **declared) as plain:
        yield plain
