"""Everything that a search finds in one answer, in forms that need not be held in memory."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.search import stream
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("many")]

NUMBER = 57


@pytest.fixture
def many(
    catalogue: Catalogue,
    items: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More items than a page has, some at the same time."""
    assert items is None  # two more
    monkeypatch.setattr(stream, "PAGE", 10)
    done = register(catalogue, "c", [*_entries()])
    assert not done.refused


def _entries() -> Iterator[Entry]:
    for number in range(NUMBER):
        west = number - 30.0
        item = {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": f"n{number:02d}",
            "collection": "c",
            "bbox": [west, 50.0, west + 1, 51.0],
            "geometry": {"type": "Point", "coordinates": [west + 0.5, 50.5]},
            "properties": {
                "datetime": f"2022-01-{number % 9 + 1:02d}T00:00:00Z",
                "eo:cloud_cover": number,
                "title": 'with "quotes", commas\nand lines',
            },
            "assets": {},
            "links": [],
        }
        yield Entry(item, item["id"], "1")


def sequence(answer: httpx.Response) -> list[dict[str, Any]]:
    """The items of a GeoJSON Text Sequence."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json-seq"
    assert answer.text.startswith("\x1e")
    return [json.loads(part) for part in answer.text.split("\x1e")[1:]]


async def whole(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/search", params={"limit": "1000", **query})
    features: list[dict[str, Any]] = answer.json()["features"]
    return features


async def test_a_sequence_has_what_the_pages_have_in_their_order(client: httpx.AsyncClient) -> None:
    asked: list[dict[str, str]] = [
        {},
        {"sortby": "+properties.eo:cloud_cover"},
        {"sortby": "datetime"},
        {"bbox": "-10,40,10,60"},
        {"filter": "eo:cloud_cover < 20"},
        {"fields": "id,properties.title"},
    ]
    for query in asked:
        answer = await client.get("/search", params={**query, "f": "geojsonseq"})
        assert sequence(answer) == await whole(client, **query)


async def test_the_limit_is_that_of_the_whole(client: httpx.AsyncClient) -> None:
    for limit in ("1", "10", "25"):
        answer = await client.get("/search", params={"limit": limit, "f": "geojsonseq"})
        assert sequence(answer) == (await whole(client))[: int(limit)]


async def test_a_form_is_named_by_accept_or_posted(client: httpx.AsyncClient) -> None:
    header = {"Accept": "application/geo+json-seq"}
    everything = await whole(client)
    assert sequence(await client.get("/search", headers=header)) == everything
    assert sequence(await client.get("/collections/c/items", headers=header)) == everything
    for body in ({}, {"limit": 1000}):
        posted = await client.post("/search", headers=header, json=body)
        assert sequence(posted) == everything
    few = await client.post("/search", headers=header, json={"limit": 12})
    assert sequence(few) == everything[:12]


async def test_a_table_has_a_line_for_each_item_and_loses_nothing(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/search", params={"f": "csv"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    rows = [*csv.DictReader(io.StringIO(answer.text, newline=""))]
    assert [*rows[0]] == [*stream.COLUMNS]
    for row, item in zip(rows, await whole(client), strict=True):
        assert row["id"] == item["id"]
        assert json.loads(row["properties"]) == item["properties"]
        assert json.loads(row["geometry"]) == item["geometry"]
        assert float(row["west"]) == item["bbox"][0]
        hrefs = {name: asset["href"] for name, asset in item["assets"].items()}
        assert json.loads(row["assets"]) == hrefs


@pytest.mark.parametrize("form", ["geojsonseq", "csv"])
async def test_errors_are_told_before_the_answer_begins(
    client: httpx.AsyncClient, form: str
) -> None:
    for query in ({"filter": "1 +"}, {"token": "none"}, {"bbox": "1,2,3"}):
        answer = await client.get("/search", params={**query, "f": form})
        assert answer.status_code == 400
        assert answer.json()["description"]


async def test_nothing_found_is_an_empty_answer(client: httpx.AsyncClient) -> None:
    query = {"ids": "none"}
    answer = await client.get("/search", params={**query, "f": "geojsonseq"})
    assert (answer.status_code, answer.text) == (200, "")
    table = await client.get("/search", params={**query, "f": "csv"})
    assert table.text == ",".join(stream.COLUMNS) + "\r\n"


async def test_forms_have_names(client: httpx.AsyncClient) -> None:
    for name in ("json", "geojson"):
        answer = await client.get("/search", params={"f": name})
        assert answer.headers["content-type"] == "application/geo+json"
    unknown = await client.get("/search", params={"f": "shapefile"})
    assert unknown.status_code == 400
    assert "geojsonseq" in unknown.json()["description"]
