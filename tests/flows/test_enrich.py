"""Enrichment steps on the real sample scenes, on JP2, and on rasters made for the purpose."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from PIL import Image
from pystac.validation import validate_dict
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rio_cogeo.cogeo import cog_validate
from shapely.geometry import shape

from flows.enrich import cog, footprint, thumbnail
from flows.found import Found
from flows.readers import landsat
from infrastructure import plugins
from infrastructure.errors import Unreadable
from infrastructure.storage import Shelf, open_store
from rasters import one, path_of, write

SAMPLES = Path(__file__).parent.parent.parent / "samples" / "itaipu"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Shelf(open_store((tmp_path / "store").as_uri()), "c/i", scratch)


@pytest.fixture
def scene() -> pystac.Item:
    folder = SAMPLES / "LC08_L1TP_224078_20200518_20200518_01_RT"
    files = {path.name: path.as_uri() for path in folder.iterdir()}
    return landsat.read(Found("scene", "1", files))


NEEDED = {"alternate": {"prefixes": {"file:///": "https://files.example.org/"}}}
"""Options that a step cannot do without."""


@pytest.mark.parametrize("name", plugins.names("flows.enrich"))
def test_every_step_run_twice_equals_once(name: str, scene: pystac.Item, shelf: Shelf) -> None:
    step = partial(plugins.load("flows.enrich", name).enrich, **NEEDED.get(name, {}))
    scene = cog.enrich(scene, shelf, nodata=0)

    def state() -> tuple[dict[str, Any], dict[str, str]]:
        files = {
            meta["path"]: hashlib.sha256(b"".join(shelf.store.read(meta["path"]))).hexdigest()
            for meta in shelf.store.list()
        }
        return scene.to_dict(include_self_link=False), files

    scene = step(scene, shelf)
    once = state()
    scene = step(scene, shelf)
    assert state() == once
    assert validate_dict({**once[0], "stac_extensions": []})


def test_a_cog_keeps_every_pixel_and_declares_the_collar(scene: pystac.Item, shelf: Shelf) -> None:
    source = path_of(scene, "red")
    path = path_of(cog.enrich(scene, shelf, nodata=0), "red")
    assert cog_validate(path, quiet=True) == (True, [], [])
    with rasterio.open(source) as before, rasterio.open(path) as after:
        assert np.array_equal(before.read(1), after.read(1))
        assert (before.nodata, after.nodata) == (None, 0)
        assert (after.crs, after.transform) == (before.crs, before.transform)
        assert after.overviews(1)
    assert scene.assets["red"].media_type == pystac.MediaType.COG


def test_overviews_of_classes_hold_no_new_values(tmp_path: Path, shelf: Shelf) -> None:
    classes = np.random.default_rng(1).choice([3, 9, 27], (1200, 1200)).astype("uint8")
    item = one(write(tmp_path / "classes.tif", classes))
    item.assets["data"].roles = ["data", "quality"]
    with rasterio.open(path_of(cog.enrich(item, shelf), "data"), overview_level=0) as overview:
        assert set(np.unique(overview.read(1))) == {3, 9, 27}


def test_jpeg_2000_becomes_a_cog(shared_data: Path, shelf: Shelf) -> None:
    folder = shared_data / "imagery/modis-ndvi-timeseries-sinop"
    item = one(folder / "TERRA_MODIS_012010_NDVI_2014-08-29.jp2")
    source = path_of(item, "data")
    path = path_of(cog.enrich(item, shelf), "data")
    assert cog_validate(path, quiet=True)[0]
    with rasterio.open(source) as before, rasterio.open(path) as after:
        assert np.array_equal(before.read(1), after.read(1))


def test_jpeg_2000_can_be_told_its_nodata(shared_data: Path, shelf: Shelf) -> None:
    (path,) = (shared_data / "imagery/sentinel2-l2a-aws-19UDP").rglob("TCI.jp2")
    item = cog.enrich(one(path), shelf, nodata=0)
    with rasterio.open(path_of(item, "data")) as source:
        assert source.nodata == 0


def test_colours_of_a_palette_are_never_mixed(tmp_path: Path, shelf: Shelf) -> None:
    classes = np.random.default_rng(1).choice([0, 10], (1200, 1200)).astype("uint8")
    path = write(tmp_path / "p.tif", classes, photometric="PALETTE")
    with rasterio.open(path, "r+") as target:
        target.write_colormap(1, {0: (0, 0, 0), 10: (255, 0, 0)})
    item = cog.enrich(one(path), shelf)
    with rasterio.open(path_of(item, "data"), overview_level=0) as overview:
        assert set(np.unique(overview.read(1))) == {0, 10}


def test_a_raster_that_breaks_off_is_a_clear_line(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "a.tif", np.ones((900, 900), "uint16"), compress="deflate"))
    source = path_of(item, "data")
    source.write_bytes(source.read_bytes()[:-700])
    with pytest.raises(Unreadable, match=r"a.tif: cannot be read"):
        cog.enrich(item, shelf)


def test_the_footprint_follows_the_data_not_the_file(scene: pystac.Item, shelf: Shelf) -> None:
    whole = shape(scene.geometry)
    scene = cog.enrich(scene, shelf, nodata=0)
    valid = shape(footprint.enrich(scene, shelf).geometry)
    with rasterio.open(path_of(scene, "red")) as source:
        share = (source.read(1, out_shape=(400, 400), resampling=Resampling.nearest) > 0).mean()
    assert valid.is_valid
    assert valid.area / whole.area == pytest.approx(share, abs=0.01)
    assert scene.bbox == pytest.approx(valid.bounds)
    assert len(valid.exterior.coords) < 30


def test_the_footprint_bends_as_the_projection_does(tmp_path: Path, shelf: Shelf) -> None:
    side = np.ones((500, 500), "uint8")
    grid = {"crs": "EPSG:3413", "transform": from_origin(0, 0, 2000, 2000)}
    item = one(write(tmp_path / "polar.tif", side, nodata=0, **grid))
    exact = shape(item.geometry)
    found = shape(footprint.enrich(item, shelf).geometry)
    assert exact.difference(found).area / exact.area < 0.01
    assert found.difference(exact).area / exact.area < 0.01


def test_complex_numbers_become_a_cog(tmp_path: Path, shelf: Shelf) -> None:
    values = np.full((600, 600), 1 + 2j, "complex64")
    path = path_of(cog.enrich(one(write(tmp_path / "slc.tif", values)), shelf), "data")
    with rasterio.open(path) as source:
        assert source.read(1)[0, 0] == 1 + 2j


def test_the_thumbnail_is_clear_where_there_is_no_data(scene: pystac.Item, shelf: Shelf) -> None:
    scene = thumbnail.enrich(cog.enrich(scene, shelf, nodata=0), shelf)
    image = np.asarray(Image.open(path_of(scene, "thumbnail")))
    assert max(image.shape[:2]) == 512
    alpha = image[..., 3]
    assert 0.1 < (alpha == 0).mean() < 0.25
    assert image[alpha == 255][:, :3].std(axis=0).min() > 30
    assert scene.assets["thumbnail"].roles == ["thumbnail"]
