"""What may enter the catalogue: mended where no word is lost, refused with the place otherwise."""

import gzip
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples
from shapely.geometry import box, shape

from flows.geometries import _is_quadrilateral
from flows.validate import valid
from infrastructure.errors import Invalid

RING = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
BOW_TIE = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]
TWISTED = [[175, 0], [-175, 5], [-175, 0], [175, 5], [170, 3], [175, 0]]
AROUND = [[40, 45], [175, 0], [-175, -5], [-170, -50], [-175, -75], [175, -76], [-175, -77],
          [-150, -30], [-30, 20], [40, 45]]  # fmt: skip

ITEM: dict[str, Any] = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "i",
    "collection": "c",
    "geometry": {"type": "Polygon", "coordinates": [RING]},
    "bbox": [0, 0, 2, 2],
    "properties": {"datetime": "2024-01-01T00:00:00Z"},
    "links": [],
    "assets": {},
}


def item(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(ITEM), **changes}


def properties(**values: Any) -> dict[str, Any]:
    return item(properties={**ITEM["properties"], **values})


def polygon(*ring: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


@pytest.mark.parametrize(
    "document",
    [
        item(),
        item(geometry={"type": "Point", "coordinates": [1, 2, 300]}, bbox=[1, 2, 300, 1, 2, 300]),
        properties(datetime=None, start_datetime="2024-01-01T00:00:00Z",
                   end_datetime="2024-01-02T00:00:00Z"),
        properties(**{"eo:cloud_cover": None, "anybody:s": {"deep": [None, 0.1234567890123456]}}),
        item(foreign={"member": [1, None]}),
    ],
)  # fmt: skip
def test_a_good_item_is_left_as_it_is(document: dict[str, Any]) -> None:
    before = deepcopy(document)
    assert valid(document) == before
    assert document == before


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (item(id=None), "the record has no `id`"),
        (item(id=""), "the record has no `id`"),
        (item(geometry=None), "i: the item has no geometry"),
        (item(geometry={"type": "Polygon", "coordinates": []}), "i: its geometry is empty"),
        (item(geometry={"type": "Nonsense"}), "i: its geometry is no GeoJSON"),
        (item(geometry={"type": "Point", "coordinates": ["east", 0]}), "no GeoJSON"),
        (item(geometry={"type": "Point", "coordinates": [0, 91]}), "latitudes from 91"),
        (item(geometry={"type": "Point", "coordinates": [361, 0]}), "longitudes from 361"),
        (item(geometry=polygon([-242, 0], [-52, 0], [-52, 9], [-242, 0])), "longitudes from -242"),
        (item(geometry=polygon(*AROUND)), "crosses itself and the antimeridian"),
        (item(geometry=polygon(*TWISTED)), "crosses itself and the antimeridian"),
        (item(geometry=polygon([0, 0], [1, 1], [0, 0], [1, 1], [0, 0])), "beyond repair"),
        (properties(**{"eo:cloud_cover": "lots"}), "properties.eo:cloud_cover: "),
        (properties(**{"eo:cloud_cover": 101}), "properties.eo:cloud_cover: "),
        (properties(**{"sat:relative_orbit": 1.5}), "properties.sat:relative_orbit: "),
        (properties(platform=["a"]), "properties.platform: "),
        (properties(instruments="msi"), "properties.instruments: "),
        (properties(datetime="yesterday"), 'properties.datetime: "yesterday" is not a time in UTC'),
        (properties(datetime=5), "properties.datetime: 5 is not a text or null"),
        (item(properties={}), "i: properties: `datetime` is missing"),
        (
            properties(datetime=None),
            "`datetime` is null, so `start_datetime` and `end_datetime` have to be there",
        ),
        (
            properties(datetime=None, start_datetime="2024-01-01T00:00:00Z"),
            "properties: `end_datetime` is missing",
        ),
        (properties(bands=[]), "properties.bands: STAC does not allow this here"),
        (properties(platform={"a": "b" * 500}), "... is not a text"),
        (
            properties(start_datetime="2024-01-02T00:00:00Z", end_datetime="2024-01-01T00:00:00Z"),
            "after its end at 2024-01-01T00:00:00Z",
        ),
        (item(assets={"a": {"title": "no href"}}), "assets.a: `href` is missing"),
        (item(assets=[]), "assets: [] is not an object"),
        (item(links=[{"href": "x"}]), "links.0: `rel` is missing"),
        (item(links={}), "links: {} is not a list"),
        (item(bbox=[0, 1, 2]), "bbox: [0,1,2] has less than 4 items"),
        (item(bbox=[0, 50, 2, -50]), "its bbox has its south at 50, north of its north at -50"),
        (item(geometry={"type": "Polygon", "coordinates": [[*RING[:-1], 7]]}), "no GeoJSON"),
        (
            properties(datetime="2016-12-31T23:59:60Z"),
            "2016-12-31T23:59:60Z cannot be kept: second",
        ),
        (
            properties(datetime="0000-01-01T00:00:00Z"),
            "0000-01-01T00:00:00Z cannot be kept: year 0",
        ),
        (item(type="Coverage"), 'type: "Coverage" is not one of "Feature"'),
        (item(properties=None), "the item: `properties` is missing"),
        (item(properties=[]), "properties: [] is not an object"),
    ],
)
def test_what_cannot_be_right_is_one_sentence(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        valid(document)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["type", "links", "assets", "properties", "stac_version"])
def test_what_is_missing_is_named(name: str) -> None:
    document = item()
    del document[name]
    with pytest.raises(Invalid, match=f"^i: the item: `{name}` is missing$"):
        valid(document)


def test_a_polygon_that_crosses_itself_keeps_its_place() -> None:
    mended = valid(item(geometry=polygon(*BOW_TIE)))
    assert mended["geometry"]["type"] == "MultiPolygon"
    assert mended["bbox"] == ITEM["bbox"]


def test_a_missing_box_is_that_of_the_geometry() -> None:
    document = item()
    del document["bbox"]
    assert valid(document)["bbox"] == [0.0, 0.0, 2.0, 2.0]


def test_nulls_that_stac_forbids_go_and_those_of_properties_stay() -> None:
    document = properties(**{"s2:dark_features_percentage": None, "created": None})
    document["links"] = [{"rel": "via", "href": "https://example.com", "title": None}]
    document["assets"] = {"a": {"href": "https://example.com/a.tif", "title": None, "roles": None}}
    mended = valid(document)
    assert mended["links"] == [{"rel": "via", "href": "https://example.com"}]
    assert mended["assets"] == {"a": {"href": "https://example.com/a.tif"}}
    assert "created" not in mended["properties"]
    assert mended["properties"]["s2:dark_features_percentage"] is None


@pytest.mark.parametrize(
    ("geometry", "mended", "box"),
    [
        (
            polygon([170, 40], [190, 40], [190, 50], [170, 50], [170, 40]),
            [[170, 40, 180, 50], [-180, 40, -170, 50]],
            [170, 40, -170, 50],
        ),
        (
            polygon([-180.5, 0], [-179.5, 0], [-179.5, 1], [-180.5, 1], [-180.5, 0]),
            [[179.5, 0, 180, 1], [-180, 0, -179.5, 1]],
            [179.5, 0, -179.5, 1],
        ),
        (
            polygon([200, 0], [210, 0], [210, 1], [200, 1], [200, 0]),
            [[-160, 0, -150, 1]],
            [-160, 0, -150, 1],
        ),
        ({"type": "Point", "coordinates": [181, 2]}, [[-179, 2, -179, 2]], [-179, 2, -179, 2]),
    ],
)
def test_what_runs_on_beyond_the_antimeridian_is_cut_there(
    geometry: dict[str, Any], mended: list[list[float]], box: list[float]
) -> None:
    told = valid(item(geometry=geometry, bbox=[*shape(geometry).bounds]))
    there = shape(told["geometry"])
    parts = [list(part.bounds) for part in getattr(there, "geoms", [there])]
    assert sorted(parts) == sorted(mended)
    assert there.is_valid
    assert there.area == pytest.approx(shape(geometry).area)
    assert told["bbox"] == box


def test_a_polygon_that_jumps_over_the_map_goes_the_shorter_way() -> None:
    ring = [[170, 0], [175, -5], [-175, 5], [-170, 0], [-175, 8], [175, 8], [170, 0]]
    told = valid(item(geometry=polygon(*ring), bbox=[-175, -5, 10, 175, 8, 90]))
    there = shape(told["geometry"])
    assert there.geom_type == "MultiPolygon"
    assert there.is_valid
    assert there.area < 200
    assert told["bbox"] == [170, -5, 10, -170, 8, 90]


def test_a_spike_along_the_antimeridian_is_cut_off() -> None:
    ring = [[179, 0], [180, 0], [-180, 0], [-180, 5], [180, 5], [-180, 2], [179, 2], [179, 0]]
    there = shape(valid(item(geometry=polygon(*ring), bbox=[-180, 0, 180, 5]))["geometry"])
    assert there.bounds == (179, 0, 180, 2)


def test_a_polygon_around_the_globe_is_left_as_it_is() -> None:
    globe = item(
        geometry=polygon([-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]),
        bbox=[-180, -90, 180, 90],
    )
    assert valid(globe) == globe


@given(corners=lists(tuples(integers(-181, 181), integers(-91, 91)), min_size=4, max_size=4))
def test_a_quadrilateral_is_taken_as_it_is_only_if_geos_finds_no_fault(
    corners: list[tuple[int, int]],
) -> None:
    geometry = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    if _is_quadrilateral(geometry):
        assert shape(geometry).is_valid
        assert box(-180, -90, 180, 90).contains(shape(geometry))


def test_an_open_ring_is_closed() -> None:
    told = valid(item(geometry=polygon(*RING[:-1])))
    assert json.loads(json.dumps(told["geometry"]))["coordinates"] == [RING]


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2024-04-19 04:59:16.653405+00:00", "2024-04-19T04:59:16.653405Z"),
        ("2016-05-02T08:00:00.00+08:00", "2016-05-02T00:00:00Z"),
    ],
)
def test_times_are_brought_to_utc(told: str, moment: str) -> None:
    mended = valid(properties(created=told, end_datetime=told, start_datetime=told))["properties"]
    assert {mended["created"], mended["start_datetime"], mended["end_datetime"]} == {moment}


@pytest.mark.parametrize("told", ["2024-04-31 00:00:00Z", "2024-04-19 04:59:16"])
def test_times_that_are_none_or_tell_no_zone_are_refused(told: str) -> None:
    with pytest.raises(Invalid, match=r"properties\.created"):
        valid(properties(created=told))


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("sentinel-2-l2a-1000-items.ndjson.gz", 1000),
        ("landsat-c2-l2-100-items.ndjson.gz", 100),
        ("naip-1000-items.ndjson.gz", 1000),
        ("openaerialmap-2951-items.ndjson.gz", 2897),
    ],
)
def test_real_items_are_good_but_for_those_that_end_before_they_start(
    shared_data: Path, name: str, good: int
) -> None:
    accepted, reasons = 0, []
    with gzip.open(shared_data / "stac" / "bulk" / name) as lines:
        for line in lines:
            try:
                valid({**orjson.loads(line), "stac_version": "1.1.0"})
            except Invalid as error:
                reasons.append(str(error))
            else:
                accepted += 1
    assert accepted == good
    assert all("after its end" in reason for reason in reasons)
