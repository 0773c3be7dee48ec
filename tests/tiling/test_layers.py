"""Collections as MapProxy configurations: pure documents."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from infrastructure.errors import Misconfigured
from tiling.layers import configuration, layer_names
from tiling.services import Place, extent

PLACE = Place(Path("/tiles"), 7, "https://tiles.example")
DOCUMENT: dict[str, Any] = {
    "id": "ndvi",
    "title": "Greenness",
    "description": "How green it is.",
    "license": "CC-BY-4.0",
    "links": [{"rel": "license", "href": "https://example.org/licence"}],
    "extent": {"spatial": {"bbox": [[14.0, 45.0, 16.0, 47.0]]}},
    "renders": {
        "plain": {"assets": ["a"]},
        "default": {"assets": ["b"], "resampling": "nearest", "minmax_zoom": [6, 14]},
    },
}


def with_boxes(*boxes: list[float]) -> dict[str, Any]:
    return DOCUMENT | {"extent": {"spatial": {"bbox": list(boxes)}}}


def test_layers_sources_and_caches() -> None:
    before = deepcopy(DOCUMENT)
    conf = configuration(DOCUMENT, PLACE)
    assert before == DOCUMENT
    assert [(layer["name"], layer["title"], layer["sources"]) for layer in conf["layers"]] == [
        ("ndvi", "Greenness", ["ndvi__default"]),
        ("ndvi__plain", "Greenness: plain", ["ndvi__plain"]),
        ("ndvi__default", "Greenness: default", ["ndvi__default"]),
    ]
    assert conf["sources"] == {
        "plain": {
            "type": "swath",
            "collection": "ndvi",
            "render": {"assets": ["a"]},
            "coverage": {"bbox": [14.0, 45.0, 16.0, 47.0], "srs": "EPSG:4326"},
        },
        "default": {
            "type": "swath",
            "collection": "ndvi",
            "render": DOCUMENT["renders"]["default"],
            "coverage": {"bbox": [14.0, 45.0, 16.0, 47.0], "srs": "EPSG:4326"},
            "min_res": pytest.approx(156543.03392804097 / 2**6 * 2**0.5),
        },
    }
    assert conf["caches"]["ndvi__default"] == {
        "grids": ["webmercator", "wgs84"],
        "sources": ["default"],
        "format": "image/png",
        "image": {"resampling_method": "nearest"},
        "cache": {"type": "file", "directory_layout": "tms", "use_grid_names": True},
    }
    assert conf["globals"]["cache"]["base_dir"] == "/tiles/ndvi/7"
    assert conf["globals"]["image"]["paletted"] is False
    wms = conf["services"]["wms"]
    assert "versions" not in wms, "MapProxy 7.0 loses its versions if they are listed"
    assert wms["srs"] == [
        "EPSG:3857",
        "EPSG:4326",
        "CRS:84",
        "EPSG:3035",
        "EPSG:32633",
        "EPSG:32733",
    ]
    assert wms["md"] == {
        "title": "Greenness",
        "abstract": "How green it is.",
        "online_resource": "https://tiles.example/ndvi",
        "access_constraints": "CC-BY-4.0 https://example.org/licence",
        "fees": "none",
    }


def test_the_first_render_is_the_default_unless_one_says_so() -> None:
    one = DOCUMENT | {"renders": {"b": {"assets": ["x"]}, "a": {"assets": ["y"]}}}
    assert layer_names(one) == {"ndvi": "b", "ndvi__b": "b", "ndvi__a": "a"}
    assert layer_names(DOCUMENT)["ndvi"] == "default"
    assert layer_names({"id": "ndvi"}) == {}


@pytest.mark.parametrize("name", ["", "..", "a,b", "a/b", "a b", ".hidden"])
def test_names_that_would_break_an_address_are_refused(name: str) -> None:
    for document in (DOCUMENT | {"renders": {name: {"assets": ["x"]}}}, DOCUMENT | {"id": name}):
        with pytest.raises(Misconfigured):
            configuration(document, PLACE)


def test_a_render_that_cannot_be_drawn_is_named() -> None:
    with pytest.raises(Misconfigured, match="render 'plain' of collection 'ndvi'"):
        configuration(DOCUMENT | {"renders": {"plain": {}}}, PLACE)
    with pytest.raises(Misconfigured, match="no renders"):
        configuration(DOCUMENT | {"renders": {}}, PLACE)
    zooms = {"plain": {"assets": ["a"], "minmax_zoom": ["low"]}}
    with pytest.raises(Misconfigured, match="minmax_zoom"):
        configuration(DOCUMENT | {"renders": zooms}, PLACE)


def test_extents_of_parts_of_three_dimensions_and_across_the_antimeridian() -> None:
    assert extent(with_boxes([1, 2, 3, 4])) == [(1, 2, 3, 4)]
    assert extent(with_boxes([1, 2, 0, 3, 4, 99])) == [(1, 2, 3, 4)]
    assert extent(with_boxes([0, 0, 9, 9], [0, 0, 1, 1], [8, 8, 9, 9])) == [
        (0, 0, 1, 1),
        (8, 8, 9, 9),
    ]
    across = with_boxes([170, -20, -170, -10])
    assert extent(across) == [(170, -20, 180, -10), (-180, -20, -170, -10)]
    source = configuration(across, PLACE)["sources"]["plain"]
    assert [part["bbox"] for part in source["coverage"]["union"]] == [
        [170, -20, 180, -10],
        [-180, -20, -170, -10],
    ]
    assert len(configuration(across, PLACE)["services"]["wms"]["srs"]) == 4, "no UTM zone"
