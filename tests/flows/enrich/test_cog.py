"""The step `cog` on rasters of every kind: what it keeps, what it refuses, what it leaves alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.shutil import copy
from rio_cogeo.cogeo import cog_validate

from enriching import item_of, shelf_in
from flows.enrich import cog
from flows.found import Found
from flows.packages.archive import unpacked
from flows.raster import opened
from infrastructure.errors import Invalid, Misconfigured
from infrastructure.storage import Shelf
from rasters import one, path_of, write

NOISE = np.random.default_rng(1).integers(1, 4000, (700, 900)).astype("uint16")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def made(path: Path, shelf: Shelf, role: str = "data", **options: Any) -> Path:
    item = item_of({"a": (path.as_uri(), "data")})
    item.assets["a"].roles = list(dict.fromkeys(["data", role]))
    result = path_of(cog.enrich(item, shelf, **options), "a")
    assert cog_validate(result, quiet=True)[0]
    return result


def test_a_cog_keeps_what_the_file_says_of_itself(tmp_path: Path, shelf: Shelf) -> None:
    path = write(tmp_path / "a.tif", np.stack([NOISE, NOISE]), nodata=7)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1, 0.2), (3.0, 4.0)
        file.units, file.descriptions = ("m", "K"), ("red", "heat")
        file.update_tags(SENSOR="x")
        file.update_tags(2, WAVELENGTH="11")
    with rasterio.open(path) as before, rasterio.open(made(path, shelf)) as after:
        for name in ("scales", "offsets", "units", "descriptions", "nodata", "crs", "transform"):
            assert getattr(after, name) == getattr(before, name), name
        assert after.tags()["SENSOR"] == "x"
        assert after.tags(2)["WAVELENGTH"] == "11"
        assert np.array_equal(after.read(), before.read())
        assert after.overviews(1)
        assert after.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "2"


def test_floating_point_has_its_own_predictor(tmp_path: Path, shelf: Shelf) -> None:
    path = write(tmp_path / "a.tif", NOISE.astype("float32"))
    with rasterio.open(made(path, shelf)) as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "3"


def test_a_palette_stays(tmp_path: Path, shelf: Shelf) -> None:
    path = write(tmp_path / "a.tif", (NOISE % 3).astype("uint8"), photometric="PALETTE")
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {0: (1, 2, 3), 1: (4, 5, 6), 2: (7, 8, 9)})
    with rasterio.open(made(path, shelf)) as file:
        assert file.colormap(1)[2] == (7, 8, 9, 255)


def test_a_cog_is_copied_byte_for_byte_unless_it_lacks_nodata(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "cog.tif"
    copy(write(tmp_path / "a.tif", NOISE), path, driver="COG", COMPRESS="LZW")
    assert made(path, shelf).read_bytes() == path.read_bytes()
    with rasterio.open(made(path, shelf, nodata=0)) as file:
        assert file.nodata == 0


@pytest.mark.parametrize("options", [{}, {"nodata": 9}, {"collar": True}])
def test_nodata_that_the_item_tells_is_declared(
    tmp_path: Path, shelf: Shelf, options: dict[str, Any]
) -> None:
    item = one(write(tmp_path / "a.tif", NOISE), nodata=7)
    with rasterio.open(path_of(cog.enrich(item, shelf, **options), "data")) as file:
        assert file.nodata == 7


@pytest.mark.parametrize(
    "told",
    [
        {"nodata": -9999},
        {"nodata": "nan"},
        {"nodata": "none"},
        {"bands": [{"nodata": 7}, {"nodata": 8}]},
        {"bands": [{"nodata": 7}, {}]},
    ],
)
def test_nodata_that_the_values_cannot_have_is_not_declared(
    tmp_path: Path, shelf: Shelf, told: dict[str, Any]
) -> None:
    item = one(write(tmp_path / "a.tif", np.stack([NOISE, NOISE])), **told)
    with rasterio.open(path_of(cog.enrich(item, shelf), "data")) as file:
        assert file.nodata is None


def test_a_small_striped_file_is_no_cog(tmp_path: Path, shelf: Shelf) -> None:
    path = write(tmp_path / "a.tif", NOISE[:300, :300], blockysize=8)
    with rasterio.open(made(path, shelf)) as file:
        assert file.block_shapes == [(512, 512)]


def test_a_collar_is_masked_and_equal_pixels_inside_stay(tmp_path: Path, shelf: Shelf) -> None:
    values = NOISE.copy()
    values[:40], values[:, -9:], values[40:500, 20] = 0, 0, 0  # a bay that leads into the picture
    alone = write(tmp_path / "alone.tif", values)
    values[300:310, 300:310] = 0
    lake = write(tmp_path / "lake.tif", values)
    with rasterio.open(made(alone, shelf, collar=True)) as file:
        assert file.nodata == 0
    with rasterio.open(made(lake, shelf, collar=0)) as file:
        assert file.nodata is None
        inside = values > 0
        inside[300:310, 300:310] = True
        assert np.array_equal(file.dataset_mask() > 0, inside)
        assert np.array_equal(file.read(1), values)


def radar(folder: Path) -> Path:
    corners = [(0, 0, -50, -10), (0, 900, -49, -10), (700, 0, -50, -11), (700, 900, -49, -11)]
    points = [GroundControlPoint(*corner) for corner in corners]
    path = write(folder / "sar.tif", NOISE, crs=None, transform=None)
    with rasterio.open(path, "r+") as file:
        file.gcps = points, CRS.from_epsg(4326)
    return path


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_ground_control_points_stay_or_are_warped_on_demand(tmp_path: Path, shelf: Shelf) -> None:
    path = radar(tmp_path)
    with rasterio.open(made(path, shelf)) as file:
        assert (len(file.gcps[0]), file.gcps[1].to_epsg()) == (4, 4326)
        assert np.array_equal(file.read(1), NOISE)
    with rasterio.open(made(path, shelf, warp=32722, nodata=0)) as file:
        assert (file.crs.to_epsg(), file.nodata) == (32722, 0)


def test_tiles_of_web_maps_are_made_on_demand(tmp_path: Path, shelf: Shelf) -> None:
    with rasterio.open(made(write(tmp_path / "a.tif", NOISE), shelf, web=True)) as file:
        assert file.crs.to_epsg() == 3857


def test_lossy_codecs_are_refused_where_they_would_lie(tmp_path: Path, shelf: Shelf) -> None:
    grey = write(tmp_path / "grey.tif", (NOISE % 200).astype("uint8"))
    with rasterio.open(made(grey, shelf, compress="jpeg", quality=80)) as file:
        assert file.profile["compress"] == "jpeg"
    with pytest.raises(Invalid, match=r"grey.tif: holds classes, which jpeg would change"):
        made(grey, shelf, role="quality", compress="jpeg")
    with pytest.raises(Invalid, match="jpeg cannot hold 1 bands of uint16"):
        made(write(tmp_path / "deep.tif", NOISE), shelf, compress="jpeg")
    with pytest.raises(Invalid, match="holds classes, which lerc would change"):
        made(grey, shelf, role="quality", compress="lerc", max_error=1.0)


@pytest.mark.parametrize(
    "options",
    [
        {"quality": 80},
        {"max_error": 1.0},
        {"web": True, "warp": 4326},
        {"blocksize": 500},
        {"nodata": 0, "collar": True},
    ],
)
def test_options_that_contradict_are_told(options: dict[str, Any], shelf: Shelf) -> None:
    with pytest.raises(Misconfigured, match="`"):
        cog.enrich(item_of({}), shelf, **options)


def test_threads_change_nothing_but_the_time(tmp_path: Path, shelf: Shelf) -> None:
    paths = [write(tmp_path / f"{name}.tif", NOISE + name) for name in range(3)]
    hrefs = {f"b{path.stem}": (path.as_uri(), "data") for path in paths}
    states = []
    for threads in (1, 2, 5):
        item = cog.enrich(item_of(hrefs), shelf, threads=threads)
        states.append([path_of(item, key).read_bytes() for key in hrefs])
    assert states[0] == states[1] == states[2]


def test_a_variable_inside_a_file_becomes_a_cog(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "x.nc"
    write(tmp_path / "a.tif", NOISE.astype("float32"))
    copy(tmp_path / "a.tif", path, driver="netCDF", FORMAT="NC4")
    for href in (f"netcdf:{path.as_uri()}:Band1", f"hdf5:{path.as_uri()}:/Band1"):
        with opened(href) as file:
            assert np.array_equal(np.sort(file.read(1), axis=None), np.sort(NOISE, axis=None))
    item = cog.enrich(item_of({"a": (f"netcdf:{path.as_uri()}:Band1", "data")}), shelf)
    with rasterio.open(path_of(item, "a")) as file:
        assert np.array_equal(file.read(1), NOISE)


def test_bands_of_fifteen_bits_in_an_archive_become_cogs(shared_data: Path, tmp_path: Path) -> None:
    """As Sentinel-2 has them: TIFF has no predictor for 15 bits."""
    (path,) = (shared_data / "imagery/sentinel2-l1c-safe-zip").glob("*.zip")
    files = unpacked(Found(path.name, "1", {path.name: path.as_uri()})).files
    (href,) = (address for name, address in files.items() if name.endswith("_B02.jp2"))
    item = cog.enrich(item_of({"blue": (href, "data")}), shelf_in(tmp_path))
    with opened(href) as source, opened(item.assets["blue"].href) as made:
        assert source.tags(1, ns="IMAGE_STRUCTURE")["NBITS"] == "15"
        assert made.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "2"
        assert (made.read() == source.read()).all()
