"""Cloud summaries of real quality bands, held against what the agencies say of the same scenes."""

import json
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio

from enriching import checked, item_of, shelf_in
from flows.enrich import clouds
from infrastructure.errors import Unreadable
from infrastructure.storage import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def banded(key: str, path: Path) -> pystac.Item:
    return item_of({key: (path.as_uri(), "data")})


def write(path: Path, values: np.ndarray, **options: object) -> Path:
    rows, columns = values.shape
    profile = {"driver": "GTiff", "count": 1, "height": rows, "width": columns, **options}
    with rasterio.open(path, "w", dtype=str(values.dtype), **profile) as target:
        target.write(values, 1)
    return path


def told(item: pystac.Item) -> dict[str, object]:
    """What the step made of an item, which must be valid and must not change a second time."""
    return dict(checked(item)["properties"])


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        (
            "landsat8-c2l2-greenland-005009",
            {
                "eo:cloud_cover": 54.67,
                "swath:cloud_cover_method": "cloudy pixels of QA_PIXEL",
                "swath:clear_percentage": 39.16,
                "swath:cloud_percentage": 54.67,
                "swath:cloud_shadow_percentage": 4.99,
                "eo:snow_cover": 40.34,
                "swath:water_percentage": 0.0,
            },
        ),
        (
            "landsat8-c2l2-amazon-001062",
            {
                "eo:cloud_cover": 99.94,
                "swath:cloud_cover_method": "cloudy pixels of QA_PIXEL",
                "swath:clear_percentage": 0.0,
                "swath:cloud_percentage": 99.94,
                "swath:cloud_shadow_percentage": 0.06,
                "eo:snow_cover": 0.0,
                "swath:water_percentage": 0.0,
            },
        ),
    ],
)
def test_qa_pixel_tells_what_the_agency_tells(
    scene: str, expected: dict[str, object], shared_data: Path, shelf: Shelf
) -> None:
    folder = shared_data / "imagery" / scene
    (band,) = folder.glob("*_QA_PIXEL.TIF")
    facts = told(clouds.enrich(banded("qa_pixel", band), shelf))
    (metadata,) = folder.glob("*_MTL.json")
    attributes = json.loads(metadata.read_text())["LANDSAT_METADATA_FILE"]["IMAGE_ATTRIBUTES"]
    assert facts["eo:cloud_cover"] == pytest.approx(float(attributes["CLOUD_COVER"]), abs=0.03)
    facts.pop("datetime")
    assert facts == expected


def test_scl_tells_what_the_agency_tells(shared_data: Path, shelf: Shelf) -> None:
    folder = shared_data / "imagery/sentinel2-l2a-cog-29RKH"
    document = json.loads((folder / "S2A_29RKH_20200219_0_L2A.json").read_text())
    facts = told(clouds.enrich(banded("scl", folder / "SCL.tif"), shelf))
    classes = {
        name: value
        for name, value in document["properties"].items()
        if name.endswith("_percentage") and name != "s2:degraded_msi_data_percentage"
    }
    assert len(classes) == 12
    for name, value in classes.items():
        assert facts[name] == pytest.approx(value, abs=0.06), name
    assert facts["eo:cloud_cover"] == 4.06
    assert document["properties"]["eo:cloud_cover"] == pytest.approx(4.06, abs=0.01)
    assert facts["swath:clear_percentage"] == 95.94


def test_bqa_counts_what_is_sure(shared_data: Path, shelf: Shelf) -> None:
    (band,) = (shared_data / "imagery/landsat8-c1l1-newyork-2018").rglob("*_20180106_BQA.TIF")
    facts = told(clouds.enrich(banded("bqa", band), shelf))
    facts.pop("datetime")
    assert facts == {
        "eo:cloud_cover": 35.92,
        "swath:cloud_cover_method": "cloudy pixels of BQA",
        "swath:clear_percentage": 46.91,
        "swath:cloud_percentage": 35.92,
        "swath:cloud_shadow_percentage": 9.54,
        "eo:snow_cover": 46.64,
    }


def test_what_the_product_tells_stays(shared_data: Path, shelf: Shelf) -> None:
    item = banded("SCL_20m", shared_data / "imagery/sentinel2-l2a-cog-29RKH/SCL.tif")
    item.properties |= {"eo:cloud_cover": 3.5, "s2:water_percentage": 1.25}
    facts = told(clouds.enrich(item, shelf))
    assert (facts["eo:cloud_cover"], facts["s2:water_percentage"]) == (3.5, 1.25)
    assert "swath:cloud_cover_method" not in facts
    assert facts["swath:cloud_percentage"] == 4.06


def test_a_band_of_several_strips_is_counted_whole(
    tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.full((1100, 700), 1 << 6, "uint16")
    values[1000:] = 1 << 3
    monkeypatch.setattr("flows.quality.bands.PIXELS", 100_000)
    path = write(tmp_path / "q.tif", values, tiled=True, blockxsize=256, blockysize=256)
    facts = told(clouds.enrich(banded("qa_pixel", path), shelf))
    assert facts["eo:cloud_cover"] == 9.09


def test_collars_are_not_counted(tmp_path: Path, shelf: Shelf) -> None:
    values = np.array([[0, 1, 1 << 6, 1 << 3, 65535]], "uint16")
    path = write(tmp_path / "q.tif", values, nodata=65535)
    assert told(clouds.enrich(banded("qa_pixel", path), shelf))["eo:cloud_cover"] == 50


def test_the_share_of_no_data_is_that_of_all_pixels(tmp_path: Path, shelf: Shelf) -> None:
    path = write(tmp_path / "s.tif", np.array([[0, 4, 4, 9]], "uint8"), nodata=0)
    facts = told(clouds.enrich(banded("scl", path), shelf))
    assert facts["s2:nodata_pixel_percentage"] == 25
    assert facts["s2:vegetation_percentage"] == facts["swath:clear_percentage"] == 66.67


def test_a_band_of_nothing_tells_nothing(tmp_path: Path, shelf: Shelf) -> None:
    item = banded("scl", write(tmp_path / "s.tif", np.zeros((4, 4), "uint8")))
    assert told(clouds.enrich(item, shelf)).keys() == {"datetime"}


def test_a_quality_band_of_fractions_is_refused(tmp_path: Path, shelf: Shelf) -> None:
    item = banded("scl", write(tmp_path / "s.tif", np.zeros((4, 4), "float32")))
    with pytest.raises(Unreadable, match=r"s.tif: float32 is no type of a quality band"):
        clouds.enrich(item, shelf)


def test_half_a_sky_of_white_is_half_cloud(tmp_path: Path, shelf: Shelf) -> None:
    reflectance = np.full((100, 100), 0.05)
    reflectance[:50] = 0.5
    numbers = np.rint((reflectance + 0.1) / 2e-5).astype("uint16")
    path = write(tmp_path / "band.tif", numbers)
    item = item_of({key: (path.as_uri(), "data") for key in ("blue", "green", "red")})
    for asset in item.assets.values():
        asset.extra_fields |= {"raster:scale": 2e-5, "raster:offset": -0.1}
    facts = told(clouds.enrich(item, shelf))
    assert facts["eo:cloud_cover"] == pytest.approx(50)
    assert str(facts["swath:cloud_cover_method"]).startswith("estimate: ")


def test_without_reflectance_nothing_is_guessed(tmp_path: Path, shelf: Shelf) -> None:
    item = banded("data", write(tmp_path / "x.tif", np.ones((4, 4), "uint8")))
    assert told(clouds.enrich(item, shelf)).keys() == {"datetime"}


def test_a_told_cover_without_a_quality_band_stays(shelf: Shelf) -> None:
    item = clouds.enrich(item_of({}, **{"eo:cloud_cover": 12.5}), shelf)
    assert told(item) == {"datetime": "2020-01-01T00:00:00Z", "eo:cloud_cover": 12.5}
