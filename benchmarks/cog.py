"""The step `cog` against GDAL's COG driver alone, on the same files in one run.

    uv run python benchmarks/cog.py [SIDE] [ROUNDS] [--huge]

Both make a lossless COG of a striped 16-bit GeoTIFF and of the same picture as JPEG 2000, with the
same codec and threads; the order turns in each round. The step also looks whether the file is a COG
already and puts the result into a store. With `--huge`: the peak memory of a process that makes a
COG of a striped file of 36,000 x 36,000 pixels.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pystac
import rasterio
from rasterio.shutil import copy
from rasterio.transform import from_origin
from rasterio.windows import Window
from scenes import landscape

from flows.enrich import cog
from infrastructure.storage import Shelf, gdal_path, open_store

HUGE = 36_000
"""Side of the raster whose peak memory is measured, pixels."""

THREADS = 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("side", nargs="?", type=int, default=6000)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--huge", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = {} if wanted.huge else _ratios(folder, wanted.side, wanted.rounds)
        told |= _huge(folder) if wanted.huge else {}
    print(json.dumps(told, indent=2))


def _ratios(folder: Path, side: int, rounds: int) -> dict[str, object]:
    told: dict[str, object] = {}
    source = landscape(folder / "a.tif", side)
    copy(source, folder / "a.jp2", driver="JP2OpenJPEG", QUALITY="100", REVERSIBLE="YES")
    for path in (source, folder / "a.jp2"):
        ways: dict[str, Callable[[Path], Path]] = {"ours": _ours, "gdal": _gdal}
        spent: dict[str, list[float]] = {way: [] for way in ways}
        size = {}
        for number in range(rounds):
            for way in list(ways)[:: -1 if number % 2 else 1]:
                _forget(folder)
                began = time.perf_counter()
                size[way] = ways[way](path).stat().st_size
                spent[way].append(time.perf_counter() - began)
        ratios = [ours / gdal for ours, gdal in zip(spent["ours"], spent["gdal"], strict=True)]
        told[path.suffix] = {
            **{f"{way} s": round(statistics.median(spent[way]), 2) for way in ways},
            "time to GDAL's": round(statistics.median(ratios), 3),
            "lowest and highest": [round(min(ratios), 3), round(max(ratios), 3)],
            "size to GDAL's": round(size["ours"] / size["gdal"], 4),
        }
    return told


def _forget(folder: Path) -> None:
    """Remove the results of the round before: a new product has none."""
    for path in (folder / "gdal.tif", folder / "store/c/i/a.tif"):
        path.unlink(missing_ok=True)


def _gdal(path: Path) -> Path:
    target = path.parent / "gdal.tif"
    copy(
        path,
        target,
        driver="COG",
        COMPRESS="DEFLATE",
        PREDICTOR="YES",
        OVERVIEW_RESAMPLING="AVERAGE",
        NUM_THREADS=str(THREADS),
    )
    return target


def _ours(path: Path) -> Path:
    item = pystac.Item("i", None, None, datetime(2020, 1, 1, tzinfo=UTC), {})
    item.add_asset("a", pystac.Asset(path.as_uri(), roles=["data"]))
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        shelf = Shelf(open_store((path.parent / "store").as_uri()), "c/i", Path(scratch))
        cog.enrich(item, shelf, threads=THREADS)
    return Path(gdal_path(item.assets["a"].href))


def _huge(folder: Path) -> dict[str, float]:
    """Made in a process of its own, whose peak is that of the step."""
    path = folder / "huge.tif"
    strip = np.random.default_rng(1).integers(0, 9, (512, HUGE)).astype("uint8")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=HUGE,
        width=HUGE,
        dtype="uint8",
        crs="EPSG:32721",
        transform=from_origin(500_000, 7_200_000, 10, 10),
        compress="deflate",
        zlevel=1,
        blockysize=16,
    ) as file:
        for top in range(0, HUGE, 4096):  # the rest of the file is sparse
            file.write(strip, 1, window=Window(0, top, HUGE, min(512, HUGE - top)))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        seconds, peak = process.submit(_measured, path).result()
    return {"seconds": round(seconds, 1), "peak MB": round(peak)}


def _measured(path: Path) -> tuple[float, float]:
    began = time.perf_counter()
    _ours(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - began, peak


if __name__ == "__main__":
    main()
