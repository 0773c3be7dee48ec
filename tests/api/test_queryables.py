"""What filters can ask for: told with its types, and compared by them."""

from typing import Any

import httpx
import psycopg
import pytest
from jsonschema import Draft202012Validator

import scattered
from documents import collection
from flows import properties
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.queryables import indexes
from infrastructure.queryables.known import KNOWN, wrapper
from infrastructure.register import deregister, register
from infrastructure.settings import DatabaseSettings
from scattered import Document

pytestmark = pytest.mark.platform

OWN = [
    {"x:depth": 9, "x:when": "2024-01-01T00:00:00Z", "x:mixed": 9, "x:flag": True, "x:name": "a"},
    {"x:depth": 10.5, "x:when": "2023-06-01T02:00:00+02:00", "x:mixed": "lots", "x:list": ["b"]},
    {"x:depth": 100, "x:when": None, "x:mixed": 100, "x:object": {"y": 1}, "eo:cloud_cover": 7},
]


def item(number: int) -> Document:
    document = scattered.item(number, "words")
    document["properties"] |= OWN[number % len(OWN)]
    return document


@pytest.fixture
def filled(catalogue: Catalogue) -> None:
    for name in ("words", "north"):
        catalogue.put_collection(collection(name))
    done = register(catalogue, "words", [Entry(item(n), str(n), "1") for n in range(3)])
    plain = register(catalogue, "north", [Entry(scattered.item(8, "north"), "8", "1")])
    assert len(done.registered + plain.registered) == 4


async def told(client: httpx.AsyncClient, path: str = "/collections/words") -> Document:
    answer = await client.get(f"{path}/queryables")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/schema+json"
    schema: Document = answer.json()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"http://api.example{path}/queryables"
    assert not any("swath:" in name or "index/" in name for name in schema["properties"])
    return schema["properties"]


async def found(client: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await client.get("/search", params=query)
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


@pytest.mark.usefixtures("filled")
async def test_types_are_those_of_the_items(client: httpx.AsyncClient) -> None:
    schema = await told(client)
    assert schema["x:depth"] == {"title": "Depth (x)", "type": "number"}
    assert schema["x:when"] == {"title": "When (x)", "type": "string", "format": "date-time"}
    assert schema["x:mixed"]["type"] == ["number", "string"]
    kinds = {name: schema[f"x:{name}"]["type"] for name in ("flag", "name", "list", "object")}
    assert kinds == {"flag": "boolean", "name": "string", "list": "array", "object": "object"}
    assert schema["eo:cloud_cover"] | {"title": ""} == {
        "title": "", "type": "number", "minimum": 0.7, "maximum": 7,
    }  # fmt: skip
    assert schema["platform"]["enum"] == ["alpha", "bravo"]
    assert schema["instruments"]["items"] == {"type": "string", "enum": ["msi", "oli", "tirs"]}
    assert schema["updated"]["format"] == schema["datetime"]["format"] == "date-time"
    assert schema["geometry"]["$ref"].startswith("https://geojson.org/schema/")


@pytest.mark.usefixtures("filled")
async def test_those_of_all_collections_hold_for_each(client: httpx.AsyncClient) -> None:
    every, north = await told(client, ""), await told(client, "/collections/north")
    assert "x:depth" in every
    assert "x:depth" not in north
    assert every.keys() >= north.keys()
    assert every["eo:cloud_cover"]["minimum"] == 0.7
    assert (await client.get("/collections/none/queryables")).status_code == 404


@pytest.mark.usefixtures("filled")
async def test_items_are_valid_against_the_queryables_of_their_collection(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/collections/words/queryables")
    schema = {**answer.json(), "properties": {**answer.json()["properties"], "geometry": {}}}
    found = (await client.get("/collections/words/items")).json()["features"]
    for feature in found:
        named = {k: v for k, v in feature["properties"].items() if v is not None}
        Draft202012Validator(schema).validate({**named, "id": feature["id"]})


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ('"x:depth" > 9', {"n001", "n002"}),
        ('"x:depth" = 100', {"n002"}),
        ('"x:depth" BETWEEN 9 AND 10.5', {"n000", "n001"}),
        ("\"x:when\" < TIMESTAMP('2023-06-01T00:00:01Z')", {"n001"}),
        ("\"x:when\" >= TIMESTAMP('2024-01-01T00:00:00Z')", {"n000"}),
        ("\"x:mixed\" = 'lots'", {"n001"}),
        ("\"x:name\" = 'a'", {"n000"}),
        ('"x:flag" = true', {"n000"}),
        ("A_CONTAINS(\"x:list\", ('b'))", {"n001"}),
        ('"eo:cloud_cover" < 7', {"n001"}),
        ("updated > TIMESTAMP('2020-01-01T00:00:00Z')", {"n000", "n001", "n002", "n008"}),
    ],
)
async def test_filters_compare_by_the_type(
    client: httpx.AsyncClient, condition: str, ids: set[str]
) -> None:
    assert set(await found(client, filter=condition)) == ids
    of_words = await found(client, filter=condition, collections="words")
    assert set(of_words) == ids - {"n008"}


@pytest.mark.usefixtures("filled")
async def test_one_text_among_numbers_spoils_no_question(client: httpx.AsyncClient) -> None:
    """Of a property that no standard defines; flows/validate.py refuses it of others."""
    for operator in ("<", ">", "="):
        answer = await client.get("/search", params={"filter": f'"x:mixed" {operator} 50'})
        assert answer.status_code == 200, answer.text
    assert (await client.get("/search?sortby=x:mixed")).status_code == 200


@pytest.mark.usefixtures("filled")
async def test_numbers_are_sorted_as_numbers(client: httpx.AsyncClient) -> None:
    ids = await found(client, sortby="x:depth", collections="words")
    assert ids == ["n000", "n001", "n002"]


@pytest.mark.usefixtures("filled")
async def test_a_text_that_comes_later_changes_the_type(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    late = item(5)
    late["properties"] |= {"x:depth": "deep", "x:when": "some day"}
    register(catalogue, "north", [Entry({**late, "collection": "north"}, "late", "1")])
    assert await found(client, filter="\"x:depth\" = 'deep'") == ["n005"]
    assert (await client.get("/search", params={"filter": '"x:depth" < 5'})).status_code == 200
    assert (await told(client, ""))["x:depth"]["type"] == ["number", "string"]
    deregister(catalogue, "north", ["n005"])
    assert (await client.get("/search", params={"filter": '"x:depth" < 5'})).status_code == 200


@pytest.mark.usefixtures("filled")
async def test_what_an_operator_told_pgstac_goes_first(
    client: httpx.AsyncClient, catalogue: Catalogue, database: DatabaseSettings
) -> None:
    with psycopg.connect(database.conninfo()) as connection:
        connection.execute(
            "SELECT pgstac.upsert_queryables(%s, ARRAY['words'])",
            ['{"properties": {"x:own": {"title": "Own", "type": "number"}}}'],
        )
    assert (await told(client))["x:own"] == {"title": "Own", "type": "number"}
    assert "x:own" not in await told(client, "/collections/north")
    more = item(9)
    more["properties"]["x:own"] = 5
    register(catalogue, "words", [Entry(more, "9", "1")])
    assert (await told(client))["x:own"] == {"title": "Own", "type": "number"}


def test_pgstac_knows_the_types_of_the_standards(database: DatabaseSettings) -> None:
    with psycopg.connect(database.conninfo(), options="-c search_path=pgstac,public") as connection:
        rows = connection.execute(
            "SELECT name, property_wrapper FROM queryables WHERE definition ? 'swath:known'"
        ).fetchall()
    assert dict(rows) == {
        name: read_by for name in KNOWN if (read_by := wrapper(name, [])) != "to_text"
    }


def test_what_registration_checks_has_the_types_that_searches_compare() -> None:
    checked: dict[str, Any] = properties.schema()["properties"]["properties"]["properties"]
    for name in checked.keys() & KNOWN.keys():
        kind = next(k for k in checked[name]["type"] if k != "null")
        assert KNOWN[name]["type"] == kind, name


def names_of_indexes(database: DatabaseSettings) -> list[str]:
    with psycopg.connect(database.conninfo(), options="-c search_path=pgstac,public") as connection:
        rows = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'pgstac'"
            " AND tablename ~ '^_items_' AND indexdef ~ 'to_(float|text|tstz)'"
        ).fetchall()
    return sorted(
        definition.split("properties'::text) -> '")[1].split("'")[0] for (definition,) in rows
    )


@pytest.mark.usefixtures("filled")
async def test_a_large_collection_has_indexes(
    client: httpx.AsyncClient,
    catalogue: Catalogue,
    database: DatabaseSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert names_of_indexes(database) == []
    monkeypatch.setattr(indexes, "LARGE", 4)
    register(catalogue, "words", [Entry(item(n), str(n), "1") for n in range(3, 6)])
    assert names_of_indexes(database) == ["eo:cloud_cover", "platform", "updated"]
    register(catalogue, "words", [Entry(item(n), str(n), "1") for n in range(6, 9)])
    assert names_of_indexes(database) == ["eo:cloud_cover", "platform", "updated"]
    expected = {
        i["id"] for n in range(9) if (i := item(n))["properties"].get("eo:cloud_cover", 100) < 5
    }
    assert set(await found(client, filter='"eo:cloud_cover" < 5', collections="words")) == expected
    await told(client)


@pytest.mark.usefixtures("filled")
def test_a_collection_names_its_own_indexes(
    catalogue: Catalogue, database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "LARGE", 1)
    catalogue.put_collection({**collection("words"), indexes.KEY: ["x:depth", "x:none"]})
    register(catalogue, "words", [Entry(item(3), "3", "1")])
    assert names_of_indexes(database) == ["x:depth"]
    catalogue.put_collection({**collection("words"), indexes.KEY: []})
    register(catalogue, "words", [Entry(item(4), "4", "1")])
    assert names_of_indexes(database) == []
