"""Throughput of the enrichment steps, and the share of their time that is not GDAL's.

    uv run python benchmarks/enrich.py [SIDE] [ROUNDS]

One item of four striped 16-bit bands and a quality band goes through the steps in the order of a
collection file, the step `cog` on two threads. MB are those of the pixels, not of the files. GDAL's
time is the wall time inside opening and reading rasters, warping and making COGs; what the steps
call otherwise, such as drawing, statistics, checksums and writing to the store, is not GDAL's.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from threading import Lock
from typing import Any

import pystac
from rasterio.io import DatasetReader
from scenes import landscape, quality

import flows.raster
from flows import extent
from flows.cog import draft
from flows.enrich import cog
from flows.pictures import view
from infrastructure import plugins
from infrastructure.storage import Shelf, open_store

BANDS = ("red", "green", "blue", "nir")
QUALITY = "qa_pixel"

STEPS: dict[str, dict[str, Any]] = {
    "checks": {"required": True},
    "cog": {"nodata": 0, "threads": 2},
    "projection": {},
    "raster": {},
    "footprint": {},
    "clouds": {},
    "thumbnail": {},
    "overview": {},
    "keep": {},
    "file": {},
    "timestamps": {},
    "processing": {},
    "storage": {},
}
"""Step -> options, in the order of a collection file."""


class Clock:
    """Wall time inside GDAL; with threads, the time while at least one is in there."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._inside = 0
        self._began = 0.0
        self._lock = Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count until the outermost call ends."""
        with self._lock:
            if not self._inside:
                self._began = time.perf_counter()
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    self.seconds += time.perf_counter() - self._began

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, on this clock."""

        def call(*given: Any, **options: Any) -> Any:
            with self.running():
                return function(*given, **options)

        return call


CLOCK = Clock()


class Reader(DatasetReader):  # type: ignore[misc]  # the library has no types
    """A raster whose reading is on the clock."""

    def __init__(self, *given: Any, **options: Any) -> None:
        with CLOCK.running():
            super().__init__(*given, **options)

    read = CLOCK.timed(DatasetReader.read)
    dataset_mask = CLOCK.timed(DatasetReader.dataset_mask)
    read_masks = CLOCK.timed(DatasetReader.read_masks)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("side", nargs="?", type=int, default=5000)
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    wanted = parser.parse_args()
    flows.raster.DatasetReader = Reader  # type: ignore[misc]
    for module, name in ((cog, "copy"), (draft, "copy"), (view, "reproject")):
        setattr(module, name, CLOCK.timed(getattr(module, name)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed, band in enumerate(BANDS):
            landscape(folder / f"{band}.tif", wanted.side, seed)
        quality(folder / f"{QUALITY}.tif", folder / "red.tif")
        _sum_up(folder)
        rounds = [_round(folder, str(number)) for number in range(wanted.rounds)]
    print(json.dumps(_told(rounds, (len(BANDS) + 1) * 2 * wanted.side**2 / 1e6), indent=2))


def _round(folder: Path, number: str) -> dict[str, tuple[float, float]]:
    """Step -> seconds, and seconds inside GDAL."""
    item = _item(folder)
    scratch = folder / f"scratch{number}"
    scratch.mkdir()
    shelf = Shelf(open_store((folder / f"store{number}").as_uri()), "c/i", scratch)
    spent = {}
    for name, options in STEPS.items():
        enrich = plugins.load("flows.enrich", name).enrich
        began, inside = time.perf_counter(), CLOCK.seconds
        item = enrich(item, shelf, **options)
        spent[name] = time.perf_counter() - began, CLOCK.seconds - inside
    return spent


def _sum_up(folder: Path) -> None:
    """The manifest of the product."""
    sums = [f"{md5(path.read_bytes()).hexdigest()}  {path.name}" for path in folder.glob("*.tif")]  # noqa: S324 - as agencies do
    (folder / "MD5SUMS").write_text("\n".join(sums) + "\n")


def _item(folder: Path) -> pystac.Item:
    found = extent.look("red.tif", (folder / "red.tif").as_uri())
    geometry, bbox = extent.outline([found])
    item = pystac.Item("i", geometry, bbox, datetime(2020, 1, 1, tzinfo=UTC), {})
    for band in BANDS:
        fields = {"bands": [{"name": band, "eo:common_name": band}]}
        href = (folder / f"{band}.tif").as_uri()
        item.add_asset(band, pystac.Asset(href, roles=["data"], extra_fields=fields))
    flags = pystac.Asset((folder / f"{QUALITY}.tif").as_uri(), roles=["data", "quality"])
    item.add_asset(QUALITY, flags)
    item.add_asset("sums", pystac.Asset((folder / "MD5SUMS").as_uri(), roles=["metadata"]))
    return item


def _told(rounds: list[dict[str, tuple[float, float]]], megabytes: float) -> dict[str, Any]:
    told: dict[str, Any] = {"MB": round(megabytes)}
    for name in STEPS:
        wall, inside = (statistics.median(one[name][part] for one in rounds) for part in (0, 1))
        told[name] = {
            "s": round(wall, 3),
            "MB/s": round(megabytes / wall),
            "outside GDAL": round(1 - inside / wall, 2),
        }
    walls = [sum(wall for wall, _ in one.values()) for one in rounds]
    insides = [sum(inside for _, inside in one.values()) for one in rounds]
    told["all"] = {
        "s": round(statistics.median(walls), 2),
        "MB/s": round(megabytes / statistics.median(walls)),
        "outside GDAL": round(1 - sum(insides) / sum(walls), 3),
    }
    return told


if __name__ == "__main__":
    main()
