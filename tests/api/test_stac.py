"""The STAC API over a real catalogue."""

from pathlib import Path

import httpx
import pytest
from pystac.validation import validate_dict

from api.app import create_app
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]


async def ids(client: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await client.get("/search", params={"collections": "c", **query})
    assert answer.status_code == 200, answer.text
    return sorted(feature["id"] for feature in answer.json()["features"])


async def test_the_landing_page_is_ours_and_names_its_neighbours(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).json()
    assert (page["id"], page["title"]) == ("swath", "Swath")
    links = {link["rel"]: link["href"] for link in page["links"]}
    assert links["tiles"] == "http://tiles.example"
    assert {"self", "data", "search", "conformance", "service-doc", "service-desc"} <= links.keys()


async def test_items_are_found_by_place_time_and_cloud_cover(client: httpx.AsyncClient) -> None:
    assert await ids(client, bbox="0.2,0.2,0.3,0.3") == ["a", "b"]
    assert await ids(client, bbox="5,5,6,6") == []
    assert await ids(client, datetime="2020-05-18T12:00:00Z") == ["a"]
    assert await ids(client, filter='"eo:cloud_cover" < 10') == ["a"]
    assert await ids(client, query='{"eo:cloud_cover": {"gt": 10}}') == ["b"]


async def test_an_item_is_valid_and_keeps_its_null_datetime(client: httpx.AsyncClient) -> None:
    document = (await client.get("/collections/c/items/a")).json()
    assert document["properties"]["datetime"] is None
    assert document["properties"]["start_datetime"] == "2020-05-18T00:00:00Z"
    assert validate_dict(document) == [
        "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"
    ]


async def test_addresses_of_the_store_become_public_and_others_stay(
    client: httpx.AsyncClient,
) -> None:
    items = {i: (await client.get(f"/collections/c/items/{i}")).json() for i in "ab"}
    mine = items["a"]["assets"]["red"]["href"]
    assert mine == "http://api.example/assets/c/a/red%20%231.tif"
    assert (await client.get(mine)).content == bytes(range(256)) * 8
    assert items["b"]["assets"]["red"]["href"] == "https://example.com/red.tif"
    assert "file://" not in (await client.get("/search")).text


async def test_a_link_that_only_python_takes_for_none_stops_no_page(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    item = (await client.get("/collections/c/items/b")).json()
    astray = {"rel": "via", "href": "http://a\u2100.example/"}
    register(catalogue, "c", [Entry({**item, "id": "z", "links": [astray]}, "z", "1")])
    found = (await client.get("/search", params={"ids": "z"})).json()["features"]
    assert astray in found[0]["links"]


async def test_the_iso_record_is_linked_and_served(client: httpx.AsyncClient) -> None:
    item = (await client.get("/collections/c/items/a")).json()
    (link,) = [link for link in item["links"] if link["rel"] == "alternate"]
    answer = await client.get(link["href"])
    assert answer.content == b"<record/>"
    assert answer.headers["content-type"] == link["type"] == "application/vnd.iso.19139+xml"
    made = await client.get("/collections/c/items/b/iso19139")
    assert made.status_code == 200
    assert b"<gmd:MD_Metadata" in made.content
    missing = await client.get("/collections/c/items/nope/iso19139")
    assert missing.status_code == 404
    assert missing.json()["description"] == "no item 'nope' in 'c'"


async def test_an_iso_record_is_made_of_the_whole_item(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    item = (await client.get("/collections/c/items/b")).json()
    unknown = {"keywords": None, "instruments": None, "platform": None, "title": None}
    properties = {**item["properties"], **unknown, "datetime": None}
    properties |= {"start_datetime": "2021-01-01T00:00:00Z", "end_datetime": "2021-01-02T00:00:00Z"}
    whole = {**item, "id": "z", "links": [], "properties": properties}
    register(catalogue, "c", [Entry(whole, "z", "1")])
    answer = await client.get("/collections/c/items/z/iso19139")
    assert answer.status_code == 200, answer.text
    assert b"2021-01-02" in answer.content


async def test_a_collection_links_its_maps(client: httpx.AsyncClient) -> None:
    one = (await client.get("/collections/c")).json()
    listed = (await client.get("/collections")).json()["collections"][0]
    for collection in (one, listed):
        links = {link["rel"]: link["href"] for link in collection["links"]}
        assert links["wmts"] == "http://tiles.example/c/wmts/1.0.0/WMTSCapabilities.xml"
        assert links["xyz"] == "http://tiles.example/c/wmts/c/webmercator/{z}/{x}/{y}.png"
        assert "REQUEST=GetCapabilities" in links["wms"]


@pytest.mark.parametrize("by_file", [False, True])
def test_nothing_switches_transactions_on(
    store: Path, monkeypatch: pytest.MonkeyPatch, by_file: bool
) -> None:
    plain = create_app().openapi()["paths"]
    names = ("ENABLE_TRANSACTIONS_EXTENSIONS", "VALIDATE_EXTENSIONS", "SWATH_API_TRANSACTIONS")
    monkeypatch.chdir(store)
    if by_file:
        (store / ".env").write_text("".join(f"{name}=true\n" for name in names))
    else:
        for name in names:
            monkeypatch.setenv(name, "true")
    paths = create_app().openapi()["paths"]
    assert paths.keys() == plain.keys()
    items = "/collections/{collection_id}/items"
    for path in ("/collections", "/collections/{collection_id}", items, f"{items}/{{item_id}}"):
        assert paths[path].keys() == plain[path].keys() == {"get"}
