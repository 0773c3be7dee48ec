"""Metadata records over HTTP."""

import httpx
import pytest

from infrastructure.metadata.schemas import SCHEMAS

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]


async def test_a_collection_links_its_records_and_serves_them(client: httpx.AsyncClient) -> None:
    collection = (await client.get("/collections/c")).json()
    links = [link for link in collection["links"] if link["rel"] == "alternate"]
    assert [link["href"].rpartition("/")[2] for link in links] == [*SCHEMAS]
    for link in links:
        answer = await client.get(link["href"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == link["type"]


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_an_item_has_a_record_in_each_schema(client: httpx.AsyncClient, schema: str) -> None:
    answer = await client.get(f"/collections/c/items/b/records/{schema}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == SCHEMAS[schema].MEDIA_TYPE
    assert b"c:b" in answer.content


async def test_the_record_that_an_item_came_with_goes_first(client: httpx.AsyncClient) -> None:
    came = await client.get("/collections/c/items/a/records/iso19139")
    made = await client.get("/collections/c/items/a/records/iso19115-3")
    assert came.content == b"<record/>"
    assert b"mdb:MD_Metadata" in made.content


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/collections/c/items/a/records/nope", "there are iso19139, iso19115-2"),
        ("/collections/c/items/nope/records/dcat", "no item 'nope' in 'c'"),
        ("/collections/c/records/nope", "no records in 'nope'; there are iso19139"),
        ("/collections/nope/records/dcat", "no collection 'nope'"),
    ],
)
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, path: str, told: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert told in answer.json()["description"]
