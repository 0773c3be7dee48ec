"""Items of every version of STAC: what becomes of them, and that nothing is lost on the way."""

import gzip
import json
import warnings
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pystac
import pytest
from pystac.serialization import identify_stac_object, migrate_to_latest

from flows.found import Found
from flows.readers import stac
from flows.stac.legacy import with_commons
from flows.stac.migrate import current
from infrastructure.errors import Unreadable

Json = dict[str, Any]

OLD = "stac/old-versions/0.6-0.7"

SHAPE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}

ITEM: Json = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "i",
    "geometry": SHAPE,
    "bbox": [0, 0, 1, 1],
    "properties": {"datetime": "2024-01-01T00:00:00Z"},
    "links": [],
    "assets": {},
}


def read(document: Json, root: str | None = None) -> Json:
    item = stac.read(Found("x", "1", document=document, root=root))
    return item.to_dict(include_self_link=False, transform_hrefs=False)


def documents(path: Path) -> list[Json]:
    try:
        document = json.loads(path.read_text())
    except ValueError:
        return []
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        document = document["features"]
    found = document if isinstance(document, list) else [document]
    return [one for one in found if isinstance(one, dict) and one.get("type") == "Feature"]


def everything(folder: Path) -> Iterator[Json]:
    for path in sorted(folder.rglob("*.json")):
        yield from documents(path)
    for path in sorted(folder.rglob("*.ndjson.gz")):
        yield from map(json.loads, gzip.decompress(path.read_bytes()).splitlines())


def test_the_quick_way_gives_what_pystac_gives(shared_data: Path) -> None:
    compared = 0
    for item in everything(shared_data / "stac"):
        if item.get("stac_version") not in {"1.0.0", "1.1.0"}:
            continue
        before = deepcopy(item)
        ours = current(item, "x")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = migrate_to_latest(item, identify_stac_object(item))
        assert {**ours, "stac_extensions": ours.get("stac_extensions") or []} == theirs
        assert item == before
        compared += 1
    assert compared > 5000


def test_every_item_of_every_version_is_read_but_those_without_a_place(shared_data: Path) -> None:
    refused, read_ones = [], 0
    for path in sorted((shared_data / "stac").rglob("*.json")):
        for item in documents(path):
            before = deepcopy(item)
            try:
                document = stac.document(Found("x", "1", document=item, root="/"))
            except Unreadable as error:
                refused.append((path.name, str(error)))
            else:
                assert document["stac_version"] == "1.1.0"
                assert document["geometry"] == item["geometry"]
                assert pystac.Item.from_dict(deepcopy(document), migrate=False).id
                read_ones += 1
            assert item == before
    assert refused == [("item-minimal.json", "x: the item has no geometry")] * 2 + [
        ("null-geom-item.json", "x: the item has no geometry")
    ]
    assert read_ones > 150


def bands(asset: Json) -> list[Any]:
    """Names of bands, in the form of 1.0 and in that of 1.1."""
    return [band.get("name") for band in asset.get("bands") or asset.get("eo:bands") or []]


@pytest.mark.parametrize(
    ("legacy", "latest", "commons", "renamed"),
    [
        ("item-sample", "item-sample", None, {"bands": "eo:bands"}),
        ("item-minimal", "item-minimal", None, {}),
        *(
            (
                f"commons/item-sar-commons-{version}",
                "commons/item-sar-commons",
                f"collection-sar-{version}",
                {"instrument_modes": "sar:instrument_mode", "product:type": "sar:product_type"},
            )
            for version in ("0.6", "0.9")
        ),
    ],
)
def test_old_items_become_what_stac_migrate_makes_of_them(
    shared_data: Path, legacy: str, latest: str, commons: str | None, renamed: dict[str, str]
) -> None:
    """But for fields that other extensions took over after STAC 1.0, which pystac leaves."""
    folder = shared_data / OLD
    item = json.loads((folder / f"legacy/{legacy}.json").read_text())
    if commons:
        collection = json.loads((folder / f"legacy/{commons}.json").read_text())
        item = with_commons(item, collection["properties"])
    expected = json.loads((folder / f"latest/{latest}.json").read_text())
    ours = current(item, "x")
    properties = {renamed.get(name, name): v for name, v in expected["properties"].items()}
    if "sar:instrument_mode" in properties:
        properties["sar:instrument_mode"] = properties["sar:instrument_mode"][0]
    if "created" in properties:  # the same moment, in its own zone
        assert ours["properties"]["created"] == item["properties"]["created"]
        properties["created"] = item["properties"]["created"]
    assert ours["properties"] == properties
    assert ours["assets"].keys() == expected.get("assets", {}).keys()
    for key, asset in ours["assets"].items():
        want = expected["assets"][key]
        for field in ("href", "type", "file:checksum"):
            assert asset.get(field) == want.get(field)
        assert [name or "0" for name in bands(want)] == bands(asset)


def test_extensions_that_old_items_make_use_of_are_declared(shared_data: Path) -> None:
    (first, _) = documents(shared_data / "stac/old-versions/sat-stac-0.6/items.json")
    ours = current(first, "x")
    names = [uri.split("/")[3] for uri in ours["stac_extensions"]]
    assert names == ["eo", "projection", "view"] or set(names) == {"eo", "projection", "view"}
    assert ours["properties"]["proj:code"] == "EPSG:32632"
    assert bands(ours["assets"]["B1"]) == ["0"]


def test_nothing_is_lost() -> None:
    properties = {
        "datetime": None,
        "start_datetime": "2024-01-01T00:00:00.123456Z",
        "end_datetime": "2024-01-02T00:00:00+00:00",
        "eo:cloud_cover": None,
        "decimals": 0.12345678901234567,
        "small": 5e-324,
        "large": 2**53,
        "foreign": {"deep": [None, {"x": None}]},
    }
    item = {
        **ITEM,
        "bbox": [0, 0, -5.5, 1, 1, 800.25],
        "properties": properties,
        "centroid": {"lon": 0.5, "lat": 0.5},
        "assets": {"a": {"href": "https://example.com/a.tif", "nodata": "nan", "own": None}},
        "links": [{"rel": "source", "href": "https://example.com/", "method": "POST"}],
    }
    document = stac.document(Found("x", "1", document=item))
    assert document == item
    again = read(item)
    assert again["properties"] == properties | {
        "start_datetime": again["properties"]["start_datetime"],
        "end_datetime": again["properties"]["end_datetime"],
    }
    assert {key: again[key] for key in ("bbox", "centroid", "assets")} == {
        key: item[key] for key in ("bbox", "centroid", "assets")
    }
    assert again["links"][0]["method"] == "POST"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"type": "Feature"},
        {"type": "Feature", "id": "x", "properties": None},
        {"type": "Feature", "id": "x", "properties": {"name": "a tree"}, "geometry": SHAPE},
        {"type": "Collection", "id": "x"},
        {**ITEM, "id": None},
        {**ITEM, "assets": []},
        {**ITEM, "stac_version": "0.6.0", "assets": {"a": 7}},
        {**ITEM, "stac_version": "0.6.0", "assets": {"a": {"checksum:sha1": "no hex"}}},
        {**ITEM, "properties": {"datetime": "yesterday"}},
        {**ITEM, "stac_version": 7, "properties": []},
    ],
)
def test_what_is_no_stac_item_is_one_line(document: Json) -> None:
    with pytest.raises(Unreadable, match="no STAC Item") as caught:
        stac.read(Found("x", "1", document=document))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("geometry", [7, {"type": "Point"}, {"type": "Cube", "coordinates": []}])
def test_an_item_without_a_box_gets_that_of_its_geometry(geometry: Any) -> None:
    item = {key: value for key, value in ITEM.items() if key != "bbox"}
    assert read(item)["bbox"] == [0.0, 0.0, 1.0, 1.0]
    with pytest.raises(Unreadable, match="its geometry is no GeoJSON"):
        read({**item, "geometry": geometry})


def test_characters_with_a_meaning_leave_the_id() -> None:
    document = read({**ITEM, "id": "urn:ogc/x?y"})
    assert document["id"] == "urn~3Aogc~2Fx~3Fy"
    assert document["properties"]["swath:upstream_id"] == "urn:ogc/x?y"
    assert "swath:upstream_id" not in read(ITEM)["properties"]


@pytest.mark.parametrize(
    ("origin", "href", "address"),
    [
        ("https://e.org/c/i.json", "./a.tif", "https://e.org/c/a.tif"),
        ("https://e.org/c/i.json", "../a b.tif", "https://e.org/a b.tif"),
        ("https://e.org/c/i.json", "/a.tif", "https://e.org/a.tif"),
        ("s3://b/c/i.json", "../a.tif", "s3://b/a.tif"),
        ("https://e.org/c/i.json", "s3://b/a.tif", "s3://b/a.tif"),
        (None, "https://e.org/a.tif", "https://e.org/a.tif"),
    ],
)
def test_files_have_whole_addresses(origin: str | None, href: str, address: str) -> None:
    links = [{"rel": "self", "href": origin}] if origin else []
    document = read({**ITEM, "links": links, "assets": {"a": {"href": href}}})
    assert document["assets"]["a"]["href"] == address
    via = [link["href"] for link in document["links"] if link["rel"] == "via"]
    assert via == ([origin] if origin else [])


def test_local_files_are_named_only_below_the_root(tmp_path: Path) -> None:
    origin = (tmp_path / "c/i.json").as_uri()
    links = [{"rel": "self", "href": origin}]
    for href, place in (("./a.tif", "c/a.tif"), ("../é.tif", "é.tif"), ("a%20b.tif", "c/a b.tif")):
        item = {**ITEM, "links": links, "assets": {"a": {"href": href}}}
        address = read(item, str(tmp_path))["assets"]["a"]["href"]
        assert address == (tmp_path / place).as_uri()
    for href in ("../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "ftp://e.org/a.tif"):
        item = {**ITEM, "links": links, "assets": {"a": {"href": href}}}
        with pytest.raises(Unreadable, match="asset 'a' is neither on the web nor in a bucket"):
            read(item, str(tmp_path))
    relative = {**ITEM, "assets": {"a": {"href": "a.tif"}}}
    assert read(relative, str(tmp_path))["assets"]["a"]["href"] == (tmp_path / "a.tif").as_uri()
    with pytest.raises(Unreadable, match="neither on the web"):
        read(relative)
    with pytest.raises(Unreadable, match="asset 'a' has no `href`"):
        read({**ITEM, "assets": {"a": {"title": "no address"}}})
