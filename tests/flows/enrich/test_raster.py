"""Values in the words of STAC 1.1 and the Raster extension, held against its schema."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from enriching import checked, shelf_in
from flows.enrich import cog, raster
from infrastructure.storage import Shelf
from rasters import one, write


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def test_values_are_told_whole(tmp_path: Path, shelf: Shelf) -> None:
    values = np.array([[1.0, 2.0], [3.0, np.nan]], "float32")
    path = write(tmp_path / "f.tif", values, nodata=float("nan"))
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets, target.units = (0.1,), (-5,), ("K",)
    item = raster.enrich(one(path), shelf, buckets=3)
    fields = checked(item)["assets"]["data"]
    assert {
        name: fields[name] for name in fields if name not in {"href", "title", "roles", "type"}
    } == {
        "gsd": 30,
        "data_type": "float32",
        "nodata": "nan",
        "unit": "K",
        "raster:scale": 0.1,
        "raster:offset": -5,
        "raster:sampling": "area",
        "raster:spatial_resolution": 30,
        "bands": [
            {
                "statistics": {
                    "minimum": 1.0,
                    "maximum": 3.0,
                    "mean": 2.0,
                    "stddev": pytest.approx(0.816497),
                    "valid_percent": 75.0,
                },
                "raster:histogram": {"count": 3, "min": 1, "max": 3, "buckets": [1, 1, 1]},
            }
        ],
    }


@pytest.mark.parametrize("told", [{"nodata": 0}, {"bands": [{"nodata": 0}]}])
def test_figures_leave_out_what_the_item_calls_no_data(
    tmp_path: Path, shelf: Shelf, told: dict[str, Any]
) -> None:
    path = write(tmp_path / "s.tif", np.arange(16, dtype="uint16").reshape(4, 4))
    item = raster.enrich(one(path, **told), shelf)
    (band,) = item.assets["data"].extra_fields["bands"]
    assert band["statistics"]["minimum"] == 1
    assert band["statistics"]["valid_percent"] == 93.75


def test_the_scale_that_the_product_tells_stays(tmp_path: Path, shelf: Shelf) -> None:
    path = write(tmp_path / "s.tif", np.arange(16, dtype="uint16").reshape(4, 4))
    with rasterio.open(path, "r+") as target:
        target.scales = (5,)
    fields = raster.enrich(one(path, **{"raster:scale": 2e-5}), shelf).assets["data"].extra_fields
    assert fields["raster:scale"] == 2e-5


def test_classes_are_counted_not_averaged(tmp_path: Path, shelf: Shelf) -> None:
    classes = np.array([[3, 3, 3, 0], [5, 5, 7, 0]], "uint8")
    item = one(write(tmp_path / "c.tif", classes, nodata=0))
    item.assets["data"].roles = ["data", "quality"]
    (band,) = checked(raster.enrich(item, shelf))["assets"]["data"]["bands"]
    assert band == {
        "statistics": {"minimum": 3, "maximum": 7, "valid_percent": 75.0},
        "raster:histogram": {"count": 5, "min": 2.5, "max": 7.5, "buckets": [3, 0, 2, 0, 1]},
    }


def test_bands_keep_their_names_and_order(tmp_path: Path, shelf: Shelf) -> None:
    values = np.stack([np.full((4, 4), value, "uint8") for value in (1, 2, 3)])
    bands = [{"name": name, "eo:common_name": name} for name in ("red", "green", "blue")]
    item = raster.enrich(one(write(tmp_path / "b.tif", values), bands=bands), shelf)
    told = item.assets["data"].extra_fields["bands"]
    assert [(band["name"], band["statistics"]["mean"]) for band in told] == [
        ("red", 1),
        ("green", 2),
        ("blue", 3),
    ]
    assert bands[0].keys() == {"name", "eo:common_name"}


def test_histograms_are_left_out_when_told(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "h.tif", np.arange(16, dtype="uint8").reshape(4, 4)))
    (band,) = raster.enrich(item, shelf).assets["data"].extra_fields["bands"]
    assert "raster:histogram" in band
    (band,) = raster.enrich(item, shelf, histogram=False).assets["data"].extra_fields["bands"]
    assert "raster:histogram" not in band


@pytest.mark.parametrize(
    ("crs", "origin", "metres"),
    [
        ("EPSG:4326", (10, 60.0005, 0.001, 0.001), (111.32 + 55.66) / 2),
        ("EPSG:2263", (1_000_000, 200_000, 10, 10), 3.048),
    ],
)
def test_the_resolution_is_in_metres(
    crs: str, origin: tuple[float, ...], metres: float, tmp_path: Path, shelf: Shelf
) -> None:
    path = write(
        tmp_path / "r.tif", np.ones((2, 2), "uint8"), crs=crs, transform=from_origin(*origin)
    )
    fields = raster.enrich(one(path), shelf).assets["data"].extra_fields
    assert fields["raster:spatial_resolution"] == pytest.approx(metres, rel=0.001)


def test_the_resolution_of_radar_is_measured_between_its_points(
    shared_data: Path, shelf: Shelf
) -> None:
    path = shared_data / "imagery/sentinel1-grd-gcps/measurement/iw-vv.tiff"
    fields = raster.enrich(one(path), shelf).assets["data"].extra_fields
    assert fields["raster:spatial_resolution"] == pytest.approx(200, rel=0.05)


def test_what_is_transparent_is_not_valid(tmp_path: Path, shelf: Shelf) -> None:
    values = np.full((4, 100, 100), 200, "uint8")
    values[3, :50] = 0
    item = one(write(tmp_path / "rgba.tif", values, photometric="RGB", alpha="YES"))
    fields = raster.enrich(cog.enrich(item, shelf), shelf).assets["data"].extra_fields
    assert fields["bands"][0]["statistics"]["valid_percent"] == pytest.approx(50)


def test_a_huge_nodata_stays_json(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "h.tif", np.ones((4, 4), "float32"), nodata=-3.4028234663852886e38))
    fields = raster.enrich(item, shelf).assets["data"].extra_fields
    assert fields["nodata"] == -3.4028234663852886e38
    assert isinstance(fields["nodata"], float)


def test_a_raster_of_nothing_has_no_figures(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "n.tif", np.zeros((8, 8), "uint8"), nodata=0))
    fields = raster.enrich(item, shelf).assets["data"].extra_fields
    assert fields["bands"] == [{"statistics": {"valid_percent": 0.0}}]
