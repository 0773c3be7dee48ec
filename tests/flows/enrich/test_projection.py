"""Grids in the words of the Projection extension, held against its schema."""

from pathlib import Path

import numpy as np
import pytest
from rasterio.crs import CRS
from rasterio.transform import Affine, from_origin

from enriching import checked, item_of, shelf_in
from flows.enrich import projection
from flows.grids import reference
from rasters import one, write

ALBERS = (
    'PROJCS["anything",GEOGCS["NAD83",DATUM["North_American_Datum_1983",'
    'SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]],PROJECTION["Albers_Conic_Equal_Area"],'
    'PARAMETER["latitude_of_center",23],PARAMETER["longitude_of_center",-96],'
    'PARAMETER["standard_parallel_1",29.5],PARAMETER["standard_parallel_2",45.5],'
    'PARAMETER["false_easting",{easting}],PARAMETER["false_northing",0],UNIT["metre",1]]'
)
"""EPSG:5070 without any code, and with another false easting something else."""

SMALL = np.ones((4, 6), "uint8")


def told(folder: Path, **grid: object) -> dict[str, object]:
    item = projection.enrich(one(write(folder / "a.tif", SMALL, **grid)), shelf_in(folder))
    properties = checked(item)["properties"]
    return {name: value for name, value in properties.items() if name.startswith("proj:")}


def test_a_grid_is_told_whole(tmp_path: Path) -> None:
    assert told(tmp_path) == {
        "proj:code": "EPSG:32721",
        "proj:shape": [4, 6],
        "proj:transform": [30, 0, 500_000, 0, -30, 7_200_000],
        "proj:bbox": [500_000, 7_199_880, 500_180, 7_200_000],
        "proj:centroid": {
            "lat": pytest.approx(-25.3171, abs=1e-4),
            "lon": pytest.approx(-56.9991, abs=1e-4),
        },
    }


def test_a_code_is_found_by_the_definition_and_only_for_the_same() -> None:
    assert reference(CRS.from_wkt(ALBERS.format(easting=0)))["proj:code"] == "EPSG:5070"
    other = reference(CRS.from_wkt(ALBERS.format(easting=100)))
    assert other["proj:code"] is None
    assert other["proj:wkt2"].startswith("PROJCRS[")


def test_a_turned_grid_has_a_geometry_beside_its_box(tmp_path: Path) -> None:
    turned = Affine.translation(500_000, 7_200_000) * Affine.rotation(45) * Affine.scale(10, -10)
    fields = told(tmp_path, transform=turned)
    ring = fields["proj:geometry"]["coordinates"][0]
    assert ring[0] == ring[-1] == [500_000, 7_200_000]
    xs, ys = zip(*ring, strict=True)
    assert fields["proj:bbox"] == [min(xs), min(ys), max(xs), max(ys)]


def test_a_south_up_grid_has_a_box_from_low_to_high(tmp_path: Path) -> None:
    fields = told(tmp_path, transform=Affine(30, 0, 500_000, 0, 30, 7_000_000))
    assert fields["proj:bbox"] == [500_000, 7_000_000, 500_180, 7_000_120]
    assert "proj:geometry" not in fields


def test_what_ground_control_points_place_has_a_shape_and_no_code(
    shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "imagery/sentinel1-grd-gcps/measurement/iw-vv.tiff"
    item = projection.enrich(one(path), shelf_in(tmp_path))
    properties = checked(item)["properties"]
    assert properties["proj:code"] is None
    assert properties["proj:shape"] == [837, 1280]
    assert not {"proj:transform", "proj:bbox"} & properties.keys()


def test_the_view_of_a_satellite_has_a_definition(shared_data: Path, tmp_path: Path) -> None:
    item = projection.enrich(one(shared_data / "imagery/rgb-misc/goes.tif"), shelf_in(tmp_path))
    properties = checked(item)["properties"]
    assert properties["proj:code"] is None
    assert "Geostationary" in properties["proj:wkt2"]
    assert properties["proj:centroid"] == {
        "lat": pytest.approx(0, abs=0.1),
        "lon": pytest.approx(-75, abs=0.1),
    }


def test_what_differs_stands_in_the_assets(tmp_path: Path) -> None:
    fine = write(tmp_path / "f.tif", SMALL)
    coarse = write(
        tmp_path / "c.tif", SMALL[:2, :3], transform=from_origin(500_000, 7_200_000, 60, 60)
    )
    item = item_of({"fine": (fine.as_uri(), "data"), "coarse": (coarse.as_uri(), "data")})
    for _ in range(2):
        item = projection.enrich(item, shelf_in(tmp_path / _new(tmp_path)))
    assert item.properties["proj:code"] == "EPSG:32721"
    assert "proj:shape" not in item.properties
    assert item.assets["coarse"].extra_fields == {
        "proj:shape": [2, 3],
        "proj:transform": [60, 0, 500_000, 0, -60, 7_200_000],
    }


def _new(folder: Path) -> str:
    name = f"s{len(list(folder.iterdir()))}"
    (folder / name).mkdir()
    return name
