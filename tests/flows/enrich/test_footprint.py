"""The outline of valid data, on rasters whose outline is known."""

from pathlib import Path

import numpy as np
import pytest
from rasterio.control import GroundControlPoint
from rasterio.transform import from_origin
from shapely.geometry import Point, shape

from enriching import checked, shelf_in
from flows.enrich import footprint
from infrastructure.errors import Unreadable
from infrastructure.storage import Shelf
from rasters import one, write


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def disk(side: int) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side] - side / 2 + 0.5
    return (np.hypot(rows, columns) < side / 2 - 1).astype("uint8")


def test_the_outline_lies_within_the_tolerance_of_the_pixels(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "d.tif", disk(1000), nodata=0))
    middle = Point(item.bbox[0] / 2 + item.bbox[2] / 2, item.bbox[1] / 2 + item.bbox[3] / 2)
    degrees = 111_320
    for tolerance in (100, 1000):
        outline = shape(footprint.enrich(item, shelf, tolerance).geometry)
        tall = outline.bounds[3] - outline.bounds[1]
        assert tall * degrees == pytest.approx(2 * 499 * 30, abs=2 * tolerance + 100)
        assert outline.contains(middle)
        assert outline.is_valid
    assert len(outline.exterior.coords) < 40


def test_the_outline_of_the_files_is_kept_when_asked(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "d.tif", disk(200), nodata=0))
    files = item.geometry
    for _ in range(2):
        item = footprint.enrich(item, shelf, keep_box=True)
    assert item.properties["swath:file_footprint"] == files
    assert shape(item.geometry).area < 0.9 * shape(files).area
    assert item.bbox == pytest.approx(shape(item.geometry).bounds)
    checked(item)


def test_nodata_that_a_file_does_not_declare_can_be_told(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "d.tif", disk(200)))
    whole = shape(item.geometry).area
    assert shape(footprint.enrich(item, shelf).geometry).area == pytest.approx(whole, rel=0.01)
    by_option = shape(footprint.enrich(item, shelf, nodata=0).geometry).area
    item.assets["data"].extra_fields["nodata"] = 0
    by_item = shape(footprint.enrich(item, shelf).geometry).area
    assert by_option / whole == pytest.approx(np.pi / 4, abs=0.03)
    assert by_item == by_option


@pytest.mark.parametrize(
    ("crs", "origin", "pole"),
    [("EPSG:3413", (-1e6, 1e6), 90), ("EPSG:3031", (-1e6, 1e6), -90)],
)
def test_data_around_a_pole_have_the_pole_in_their_outline(
    crs: str, origin: tuple[float, float], pole: int, tmp_path: Path, shelf: Shelf
) -> None:
    grid = {"crs": crs, "transform": from_origin(*origin, 10_000, 10_000)}
    item = footprint.enrich(one(write(tmp_path / "p.tif", disk(200), nodata=0, **grid)), shelf)
    outline = shape(item.geometry)
    assert outline.is_valid
    assert outline.bounds[0] == -180
    assert outline.bounds[2] == 180
    assert pole in (outline.bounds[1], outline.bounds[3])
    edge = next(v for v in (outline.bounds[1], outline.bounds[3]) if v != pole)
    assert abs(edge) == pytest.approx(80.9, abs=0.5)


def test_data_across_the_dateline_are_split_there(tmp_path: Path, shelf: Shelf) -> None:
    grid = {"crs": "EPSG:32760", "transform": from_origin(600_000, 8_000_000, 1000, 1000)}
    item = footprint.enrich(one(write(tmp_path / "a.tif", disk(300), nodata=0, **grid)), shelf)
    outline = shape(item.geometry)
    assert outline.geom_type == "MultiPolygon"
    assert outline.is_valid
    west, _, east, _ = item.bbox
    assert west > 0 > east


def test_rasters_without_a_grid_keep_the_footprint_of_the_product(
    tmp_path: Path, shelf: Shelf
) -> None:
    points = [
        GroundControlPoint(0, 0, 10, 50, 0),
        GroundControlPoint(0, 100, 12, 50, 0),
        GroundControlPoint(100, 0, 10, 48, 0),
        GroundControlPoint(100, 100, 12, 48, 0),
    ]
    path = write(tmp_path / "g.tif", disk(100), transform=None, gcps=points, crs="EPSG:4326")
    item = one(path)
    before = item.to_dict(include_self_link=False)
    assert footprint.enrich(item, shelf).to_dict(include_self_link=False) == before


def test_files_that_say_nothing_of_validity_leave_the_footprint_of_the_product(
    shared_data: Path, shelf: Shelf
) -> None:
    folder = shared_data / "imagery/meris-mediterranean-2006"
    item = one(next(folder.glob("*20060822*.tif")))
    item.geometry = {**item.geometry, "coordinates": [[[0, 0], [9, 1], [8, 9], [0, 0]]]}
    before = item.to_dict(include_self_link=False)
    assert footprint.enrich(item, shelf).to_dict(include_self_link=False) == before
    assert shape(footprint.enrich(item, shelf, nodata=0).geometry).area > 100


def test_a_raster_of_nothing_has_no_footprint(tmp_path: Path, shelf: Shelf) -> None:
    item = one(write(tmp_path / "n.tif", np.zeros((8, 8), "uint8"), nodata=0))
    with pytest.raises(Unreadable, match=r"n.tif: no pixel of it is valid"):
        footprint.enrich(item, shelf)
