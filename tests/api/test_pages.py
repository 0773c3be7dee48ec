"""Pages of items: the same answers as stac-fastapi and pgstac give, and nothing lost on the way."""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pystac_client
import pytest
from hydraters import DO_NOT_MERGE_MARKER

from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import deregister, register
from infrastructure.settings import DatabaseSettings
from searching import as_query, crawl, follow, link_to, plain, walk

pytestmark = pytest.mark.platform

Document = dict[str, Any]

COLLECTIONS = ("plain", "common", "edited")
TIMES = ["2020-01-01T00:00:00Z", "2020-06-15T12:30:00.123456Z", "2021-03-04T05:06:07Z"]
EACH = 23
"""Items of each collection: several pages, none of them full to the end."""


def collection(name: str, **more: Any) -> Document:
    """A collection with what all of its items have in common in `more`."""
    extent = {
        "spatial": {"bbox": [[-180, -90, 180, 90]]},
        "temporal": {"interval": [["1970-01-01T00:00:00Z", None]]},
    }
    fixed = {"type": "Collection", "stac_version": "1.1.0", "description": "C", "license": "other"}
    return {**fixed, "id": name, "links": [], "extent": extent, **more}


def item(home: str, number: int, store: Path) -> Document:
    """An item with all that an answer must keep: ties in time, odd ids, odd members."""
    west, south = number * 13 % 300 - 150.0, number * 7 % 120 - 60.0 + 1 / 3
    ring = [[west, south], [west + 5, south], [west + 5, south + 5], [west, south]]
    time = TIMES[number % len(TIMES)]
    interval = {"datetime": None, "start_datetime": time, "end_datetime": "2022-01-01T00:00:00Z"}
    href = f"{store.as_uri()}/c/a.tif" if number % 2 else "https://example.com/a.tif"
    odd = ("", " ä", ".v1+x", "~'(2)")[number % 4]
    return {
        "type": "Feature",
        "stac_version": "1.1.0" if number % 5 else "1.0.0",
        "stac_extensions": [],
        "id": f"{home}-{number:02d}{odd}",
        "collection": home,
        "bbox": [west, south, west + 5, south + 5],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            **(interval if number % 7 == 0 else {"datetime": time}),
            "eo:cloud_cover": number % 10 * 10.123456789012345,
            "platform": f"p{number % 3}",
            "nothing": None,
        },
        "assets": {
            "data": {
                "href": href,
                "type": "image/tiff",
                "roles": ["data"],
                "bands": [{"name": "b"}],
            },
            **({} if number % 3 else {"extra": {"href": "relative.json", "title": None}}),
        },
        "links": [
            {"rel": "via", "href": "../upstream/ü"},
            {"rel": "self", "href": "https://example.com/elsewhere"},
        ][: number % 3],
        "foreign": {"member": [1, {"links": []}, "𒍟"]},
    }


def fill(catalogue: Catalogue, home: str, store: Path, numbers: range) -> None:
    """Register items."""
    items = [item(home, number, store) for number in numbers]
    done = register(catalogue, home, [Entry(i, i["id"], "1") for i in items])
    assert len(done.registered) == len(numbers)


@pytest.fixture(autouse=True)
def filled(catalogue: Catalogue, store: Path) -> None:
    """Three collections: nothing in common, assets in common, and those of before an edit."""
    data = {"type": "image/tiff", "roles": ["data"], "bands": [{"name": "b", "gsd": 10}]}
    assets = {"data": data, "extra": {"title": "Extra"}, "absent": {"roles": ["thumbnail"]}}
    catalogue.put_collection(collection("plain"))
    catalogue.put_collection(collection("common", item_assets=assets))
    catalogue.put_collection(collection("edited", item_assets=assets))
    fill(catalogue, "plain", store, range(EACH))
    fill(catalogue, "common", store, range(EACH))
    fill(catalogue, "edited", store, range(EACH // 2))
    catalogue.put_collection(collection("edited", item_assets={"data": {"roles": ["overview"]}}))
    fill(catalogue, "edited", store, range(EACH // 2, EACH))


def all_ids() -> list[str]:
    return sorted(item(c, n, Path("/"))["id"] for c in COLLECTIONS for n in range(EACH))


def searches(seed: int) -> Iterator[Document]:
    """Bodies of searches without end, of everything that narrows and orders them."""
    chance = random.Random(seed)  # noqa: S311 - the same searches in every run
    cloud = {"property": "eo:cloud_cover"}
    choices: dict[str, list[Any]] = {
        "collections": [["plain"], ["common"], ["edited"], list(COLLECTIONS), ["plain", "nope"]],
        "ids": [["plain-00", "common-01 ä", "edited-22.v1+x"], ["nope"], all_ids()[::2]],
        "bbox": [[-180, -90, 180, 90], [0, -90, 180, 90], [-50, 0, 50, 40], [170, 80, 171, 81]],
        "datetime": [TIMES[0], f"{TIMES[0]}/{TIMES[1]}", f"../{TIMES[1]}", f"{TIMES[2]}/.."],
        "query": [{"platform": {"eq": "p1"}}, {"eo:cloud_cover": {"gt": 30, "lte": 80}}],
        "filter": [
            {"op": "<", "args": [cloud, 50]},
            {"op": "or", "args": [
                {"op": "=", "args": [{"property": "platform"}, "p0"]},
                {"op": ">", "args": [cloud, 70]},
            ]},
            {"op": "not", "args": [{"op": "like", "args": [{"property": "id"}, "plain%"]}]},
        ],
        "sortby": [
            [{"field": "datetime", "direction": "asc"}],
            [
                {"field": "properties.datetime", "direction": "desc"},
                {"field": "id", "direction": "asc"},
            ],
            [{"field": "id", "direction": "desc"}],
            [{"field": "properties.eo:cloud_cover", "direction": "asc"}],
            [{"field": "properties.absent", "direction": "desc"}],
        ],
        "limit": [1, 4, 9, 1000],
    }  # fmt: skip
    while True:
        body = {
            name: chance.choice(some) for name, some in choices.items() if chance.random() < 0.4
        }
        if "filter" in body:
            body.pop("query", None)
            body["filter-lang"] = "cql2-json"
        yield body


@pytest.mark.parametrize("seed", range(4))
async def test_pages_are_those_of_stac_fastapi(
    client: httpx.AsyncClient, stock: httpx.AsyncClient, store: Path, seed: int
) -> None:
    returned = turned = 0
    for number, body in zip(range(50), searches(seed), strict=False):
        starts: list[Document] = [
            {"method": "POST", "href": "/search", "body": body},
            {"method": "GET", "href": str(httpx.URL("/search", params=as_query(body)))},
        ]
        start = starts[number % 2]
        ours = [plain(page, store) for page in await walk(client, start)]
        assert ours == await walk(stock, start), start
        returned += sum(page["numberReturned"] for page in ours)
        turned += len(ours) == 5
    assert returned > 500
    assert turned > 10


async def test_items_of_a_collection_and_single_items_are_those_of_stac_fastapi(
    client: httpx.AsyncClient, stock: httpx.AsyncClient, store: Path
) -> None:
    addresses = [f"/collections/{name}/items?limit=100" for name in COLLECTIONS]
    addresses += [
        f"/collections/edited/items/{item('edited', n, Path('/'))['id']}" for n in range(9)
    ]
    for address in addresses:
        answer = await client.get(address)
        assert answer.headers["content-type"] == "application/geo+json"
        assert "file://" not in answer.text
        told = plain(answer.json(), store)
        assert told == (await stock.get(address)).json()
    assert "http://api.example/assets/c/a.tif" in (await client.get(addresses[0])).text


async def test_a_mark_of_pgstac_that_nothing_answers_to_is_taken_out(
    client: httpx.AsyncClient, stock: httpx.AsyncClient, database: DatabaseSettings, store: Path
) -> None:
    with psycopg.connect(database.conninfo()) as connection:
        connection.execute(
            "UPDATE pgstac.items SET content = jsonb_set(content, '{properties,ghost}', %s)"
            " WHERE id = 'common-04'",
            [json.dumps(DO_NOT_MERGE_MARKER)],
        )
    with pytest.warns(UserWarning, match="ghost"):
        ours = (await client.get("/collections/common/items/common-04")).json()
    with pytest.warns(UserWarning, match="ghost"):
        theirs = (await stock.get("/collections/common/items/common-04")).json()
    assert plain(ours, store) == theirs
    assert ours["properties"]["platform"] == "p1"
    assert "ghost" not in ours["properties"]


@pytest.mark.parametrize("limit", [1, 7, 69, 70])
async def test_following_next_finds_every_item_once(client: httpx.AsyncClient, limit: int) -> None:
    assert sorted(await crawl(client, f"/search?limit={limit}")) == all_ids()
    for order in ("id", "-id", "+properties.eo:cloud_cover", "datetime"):
        url = str(httpx.URL("/search", params={"limit": limit, "sortby": order}))
        assert sorted(await crawl(client, url)) == all_ids()


async def test_items_that_come_and_go_between_pages_disturb_no_other(
    client: httpx.AsyncClient, catalogue: Catalogue, store: Path
) -> None:
    page = await follow(client, {"method": "GET", "href": "/collections/plain/items?limit=4"})
    found, number = [feature["id"] for feature in page["features"]], EACH
    while link := link_to(page, "next"):
        await asyncio.to_thread(fill, catalogue, "plain", store, range(number, number + 3))
        deregister(catalogue, "plain", [item("plain", number, store)["id"]])
        number += 3
        page = await follow(client, link)
        found += [feature["id"] for feature in page["features"]]
        assert number < 10 * EACH
    assert len(found) == len(set(found))
    assert {item("plain", n, store)["id"] for n in range(EACH)} <= set(found)


@pytest.mark.parametrize("order", ["", "-properties.datetime", "+datetime"])
async def test_the_next_page_follows_an_item_that_was_removed(
    client: httpx.AsyncClient, catalogue: Catalogue, order: str
) -> None:
    query = {"limit": "5", "collections": "plain"} | ({"sortby": order} if order else {})
    page = (await client.get("/search", params=query)).json()
    found = [feature["id"] for feature in page["features"]]
    deregister(catalogue, "plain", [found[-1]])
    link = link_to(page, "next")
    assert link
    rest = await crawl(client, link["href"])
    assert sorted(found + rest) == sorted(i for i in all_ids() if i.startswith("plain"))


@pytest.mark.parametrize(
    ("bbox", "middle"),
    [("170,-90,-170,90", False), ("-180,-90,-1000,180,90,9000", True)],
)
async def test_boxes_of_the_antimeridian_and_with_heights(
    client: httpx.AsyncClient, catalogue: Catalogue, store: Path, bbox: str, middle: bool
) -> None:
    for number, west in enumerate((174.0, -178.0, 0.0)):
        ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 0]]
        box = {"bbox": [west, 0, west + 1, 1], "id": f"b{number}"}
        shape = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
        there = {**item("plain", 1, store), **box, **shape}
        assert not register(catalogue, "plain", [Entry(there, f"b{number}", "1")]).refused
    query = {"bbox": bbox, "limit": "1000"}
    answer = await client.get("/search", params=query)
    assert answer.status_code == 200, answer.text
    found = {feature["id"] for feature in answer.json()["features"]}
    assert {"b0", "b1"} <= found
    assert ("b2" in found) is middle
    posted = await client.post(
        "/search", json={"bbox": [*map(float, bbox.split(","))], "limit": 1000}
    )
    assert {feature["id"] for feature in posted.json()["features"]} == found


@pytest.mark.parametrize(
    "token",
    ["", "next", "next:6e:", "next:6e:6", "back:6e:6e", "next:6e:00", "prev:6e:6e", "next:ff:ff"],
)
async def test_a_token_of_nothing_is_a_wrong_question(
    client: httpx.AsyncClient, token: str
) -> None:
    answer = await client.get("/search", params={"token": token})
    assert answer.status_code == 400
    assert answer.json()["code"] == "Invalid"


FIELDS = [
    "id,properties.platform",
    "-assets",
    "-properties.platform,-links",
    "id,collection,geometry,-properties",
    "assets.data.href,bbox",
    "foreign.member,-foreign",
    "nothing.there",
]


@pytest.mark.parametrize("fields", FIELDS)
async def test_parts_of_items_are_those_of_stac_fastapi(
    client: httpx.AsyncClient, stock: httpx.AsyncClient, store: Path, fields: str
) -> None:
    query = {"fields": fields, "limit": "3"}
    for address in ("/search", "/collections/common/items"):
        answer = await client.get(address, params=query)
        assert answer.headers["content-type"] == "application/geo+json"
        theirs = (await stock.get(address, params=query)).json()
        ours = plain(answer.json(), store)
        for mine, other in zip(ours["features"], theirs["features"], strict=True):
            if not fields.startswith("-"):  # it adds links unasked
                del other["links"]
            assert mine == other


async def test_reading_pages_writes_nothing(
    client: httpx.AsyncClient, database: DatabaseSettings
) -> None:
    assert len(await crawl(client, "/collections/plain/items?limit=2")) == EACH
    with psycopg.connect(database.conninfo()) as connection:
        assert connection.execute("SELECT count(*) FROM pgstac.searches").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM pgstac.search_wheres").fetchone() == (0,)


def test_a_client_of_others_copies_everything(server: str) -> None:
    search = pystac_client.Client.open(server).search(limit=10)
    assert search.matched() == len(all_ids())
    copied = list(search.items())
    assert sorted(copy.id for copy in copied) == all_ids()
    assert {copy.get_collection().id for copy in copied[:9] + copied[-9:]} <= set(COLLECTIONS)
