"""Records of the catalogue: items as data sets, collections as series (OGC API - Records)."""

from typing import Any

import orjson
from fastapi import Request
from stac_fastapi.types.requests import get_base_url

from api.search.features import Writer, row_of
from api.search.page import find
from infrastructure.errors import Invalid, NotFound
from infrastructure.metadata.ogc_record import of_collection, of_item
from infrastructure.summaries.document import public

Body = dict[str, Any]

MOVED = 10_000_000
"""The farthest offset of a page of series."""

Told = tuple[dict[str, Any], str | None]
"""The members of a page, and the token of the next one."""


async def datasets(request: Request, body: Body, base: str) -> Told:
    """A page of records of items.

    Args:
        request: Says under which address the client sees the API.
        body: A search as STAC API - Item Search has it; ids are those of records.
        base: Address of the catalogue of records.

    Raises:
        Invalid: there is no such paging token, time or place.
    """
    body = {**body, **_named(body)}
    state = request.app.state
    async with state.get_connection(request, "r") as connection:
        found = await find(connection, state.planner, body)
        writer = _writer(request, connection)
        items = [orjson.loads(await writer.feature(row)) for row in found.rows]
    features = [of_item(item, _address(base, item)) for item in items]
    following = f"next:{found.following}" if found.following else None
    return {"features": features, **found.counts()}, following


async def dataset(request: Request, record_id: str, base: str) -> dict[str, Any]:
    """The record of one item.

    Raises:
        NotFound: there is none of that id.
    """
    collection, _, item_id = record_id.partition(":")
    async with request.app.state.get_connection(request, "r") as connection:
        row = await row_of(connection, collection, item_id)
        if row is None:
            raise NotFound(f"no record '{record_id}'")
        item = orjson.loads(await _writer(request, connection).feature(row))
    return of_item(item, _address(base, item))


async def series(request: Request, body: Body, base: str) -> Told:
    """A page of records of collections; its token is the number of those before it.

    Raises:
        Invalid: there is no such paging token, time, place or filter.
    """
    offset = _offset(body.get("token"))
    asked = {name: part for name, part in body.items() if name != "token"} | {"offset": offset}
    if "q" in asked:
        asked["q"] = " OR ".join(asked["q"])
    if names := asked.pop("ids", None):
        asked["ids"] = names
    async with request.app.state.get_connection(request, "r") as connection:
        found = await connection.fetchval(
            "SELECT collection_search($1::text::jsonb)", orjson.dumps(asked).decode()
        )
    features = [_of_collection(request, told, base) for told in found["collections"]]
    counts = {name: found[name] for name in ("numberMatched", "numberReturned")}
    reached = offset + len(features)
    following = str(reached) if features and reached < found["numberMatched"] else None
    return {"features": features, **counts}, following


async def one_series(request: Request, record_id: str, base: str) -> dict[str, Any]:
    """The record of one collection.

    Raises:
        NotFound: there is none of that id.
    """
    async with request.app.state.get_connection(request, "r") as connection:
        told = await connection.fetchval("SELECT content FROM collections WHERE id = $1", record_id)
    if told is None:
        raise NotFound(f"no record '{record_id}'")
    return _of_collection(request, told, base)


def _writer(request: Request, connection: Any) -> Writer:
    state = request.app.state
    return Writer(connection, state.surroundings, get_base_url(request), state.planner.bases)


def _address(base: str, item: dict[str, Any]) -> str:
    return f"{base}/collections/datasets/items/{item['collection']}:{item['id']}"


def _of_collection(request: Request, told: dict[str, Any], base: str) -> dict[str, Any]:
    own = f"{get_base_url(request)}collections/{told['id']}"
    links = [link for link in told.get("links") or [] if link["rel"] != "self"]
    whole = {**public(told), "links": [{"rel": "self", "href": own}, *links]}
    return of_collection(whole, f"{base}/collections/series/items/{told['id']}")


def _named(body: Body) -> Body:
    """Ids of records, `collection:item`, as a filter: an id of an item is not one of a record."""
    if not (names := body.get("ids")):
        return {}
    pairs = [name.partition(":")[::2] for name in names]
    told = [
        {
            "op": "and",
            "args": [
                {"op": "=", "args": [{"property": "collection"}, collection]},
                {"op": "=", "args": [{"property": "id"}, item]},
            ],
        }
        for collection, item in pairs
    ]
    both = [*told] if len(told) == 1 else [{"op": "or", "args": told}]
    rest = [body["filter"]] if body.get("filter") else []
    asked = both[0] if not rest else {"op": "and", "args": [*both, *rest]}
    return {
        "collections": sorted({collection for collection, _ in pairs}),
        "ids": sorted({item for _, item in pairs}),
        "filter": asked,
    }


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not (token.isascii() and token.isdigit() and int(token) < MOVED):
        raise Invalid(f"Invalid paging token: {token}")
    return int(token)
