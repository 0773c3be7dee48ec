"""Metadata records of items and collections in other standards: as they came, or made of them."""

import json
import zlib
from typing import Any

from fastapi import APIRouter, Request, Response
from stac_fastapi.types.requests import get_base_url

from api.search.features import Writer
from api.surroundings import ISO_19139, Surroundings
from infrastructure.errors import NotFound
from infrastructure.metadata.schemas import SCHEMAS, write
from infrastructure.summaries.document import public

router = APIRouter(tags=["Records"])

XML = "application/xml"
"""What a record is that came in a standard without a schema here."""

CONTENT: dict[str, Any] = {schema.MEDIA_TYPE: {} for schema in SCHEMAS.values()}

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {**CONTENT, XML: {}}},
    404: {"description": "No such item, collection or schema"},
}


@router.get(
    "/collections/{collection_id}/items/{item_id}/iso19139",
    response_class=Response,
    responses={200: {"content": {ISO_19139: {}}}, 404: {"description": "No such item"}},
)
async def iso(collection_id: str, item_id: str, request: Request) -> Response:
    """The ISO 19139 record of an item: the one that it came with, or one made of the item."""
    return await of_item(collection_id, item_id, "iso19139", request)


@router.get(
    "/collections/{collection_id}/items/{item_id}/records/{schema}",
    response_class=Response,
    responses=ANSWERS,
)
async def of_item(collection_id: str, item_id: str, schema: str, request: Request) -> Response:
    """The record of an item in a schema: the one that it came with, or one made of the item."""
    content = await _stored(request, collection_id, item_id, schema)
    if content is not None:
        return Response(content, media_type=_media_type(schema))
    if schema not in SCHEMAS:
        await _refuse(request, collection_id, item_id, schema)
    item, collection = await _documents(request, collection_id, item_id)
    return Response(write(schema, item, collection), media_type=_media_type(schema))


@router.get(
    "/collections/{collection_id}/records/{schema}", response_class=Response, responses=ANSWERS
)
async def of_collection(collection_id: str, schema: str, request: Request) -> Response:
    """The record of a collection in a schema: a series of data sets."""
    collection = await _collection(request, collection_id)
    return Response(write(schema, collection, collection), media_type=_media_type(schema))


def _media_type(schema: str) -> str:
    return str(SCHEMAS[schema].MEDIA_TYPE) if schema in SCHEMAS else XML


async def _stored(request: Request, collection_id: str, item_id: str, schema: str) -> bytes | None:
    """The record that the item came with, byte for byte."""
    async with request.app.state.readpool.acquire() as connection:
        content = await connection.fetchval(
            "SELECT content FROM swath.record"
            " WHERE collection = $1 AND item_id = $2 AND standard = $3",
            collection_id,
            item_id,
            schema,
        )
    return None if content is None else zlib.decompress(content)


async def _refuse(request: Request, collection_id: str, item_id: str, schema: str) -> None:
    """Say which records of an item there are.

    Raises:
        NotFound: always.
    """
    async with request.app.state.readpool.acquire() as connection:
        came = await connection.fetch(
            "SELECT standard FROM swath.record WHERE collection = $1 AND item_id = $2"
            " ORDER BY standard",
            collection_id,
            item_id,
        )
    known = ", ".join(dict.fromkeys([*SCHEMAS, *(row["standard"] for row in came)]))
    raise NotFound(
        f"item '{item_id}' of '{collection_id}' has no record in '{schema}'; there are {known}"
    )


async def _collection(request: Request, collection_id: str) -> dict[str, Any]:
    """The collection as clients see it, with its address.

    Raises:
        NotFound: there is no such collection.
    """
    async with request.app.state.readpool.acquire() as connection:
        told = await connection.fetchval(
            "SELECT content::text FROM collections WHERE id = $1", collection_id
        )
    if told is None:
        raise NotFound(f"no collection '{collection_id}'")
    href = f"{get_base_url(request).rstrip('/')}/collections/{collection_id}"
    return _addressed(public(json.loads(told)), href, "application/json")


async def _documents(
    request: Request, collection_id: str, item_id: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The item as clients see it, since a record travels far, and its collection.

    Raises:
        NotFound: there is no such item.
    """
    surroundings, base_url = _surroundings(request), get_base_url(request)
    planner = request.app.state.planner
    async with request.app.state.readpool.acquire() as connection:
        row = await connection.fetchrow(
            "SELECT i.collection, i.id, ST_AsGeoJSON(i.geometry, 20) AS geometry,"
            " i.content::text AS content, c.content::text AS told, c.key"
            " FROM items i JOIN collections c ON c.id = i.collection"
            " WHERE i.collection = $1 AND i.id = $2",
            collection_id,
            item_id,
        )
        if row is None:
            raise NotFound(f"no item '{item_id}' in '{collection_id}'")
        item = await Writer(connection, surroundings, base_url, planner.bases).whole(row)
    surroundings.open_up(item, base_url)
    item["geometry"] = json.loads(row["geometry"])
    href = f"{base_url.rstrip('/')}/collections/{collection_id}/items/{item_id}"
    return _addressed(item, href, "application/geo+json"), json.loads(row["told"])


def _addressed(document: dict[str, Any], href: str, kind: str) -> dict[str, Any]:
    """A document with its own address before its other links."""
    own = {"rel": "self", "href": href, "type": kind}
    rest = [link for link in document.get("links", []) if link["rel"] != "self"]
    return {**document, "links": [own, *rest]}


def _surroundings(request: Request) -> Surroundings:
    surroundings: Surroundings = request.app.state.surroundings
    return surroundings
