"""What a collection tells of its items, kept while they are registered."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import deregister, register
from infrastructure.summaries import assets, values
from infrastructure.summaries.renders import SCHEMA, proposed
from tiling.style import Style

CORE = "https://schemas.stacspec.org/v1.1.0/collection-spec/json-schema/collection.json"
RING = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]


def band(colour: str, **fields: Any) -> dict[str, Any]:
    return {"name": colour, "eo:common_name": colour, **fields}


def raster(*bands: dict[str, Any]) -> dict[str, Any]:
    return {"href": "a.tif", "type": "image/tiff", "roles": ["data"], "bands": list(bands)}


def entry(name: str, parts: dict[str, Any] | None = None, **properties: Any) -> Entry:
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "bbox": [0.0, 0.0, 1.0, 1.0],
        "geometry": {"type": "Polygon", "coordinates": [RING]},
        "properties": {"datetime": "2024-01-01T00:00:00Z", **properties},
        "links": [],
        "assets": parts or {},
    }
    return Entry(item, name, "v1")


THREE = {name: raster(band(name)) for name in ("blue", "green", "red")}
TRUE_COLOUR = {"default": {"title": "True colour", "assets": ["red", "green", "blue"]}}


@pytest.mark.platform
def test_a_collection_tells_of_its_items_and_forgets_them_when_it_is_empty(
    catalogue: Catalogue, shared_data: Path
) -> None:
    catalogue.put_collection(collection("c"))
    empty = catalogue.collection("c")
    first = {"platform": "a", "instruments": ["x", "y"], "eo:cloud_cover": 7}
    second = {"platform": "b", "eo:cloud_cover": 90.5, "gsd": "odd", "proj:code": None}
    register(catalogue, "c", [entry("one", THREE, **first)])
    register(catalogue, "c", [entry("two", THREE, **second)])
    told = catalogue.collection("c")
    assert told["summaries"] == {
        "platform": ["a", "b"],
        "instruments": ["x", "y"],
        "eo:cloud_cover": {"minimum": 7, "maximum": 90.5},
    }
    assert told["renders"] == TRUE_COLOUR
    assert SCHEMA in told["stac_extensions"]
    _check(told, shared_data)
    deregister(catalogue, "c", ["one", "two"])
    left = catalogue.collection("c")
    assert {**left, "extent": None} == {**empty, "extent": None}


@pytest.mark.platform
def test_what_the_document_says_goes_first_and_is_put_again_without_a_change(
    catalogue: Catalogue,
) -> None:
    said = {"summaries": {"platform": ["mine"]}, "renders": {"mine": {"assets": ["red"]}}}
    catalogue.put_collection({**collection("c"), **said})
    register(catalogue, "c", [entry("one", THREE, platform="a", gsd=10)])
    told = catalogue.collection("c")
    assert told["summaries"] == {"platform": ["mine"], "gsd": [10]}
    assert told["renders"] == said["renders"]
    assert catalogue.put_collection({**collection("c"), **said}) is False
    assert catalogue.put_collection(collection("c")) is True
    assert catalogue.collection("c")["renders"] == TRUE_COLOUR
    assert catalogue.collection("c")["summaries"]["platform"] == ["a"]


@pytest.mark.platform
def test_items_that_tell_nothing_new_do_not_write_the_collection(catalogue: Catalogue) -> None:
    catalogue.put_collection(collection("c"))
    register(catalogue, "c", [entry("one", THREE, platform="a")])
    row = "SELECT xmin::text FROM collections WHERE id = 'c'"
    with catalogue.transaction() as connection:
        before = connection.execute(row).fetchone()
    register(catalogue, "c", [entry("two", THREE, platform="a")])
    with catalogue.transaction() as connection:
        assert connection.execute(row).fetchone() == before


@pytest.mark.platform
def test_items_stay_as_they_came_whatever_assets_others_have(catalogue: Catalogue) -> None:
    catalogue.put_collection(collection("c"))
    register(catalogue, "c", [entry("one", THREE)])
    register(catalogue, "c", [entry("two", {"nir": raster(band("nir"))})])
    with catalogue.transaction() as connection:
        row = connection.execute("SELECT get_item('one', 'c') -> 'assets'").fetchone()
    assert row == (THREE,)


def test_more_values_than_the_limit_are_left_out_for_good() -> None:
    many = values.widened({}, [{"platform": str(n)} for n in range(values.LIMIT + 1)])
    assert values.widened(many, [{"platform": "a"}]) == {"platform": None}
    assert values.summaries(many) == {}


@pytest.mark.parametrize("odd", [None, True, {}, [None, {}], float("nan")])
def test_odd_values_are_left_out(odd: Any) -> None:
    names = dict.fromkeys((*values.SETS, *values.NUMBERS, *values.RANGES), odd)
    assert values.summaries(values.widened({}, [names])) == {}
    seen = assets.widened({}, [{"a": odd, "b": {"bands": odd, "eo:bands": odd, "roles": odd}}])
    assert proposed(seen) == {}


def test_assets_keep_what_all_sorts_of_items_agree_on() -> None:
    red = {**raster(band("red")), "title": "Red"}
    seen = assets.widened({}, [{"red": red}, {"red": {**red, "title": "R"}, "mtl": {"href": "m"}}])
    assert assets.item_assets(seen) == {
        "red": {"type": "image/tiff", "roles": ["data"], "bands": [band("red")]}
    }


STATISTICS = {"minimum": 0, "maximum": 200, "mean": 100, "stddev": 20}
WAVES = [{"eo:center_wavelength": wave} for wave in (0.49, 0.56, 0.66, 0.84)]
COLOURED = [{**band(name), "statistics": STATISTICS} for name in ("red", "green", "blue", "nir")]
FINISHED = {**raster({"name": "b1"}, {"name": "b2"}, {"name": "b3"}), "data_type": "uint8"}
OLD = {
    "href": "a.tif",
    "roles": ["data"],
    "eo:bands": [{"common_name": name} for name in ("red", "green", "blue")],
    "raster:bands": [{"statistics": STATISTICS}] * 3,
}


@pytest.mark.parametrize(
    ("parts", "render"),
    [
        (THREE, TRUE_COLOUR["default"]),
        (
            {"all": raster(*WAVES)},
            {"title": "True colour", "assets": ["all"], "bidx": [3, 2, 1]},
        ),
        (
            {"old": OLD},
            {
                "title": "True colour",
                "assets": ["old"],
                "bidx": [1, 2, 3],
                "rescale": [[60.0, 140.0]] * 3,
            },
        ),
        (
            {"naip": {**raster(*COLOURED), "data_type": "uint8"}},
            {
                "title": "True colour",
                "assets": ["naip"],
                "bidx": [1, 2, 3],
                "rescale": [[0.0, 255.0]] * 3,
            },
        ),
        (
            {"z": FINISHED, "a": FINISHED, "b": {**raster(band("red")), "data_type": "uint8"}},
            {
                "title": "Colour",
                "assets": ["a"],
                "bidx": [1, 2, 3],
                "rescale": [[0.0, 255.0]] * 3,
            },
        ),
        (
            {"vh": raster(), "vv": raster(), "qa": {"type": "image/tiff", "roles": ["quality"]}},
            {"title": "Grey", "assets": ["vv"], "bidx": [1]},
        ),
    ],
)
def test_the_proposed_render_can_be_drawn(parts: dict[str, Any], render: dict[str, Any]) -> None:
    assert proposed(assets.widened({}, [parts])) == {"default": render}
    assert Style.parse(render)


def _check(document: dict[str, Any], root: Path) -> None:
    """Valid by the schemas of STAC Collections 1.1 and of the Render extension."""

    def stored(uri: str) -> Resource[Any]:
        path = root.parent / "stac-schemas" / uri.split("://")[1].rstrip("#")
        text = path.read_text("utf-8")
        return Resource.from_contents(json.loads(text), default_specification=DRAFT7)

    for uri in (CORE, SCHEMA):
        whole = Registry(retrieve=stored)  # type: ignore[call-arg]
        Draft7Validator({"$ref": uri}, registry=whole).validate(document)
