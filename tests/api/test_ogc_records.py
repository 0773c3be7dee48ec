"""OGC API - Records over the same catalogue, by HTTP and by OWSLib."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from owslib.ogcapi.records import Records

from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("filled")]

ITEMS = "/records/collections/datasets/items"
SERIES = "/records/collections/series/items"
HOMES = ("north", "south")
MONTHS = range(1, 8)


@pytest.fixture
def filled(catalogue: Catalogue, store: object) -> None:
    """Two collections with an item of each of some months; ids are the same in both."""
    assert store
    for number, home in enumerate(HOMES):
        told = {"title": f"The {home}", "description": "Radar", "keywords": ["ice"]}
        provider = {"name": "An agency", "roles": ["producer"], "url": "https://agency.example"}
        catalogue.put_collection({**collection(home), **told, "providers": [provider]})
        done = register(catalogue, home, [*_entries(home, 50.0 - 100.0 * number)])
        assert not done.refused


def _entries(home: str, south: float) -> Iterator[Entry]:
    for month in MONTHS:
        west = month * 10.0
        item = {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": f"m{month}",
            "collection": home,
            "bbox": [west, south, west + 1, south + 1],
            "geometry": {"type": "Point", "coordinates": [west + 0.5, south + 0.5]},
            "properties": {
                "datetime": f"2020-0{month}-15T00:00:00Z",
                "title": "Sea ice" if month == 3 else "Open water",
                "eo:cloud_cover": month * 10,
            },
            "assets": {
                "data": {"href": "https://example.com/a.tif", "type": "image/tiff"},
                "small": {"href": "https://example.com/a.png", "roles": ["thumbnail"]},
            },
            "links": [],
        }
        yield Entry(item, item["id"], "1")


def names(homes: tuple[str, ...], months: list[int]) -> list[str]:
    return sorted(f"{home}:m{month}" for home in homes for month in months)


async def found(client: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await client.get(ITEMS, params={"limit": "100", **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    page = answer.json()
    assert page["numberReturned"] == page["numberMatched"] == len(page["features"])
    return sorted(record["links"][0]["href"].rpartition("/")[2] for record in page["features"])


@pytest.mark.parametrize(
    ("query", "homes", "months"),
    [
        ({}, HOMES, [*MONTHS]),
        ({"bbox": "15,40,35,60"}, ("north",), [2, 3]),
        ({"datetime": "2020-05-01T00:00:00Z/.."}, HOMES, [5, 6, 7]),
        ({"q": "ice"}, HOMES, [3]),
        ({"filter": "eo:cloud_cover < 30"}, HOMES, [1, 2]),
        ({"filter": "collection = 'south' AND eo:cloud_cover > 50"}, ("south",), [6, 7]),
        ({"ids": "north:m1,south:m2"}, (), []),
        ({"type": "dataset"}, HOMES, [*MONTHS]),
        ({"type": "series"}, (), []),
    ],
)
async def test_data_sets_are_found(
    client: httpx.AsyncClient, query: dict[str, str], homes: tuple[str, ...], months: list[int]
) -> None:
    expected = ["north:m1", "south:m2"] if "ids" in query else names(homes, months)
    assert await found(client, **query) == expected


async def test_a_record_tells_what_its_item_tells(client: httpx.AsyncClient) -> None:
    record = (await client.get(f"{ITEMS}/north:m3")).json()
    item = (await client.get("/collections/north/items/m3")).json()
    assert record["id"] == "north:m3"
    assert record["geometry"] == item["geometry"]
    assert record["time"] == {"timestamp": "2020-03-15T00:00:00Z"}
    assert record["properties"]["type"] == "dataset"
    assert record["properties"]["title"] == "Sea ice"
    assert record["properties"]["eo:cloud_cover"] == 30
    assert record["properties"]["formats"] == [{"mediaType": "image/tiff"}]
    links: dict[str, Any] = {link["rel"]: link for link in record["links"]}
    assert links["enclosure"]["href"] == "https://example.com/a.tif"
    assert links["preview"]["href"] == "https://example.com/a.png"
    for rel in ("self", "alternate"):
        assert (await client.get(links[rel]["href"])).status_code == 200


async def test_pages_lead_to_every_record_once(client: httpx.AsyncClient) -> None:
    for path, total in ((ITEMS, 14), (SERIES, 2)):
        href, seen = f"{path}?limit=1", []
        while href:
            page = (await client.get(href)).json()
            assert page["numberMatched"] == total
            seen += [record["id"] for record in page["features"]]
            href = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert len(seen) == len({*seen}) == total


async def test_series_are_found_and_told(client: httpx.AsyncClient) -> None:
    page = (await client.get(SERIES, params={"q": "south"})).json()
    assert [record["id"] for record in page["features"]] == ["south"]
    record = (await client.get(f"{SERIES}/south")).json()
    assert record["properties"]["type"] == "series"
    assert record["properties"]["contacts"][0]["organization"] == "An agency"
    assert record["time"] == {"interval": ["2020-01-15T00:00:00Z", "2020-07-15T00:00:00Z"]}
    assert record["bbox"] == [10.0, -50.0, 71.0, -49.0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/records/collections/nope", 404),
        ("/records/collections/nope/items", 404),
        (f"{ITEMS}/north:nope", 404),
        (f"{ITEMS}/nope", 404),
        (f"{SERIES}/nope", 404),
        (f"{ITEMS}?bbox=1,2", 400),
        (f"{ITEMS}?filter=1", 400),
        (f"{ITEMS}?token=x", 400),
        (f"{SERIES}?token=x", 400),
        (f"{ITEMS}?limit=0", 400),
        (f"{ITEMS}?sortby=-", 400),
        (f"{ITEMS}?datetime=yesterday", 400),
    ],
)
async def test_bad_requests_are_told(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.json()["description"]


def test_owslib_reads_it(server: str) -> None:
    catalogue = Records(f"{server}/records")
    assert catalogue.records() == ["datasets", "series"]
    assert any("record-core" in name for name in catalogue.conformance()["conformsTo"])
    page = catalogue.collection_items("datasets", bbox=[15, 40, 35, 60], limit=5)
    assert sorted(record["id"] for record in page["features"]) == ["north:m2", "north:m3"]
    newest = catalogue.collection_items("datasets", sortby=("datetime", "desc"), limit=1)
    assert newest["features"][0]["id"].endswith(":m7")
    record = catalogue.collection_item("datasets", "south:m1")
    assert record["properties"]["collection"] == "south"
    assert "eo:cloud_cover" in catalogue.collection_queryables("datasets")["properties"]
