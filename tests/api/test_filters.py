"""Filters: what pgstac takes amiss is said to it in another way, and what is none is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.search.filters import read_json, read_text
from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import Invalid
from infrastructure.register import register

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
CLOUD = {"property": "eo:cloud_cover"}


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (
            "updated < TIMESTAMP('2020-01-01T00:00:00Z')",
            {
                "op": "t_before",
                "args": [{"property": "updated"}, {"timestamp": "2020-01-01T00:00:00Z"}],
            },
        ),
        (
            "S_INTERSECTS(geometry, BBOX(0, 0, 1, 1))",
            {"op": "s_intersects", "args": [{"property": "geometry"}, SQUARE]},
        ),
        (
            "S_WITHIN(BBOX(0, 0, 1, 1), geometry)",
            {"op": "s_contains", "args": [{"property": "geometry"}, SQUARE]},
        ),
        (
            "day = DATE('2020-01-01')",
            {"op": "=", "args": [{"property": "day"}, "2020-01-01"]},
        ),
    ],
)
def test_filters_are_said_as_pgstac_understands_them(told: str, read: dict[str, Any]) -> None:
    assert read_text(told) == read


def nested(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = {"op": "<", "args": [CLOUD, 1]}
    for _ in range(levels):
        node = {"op": "not", "args": [node]}
    return node


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        "text",
        {"property": "platform"},
        {"op": "<"},
        {"op": "<", "args": {}},
        {"op": "s_intersects", "args": [{"property": "geometry"}]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [1, 2, "x", 4]}]},
        nested(1000),
        {"op": "in", "args": [{"property": "id"}, ["x"] * 5000]},
    ],
)
def test_what_is_no_filter_is_refused_in_words(told: Any) -> None:
    with pytest.raises(Invalid, match="filter: "):
        read_json(told)


MONTHS = range(1, 13)


@pytest.fixture
def months(catalogue: Catalogue, store: Path) -> None:  # noqa: ARG001 - sets the environment
    """An item for each month of 2020, each further east; times and numbers in properties."""
    catalogue.put_collection(collection("m"))
    done = register(catalogue, "m", [*_entries()])
    assert not done.refused


def _entries() -> Iterator[Entry]:
    for month in MONTHS:
        west = month * 10.0
        item = {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": f"m{month:02d}",
            "collection": "m",
            "bbox": [west, 0.0, west + 1, 1.0],
            "geometry": {"type": "Point", "coordinates": [west + 0.5, 0.5]},
            "properties": {
                "datetime": f"2020-{month:02d}-15T00:00:00Z",
                "processed": f"2021-{month:02d}-15T00:00:00Z",
                "day": f"2020-{month:02d}-15",
                "eo:cloud_cover": month * 5,
                "instruments": ["msi"] if month < 4 else ["msi", "olci"],
                "platform": f"Sentinel-{month % 2 + 1}",
            },
            "assets": {},
            "links": [],
        }
        yield Entry(item, item["id"], "1")


FOUND = [
    ("eo:cloud_cover < 20", [1, 2, 3]),
    ("eo:cloud_cover BETWEEN 10 AND 20", [2, 3, 4]),
    ("eo:cloud_cover BETWEEN 5 + 5 AND 4 * 5", [2, 3, 4]),
    ("processed < TIMESTAMP('2021-03-15T00:00:00Z')", [1, 2]),
    ("processed >= TIMESTAMP('2021-11-15T00:00:00Z')", [11, 12]),
    ("datetime <= TIMESTAMP('2020-02-15T00:00:00Z')", [1, 2]),
    ("day = DATE('2020-05-15')", [5]),
    ("S_INTERSECTS(geometry, BBOX(15, -5, 35, 5))", [2, 3]),
    ("S_INTERSECTS(BBOX(15, -5, 35, 5), geometry)", [2, 3]),
    ("S_INTERSECTS(geometry, BBOX(115, -5, -170, 5))", [12]),
    ("S_WITHIN(geometry, BBOX(0, -5, 25, 5))", [1, 2]),
    ("S_CONTAINS(BBOX(0, -5, 25, 5), geometry)", [1, 2]),
    ("A_CONTAINEDBY(instruments, ('msi', 'slstr'))", [1, 2, 3]),
    ("A_CONTAINS(instruments, ('olci'))", [*range(4, 13)]),
    ("CASEI(platform) = CASEI('SENTINEL-2') AND eo:cloud_cover < 30", [1, 3, 5]),
    ("T_DURING(datetime, INTERVAL('2020-05-01T00:00:00Z', '2020-06-30T00:00:00Z'))", [5, 6]),
]


@pytest.mark.platform
@pytest.mark.usefixtures("months")
@pytest.mark.parametrize(("told", "expected"), FOUND)
async def test_filters_find_what_they_say(
    client: httpx.AsyncClient, told: str, expected: list[int]
) -> None:
    query = {"filter": told, "limit": "100"}
    answer = await client.get("/search", params=query)
    assert answer.status_code == 200, answer.text
    found = sorted(feature["id"] for feature in answer.json()["features"])
    assert found == [f"m{month:02d}" for month in expected]


@pytest.mark.platform
@pytest.mark.usefixtures("months")
@pytest.mark.parametrize(
    "told",
    [
        "platform",
        "a =",
        "1 + 2",
        "foo(platform) = 'x'",
        "eo:cloud_cover ^ 2 = 4",
        "eo:cloud_cover % 2 = 0",
        "platform = 'a\x00b'",
        "S_INTERSECTS(geometry, 5)",
        "T_AFTER(platform, 5)",
        "platform LIKE 5",
        "eo:cloud_cover < 1 / 0",
        "properties = 'x'",
        "casei(platform)",
    ],
)
async def test_filters_that_are_none_are_refused(client: httpx.AsyncClient, told: str) -> None:
    for path in ("/search", "/collections/m/items"):
        answer = await client.get(path, params={"filter": told})
        assert answer.status_code == 400, answer.text
        assert answer.json()["description"]


QUERIES = [
    ({"platform": {"startsWith": "Sent"}}, MONTHS),
    ({"platform": {"endsWith": "-2"}}, [1, 3, 5, 7, 9, 11]),
    ({"platform": {"contains": "el-1"}}, [2, 4, 6, 8, 10, 12]),
    ({"platform": {"contains": "el_1"}}, []),
    ({"day": {"in": ["2020-02-15", "2020-03-15"]}}, [2, 3]),
    ({"eo:cloud_cover": {"in": [5, 60]}}, [1, 12]),
    ({"eo:cloud_cover": {"gt": 10, "lte": 20}, "platform": {"neq": "Sentinel-1"}}, [3]),
]


@pytest.mark.platform
@pytest.mark.usefixtures("months")
@pytest.mark.parametrize(("query", "expected"), QUERIES)
async def test_queries_have_all_operators(
    client: httpx.AsyncClient, query: dict[str, Any], expected: list[int]
) -> None:
    names = [f"m{month:02d}" for month in expected]
    asked = {"query": json.dumps(query), "limit": "100"}
    for answer in (
        await client.post("/search", json={"query": query, "limit": 100}),
        await client.get("/search", params=asked),
        await client.get("/collections/m/items", params=asked),
    ):
        assert answer.status_code == 200, answer.text
        assert sorted(feature["id"] for feature in answer.json()["features"]) == names


@pytest.mark.platform
@pytest.mark.usefixtures("months")
async def test_a_query_and_a_filter_hold_both(client: httpx.AsyncClient) -> None:
    asked = {
        "query": {"platform": {"eq": "Sentinel-2"}},
        "filter": {"op": "<", "args": [CLOUD, 20]},
    }
    answer = await client.post("/search", json=asked)
    assert answer.status_code == 200, answer.text
    assert sorted(feature["id"] for feature in answer.json()["features"]) == ["m01", "m03"]
