"""Searches of more collections than PostgreSQL plans together: the same pages as of few."""

from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import deregister, register
from infrastructure.settings import DatabaseSettings
from searching import Document, as_query, crawl, plain, walk

pytestmark = pytest.mark.platform

NUMBER = 45
"""Collections; the first has no item, the others one to three, years apart and mixed."""


def name(number: int) -> str:
    return f"c{number:02d}"


def items(number: int) -> list[Document]:
    """The items of a collection: some of a moment, some of a year."""
    return [
        {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": f"{name(number)}-{n}",
            "collection": name(number),
            "bbox": [west, 10.0, west + 2, 12.0],
            "geometry": {"type": "Point", "coordinates": [west + 1, 11.0]},
            "properties": _times(number * 7 % 40 + n * 5, lasting=number % 4 == 0)
            | {"eo:cloud_cover": number * 3 % 100},
            "assets": {},
            "links": [],
        }
        for n in range(number % 4)
        for west in [number * 8 - 178.0]
    ]


def _times(year: int, *, lasting: bool) -> Document:
    start = f"{1970 + year}-03-04T05:06:07Z"
    if not lasting:
        return {"datetime": start}
    return {
        "datetime": None,
        "start_datetime": start,
        "end_datetime": f"{1971 + year}-03-04T00:00:00Z",
    }


@pytest.fixture(autouse=True)
def filled(catalogue: Catalogue, store: Path) -> None:  # noqa: ARG001 - sets the environment
    """The collections."""
    for number in range(NUMBER):
        catalogue.put_collection(collection(name(number)))
        done = register(catalogue, name(number), [Entry(i, i["id"], "1") for i in items(number)])
        assert not done.refused


SEARCHES: list[Document] = [
    {},
    {"limit": 3},
    {"limit": 7, "sortby": [{"field": "datetime", "direction": "asc"}]},
    {"limit": 5, "sortby": [{"field": "eo:cloud_cover", "direction": "desc"}]},
    {"limit": 4, "bbox": [-100, 0, 100, 20]},
    {"limit": 4, "datetime": "1980-01-01T00:00:00Z/1990-01-01T00:00:00Z"},
    {"limit": 2, "datetime": "../1975-01-01T00:00:00Z"},
    {"limit": 3, "filter": {"op": "<", "args": [{"property": "eo:cloud_cover"}, 20]}},
    {"limit": 3, "collections": [name(n) for n in range(0, NUMBER, 2)]},
    {"limit": 2, "collections": [name(n) for n in range(20, NUMBER)], "bbox": [0, 0, 60, 20]},
    {"ids": ["c07-0", "c43-2", "c00-0"]},
    {"limit": 2, "bbox": [0, -80, 1, -79]},
]


def uncounted(page: Document) -> Document:
    """The page; without the count of matches if that is said to be an estimate."""
    counts = {"numberMatched", "numberMatchedEstimated"}
    return {key: part for key, part in page.items() if key not in counts}


@pytest.mark.parametrize("body", SEARCHES)
async def test_pages_are_those_of_stac_fastapi(
    client: httpx.AsyncClient, stock: httpx.AsyncClient, store: Path, body: Document
) -> None:
    if "filter" in body:
        body = {**body, "filter-lang": "cql2-json"}
    for start in (
        {"method": "POST", "href": "/search", "body": body},
        {"method": "GET", "href": str(httpx.URL("/search", params=as_query(body)))},
    ):
        ours: list[Any] = [plain(page, store) for page in await walk(client, start)]
        theirs = await walk(stock, start)
        assert [*map(uncounted, ours)] == [*map(uncounted, theirs)]
        for mine, other in zip(ours, theirs, strict=True):
            if "numberMatched" in mine and "numberMatchedEstimated" not in mine:
                assert mine["numberMatched"] == other["numberMatched"]


async def test_all_items_are_counted_without_a_look_at_them(client: httpx.AsyncClient) -> None:
    page = (await client.get("/search", params={"limit": 1})).json()
    assert "numberMatched" not in page  # one collection says nothing of its items
    named = ",".join(name(n) for n in range(NUMBER) if n % 4)
    page = (await client.get("/search", params={"limit": 1, "collections": named})).json()
    assert page["numberMatched"] == sum(len(items(n)) for n in range(NUMBER))
    assert "numberMatchedEstimated" not in page
    query = {"limit": 1, "collections": named, "bbox": "-100,0,100,20"}
    page = (await client.get("/search", params=query)).json()
    assert page["numberMatchedEstimated"] is True


async def test_every_item_is_found_once_even_after_some_went(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    everything = sorted(i["id"] for n in range(NUMBER) for i in items(n))
    assert sorted(await crawl(client, "/search?limit=4")) == everything
    gone = items(7)
    deregister(catalogue, name(7), [item["id"] for item in gone])
    left = sorted({*everything} - {item["id"] for item in gone})
    assert sorted(await crawl(client, "/search?limit=4&sortby=datetime")) == left


async def test_items_that_others_wrote_are_found(
    client: httpx.AsyncClient, database: DatabaseSettings
) -> None:
    """Of such a collection nothing is known, so it is always looked into."""
    other = {**items(43)[0], "id": "other", "collection": name(0)}
    with psycopg.connect(database.conninfo(), options="-c search_path=pgstac,public") as connection:
        connection.execute("SELECT create_item(%s::jsonb)", [psycopg.types.json.Jsonb(other)])
    assert "other" in await crawl(client, "/search?limit=3")
    found = (await client.get("/search", params={"bbox": "160,0,180,20"})).json()
    assert "other" in [feature["id"] for feature in found["features"]]
