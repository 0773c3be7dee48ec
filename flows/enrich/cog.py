"""Cloud-optimised GeoTIFFs of the data assets (OGC 21-026), lossless unless told otherwise."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pystac
import rasterio
from pydantic import Field
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader
from rasterio.shutil import copy

from flows.cog.draft import declared, drafted
from flows.cog.profile import Codec, Wish, options
from flows.cog.valid import is_cog
from flows.identifiers import safe
from flows.packages.content import pieces
from flows.raster import data_assets, file_name, is_classes, opened
from flows.values import nodata as told_nodata
from infrastructure.errors import Misconfigured
from infrastructure.storage import Shelf

CACHE = 256 * 2**20
"""Bytes that GDAL may keep of blocks: its own measure is a share of the machine's memory."""

REMOTE = ("http:", "https:", "s3:")


@dataclass(frozen=True)
class _Job:
    """What is to become of every asset."""

    wish: Wish
    nodata: float | None
    border: float | None
    in_place: bool
    threads: int


def enrich(  # noqa: PLR0913, PLR0917 - each is an option of the collection file
    item: pystac.Item,
    shelf: Shelf,
    nodata: float | None = None,
    blocksize: Annotated[int, Field(ge=128, le=4096)] = 512,
    compress: Codec = "deflate",
    quality: Annotated[int, Field(ge=1, le=100)] | None = None,
    max_error: Annotated[float, Field(ge=0)] | None = None,
    warp: Annotated[int, Field(ge=1024, le=32767)] | None = None,
    collar: bool | float = False,
    web: bool = False,
    in_place: bool = False,
    threads: Annotated[int, Field(ge=1, le=64)] = 1,
) -> pystac.Item:
    """Put a COG of every data asset on the shelf; assets in the store already are left alone.

    What is a COG already is copied byte for byte.

    Args:
        item: The item.
        shelf: Its place in the store.
        nodata: Value that stands for no data where neither a file nor the item tells one.
        blocksize: Side of the internal tiles, pixels; a multiple of 16.
        compress: Codec; jpeg and webp change the values, and lerc does with `max_error`. Rasters of
            classes are refused then.
        quality: Of jpeg and webp, 1 to 100.
        max_error: Of lerc, in the unit of the values.
        warp: EPSG code of the projection to warp to; without it, a raster keeps its own, or its
            ground control points.
        collar: Value of an edge that neither a file nor the item tells of, `true` for 0: pixels
            that are connected with the border become no data, equal ones inside the picture stay.
        web: Whether tiles are those of web maps, in EPSG:3857.
        in_place: Whether COGs on the web or in another bucket stay there.
        threads: How many assets are made at once; one alone is packed by as many.

    Raises:
        Misconfigured: options contradict each other.
        Invalid: the codec cannot hold a raster, or would change its classes.
        Unreadable: a file is no raster, or damaged.
        Unreachable: the store does not take a file.
    """
    wish = Wish(compress, quality, max_error, blocksize, warp, web)
    wish.check()
    if nodata is not None and collar is not False:
        raise Misconfigured("`nodata` and `collar` contradict each other: leave one out")
    border = None if collar is False else 0.0 if collar is True else collar
    assets = {k: a for k, a in data_assets(item).items() if shelf.store.key(a.href) is None}
    workers = min(threads, len(assets)) or 1
    job = _Job(wish, nodata, border, in_place, threads // workers)
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda key: _put(key, assets[key], shelf, job), assets):
            pass
    return item


def _put(key: str, asset: pystac.Asset, shelf: Shelf, job: _Job) -> None:
    target = shelf.scratch / f"{safe(key)}.tif"
    with opened(asset.href) as source:
        ready = job.wish.plain and not _lacks(source, job) and is_cog(source)
        if not ready:
            _translate(source, asset, target, _with_told(source, asset, job))
    asset.media_type = pystac.MediaType.COG
    if ready and job.in_place and asset.href.startswith(REMOTE):
        return
    if ready:
        _fetch(asset.href, target)
    asset.href = shelf.take(target.name, target)


def _lacks(source: DatasetReader, job: _Job) -> bool:
    """Whether there is nodata to be declared."""
    return (job.nodata is not None or job.border is not None) and not declared(source)


def _with_told(source: DatasetReader, asset: pystac.Asset, job: _Job) -> _Job:
    """The job, with the nodata of the item: who makes a product knows best what it means."""
    told = told_nodata(asset.extra_fields, source)
    return job if told is None else replace(job, nodata=told, border=None)


def _translate(source: DatasetReader, asset: pystac.Asset, target: Path, job: _Job) -> None:
    classes = is_classes(asset) or ColorInterp.palette in source.colorinterp
    draft = target.with_suffix(".draft.tif")
    with (
        rasterio.Env(GDAL_CACHEMAX=CACHE),
        drafted(source, draft, job.nodata, job.border) as raster,
    ):
        told = options(job.wish, raster, classes=classes, name=file_name(asset.href))
        copy(raster, target, driver="COG", NUM_THREADS=str(job.threads), **told)


def _fetch(href: str, target: Path) -> None:
    with target.open("wb") as file:
        for piece in pieces(href):
            file.write(piece)
