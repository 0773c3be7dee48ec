"""Small pictures: which bands they show, in which tones, and what is clear in them."""

from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
from rasterio.transform import Affine, from_origin

from enriching import checked, item_of, shelf_in
from flows import options
from flows.enrich import thumbnail
from infrastructure.errors import Invalid, Misconfigured
from infrastructure.storage import Shelf
from rasters import one, picture, write

SLOPE = np.tile(np.arange(100, dtype="uint16")[:, None] * 50 + 500, (1, 100))
"""Brighter to the south."""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def bands(folder: Path, **fields: dict[str, Any]) -> pystac.Item:
    """An item of one file per band: key -> fields; each is brighter in another place."""
    files = {}
    for number, key in enumerate(fields):
        values = np.full((100, 100), 1000, "uint16")
        values[:, number * 20 : number * 20 + 20] = 9000
        files[key] = (write(folder / f"{key}.tif", values).as_uri(), "data")
    item = item_of(files)
    for key, told in fields.items():
        item.assets[key].extra_fields = told
    return item


def brightest(image: np.ndarray) -> list[int]:
    """Which fifth of the picture is brightest in red, green and blue."""
    return [int(image[..., channel].mean(axis=0).argmax() // 20) for channel in range(3)]


def named(name: str) -> dict[str, Any]:
    return {"bands": [{"name": name, "eo:common_name": name}]}


def waves(centre: float) -> dict[str, Any]:
    return {"bands": [{"eo:center_wavelength": centre}]}


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"b1": named("blue"), "b2": named("green"), "b3": named("red")}, [2, 1, 0]),
        ({"blue": {}, "green": {}, "red": {}}, [2, 1, 0]),
        ({"b1": waves(0.49), "b2": waves(0.86), "b3": waves(0.56), "b4": waves(0.66)}, [3, 2, 0]),
    ],
)
def test_true_colour_is_found_by_name_and_wavelength(
    fields: dict[str, Any], shown: list[int], tmp_path: Path, shelf: Shelf
) -> None:
    item = thumbnail.enrich(bands(tmp_path, **fields), shelf)
    assert brightest(picture(item, "thumbnail")) == shown


def test_renders_say_what_is_shown_where_there_is_no_true_colour(
    tmp_path: Path, shelf: Shelf
) -> None:
    item = bands(tmp_path, a={}, b={}, c={})
    item.properties["renders"] = {"false": {"assets": ["c", "a", "b"]}}
    assert brightest(picture(thumbnail.enrich(item, shelf), "thumbnail")) == [2, 0, 1]


def test_a_true_colour_picture_of_the_product_is_taken_as_it_is(
    tmp_path: Path, shelf: Shelf
) -> None:
    item = bands(tmp_path, red={}, green={}, blue={})
    colours = np.stack([np.full((50, 50), value, "uint8") for value in (200, 100, 50)])
    path = write(tmp_path / "tci.tif", colours, photometric="RGB")
    item.add_asset("visual", pystac.Asset(path.as_uri(), roles=["visual"]))
    red, green, blue, alpha = picture(thumbnail.enrich(item, shelf), "thumbnail")[25, 25]
    assert (red, alpha) == (255, 255)
    assert green / red == pytest.approx(0.5, abs=0.01)
    assert blue / red == pytest.approx(0.25, abs=0.01)


def test_palettes_and_classes_keep_their_colours(tmp_path: Path, shelf: Shelf) -> None:
    classes = np.repeat([[1, 2]], 40, axis=0).repeat(20, axis=1).astype("uint8")
    item = one(write(tmp_path / "c.tif", classes))
    told = [
        {"value": 1, "description": "Water", "color_hint": "0000FF"},
        {"value": 2, "description": "Forest", "color_hint": "008000"},
    ]
    item.assets["data"].extra_fields["classification:classes"] = told
    image = picture(thumbnail.enrich(item, shelf), "thumbnail")
    assert image[5, 5].tolist() == [0, 0, 255, 255]
    assert image[5, 35].tolist() == [0, 128, 0, 255]


def test_north_is_above(tmp_path: Path, shelf: Shelf) -> None:
    south_up = Affine(30, 0, 500_000, 0, 30, 7_000_000)
    item = thumbnail.enrich(one(write(tmp_path / "s.tif", SLOPE, transform=south_up)), shelf)
    image = picture(item, "thumbnail")
    assert image[0, 0, 0] > image[-1, 0, 0]


def test_a_turned_grid_is_turned_back(tmp_path: Path, shelf: Shelf) -> None:
    quarter = Affine(0, 30, 500_000, -30, 0, 7_000_000)  # rows run east, columns south
    item = thumbnail.enrich(one(write(tmp_path / "t.tif", SLOPE, transform=quarter)), shelf)
    image = picture(item, "thumbnail")
    assert image[50, -5, 0] > image[50, 5, 0] + 100
    assert abs(int(image[5, 50, 0]) - int(image[-5, 50, 0])) < 5


def test_radar_is_warped_by_its_control_points(shared_data: Path, shelf: Shelf) -> None:
    item = one(shared_data / "imagery/sentinel1-grd-gcps/measurement/iw-vv.tiff")
    item.properties["sar:instrument_mode"] = "IW"
    image = picture(thumbnail.enrich(item, shelf), "thumbnail")
    assert max(image.shape) <= 512 * 1.25
    clear = image[..., 3] == 0
    assert clear[0, 0] and clear[-1, -1]  # noqa: PT018 - both corners
    assert 0.1 < clear.mean() < 0.4
    assert image[~clear][:, 0].std() > 40


def test_undeclared_edges_of_zeros_are_clear_and_zeros_within_are_not(
    tmp_path: Path, shelf: Shelf
) -> None:
    values = SLOPE.copy()
    values[:, :30] = 0
    values[50:60, 60:70] = 0
    item = thumbnail.enrich(one(write(tmp_path / "e.tif", values)), shelf)
    alpha = picture(item, "thumbnail")[..., 3]
    assert alpha[:, :30].max() == 0
    assert alpha[:, 30:].min() == 255


def test_degrees_are_narrowed_as_on_the_ground(tmp_path: Path, shelf: Shelf) -> None:
    grid = {"crs": "EPSG:4326", "transform": from_origin(10, 60.05, 0.001, 0.001)}
    item = thumbnail.enrich(one(write(tmp_path / "d.tif", SLOPE, **grid)), shelf)
    assert picture(item, "thumbnail").shape[:2] == (100, 50)


def test_a_ramp_colours_a_single_band(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "r.tif", SLOPE))
    image = picture(thumbnail.enrich(item, shelf, ramp="viridis"), "thumbnail")
    assert image[0, 0].tolist() == [0x44, 0x01, 0x54, 255]
    assert image[-1, 0].tolist() == [0xFD, 0xE7, 0x25, 255]


def test_a_picture_that_the_product_brought_stays_beside_ours(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "a.tif", SLOPE))
    item.add_asset("thumbnail", pystac.Asset("file:///p/quicklook.jpg", roles=["thumbnail"]))
    for _ in range(2):
        item = thumbnail.enrich(item, shelf)
    assert list(item.assets) == ["data", "thumbnail", "delivered-thumbnail"]
    assert item.assets["delivered-thumbnail"].href == "file:///p/quicklook.jpg"
    assert picture(item, "thumbnail").shape[:2] == (100, 100)
    checked(item)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"assets": ["nir"]}, "cannot be made of nir: no such asset"),
        ({"assets": ["data", "data"]}, "one asset or three, not of 2"),
    ],
)
def test_assets_that_are_not_there_are_told(
    wish: dict[str, Any], reason: str, tmp_path: Path, shelf: Shelf
) -> None:
    with pytest.raises(Invalid, match=reason):
        thumbnail.enrich(one(write(tmp_path / "a.tif", SLOPE)), shelf, **wish)


@pytest.mark.parametrize(
    "wrong",
    [{"size": 4096}, {"gamma": 0}, {"ramp": "rainbow"}, {"format": "gif"}, {"percentiles": [2]}],
)
def test_options_that_are_none_are_refused_before_a_harvest(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match=f"`{next(iter(wrong))}`"):
        options.check(thumbnail.enrich, 2, wrong)


def test_percentiles_go_upwards(tmp_path: Path, shelf: Shelf) -> None:
    with pytest.raises(Misconfigured, match=r"98 and 2: not two of 0 to 100, upwards"):
        thumbnail.enrich(one(write(tmp_path / "a.tif", SLOPE)), shelf, percentiles=[98, 2])
