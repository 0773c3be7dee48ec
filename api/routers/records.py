"""Metadata records of items in other standards: as they came, or made of the item."""

import json
import zlib
from typing import Any

from fastapi import APIRouter, Request, Response
from stac_fastapi.types.requests import get_base_url

from api.features import Writer
from api.surroundings import ISO_19139, Surroundings
from infrastructure.errors import NotFound
from infrastructure.iso import iso19139

router = APIRouter(tags=["Records"])

MEDIA_TYPES = {"iso19139": ISO_19139}
"""Those that have one of their own; any other record is `application/xml`."""


@router.get(
    "/collections/{collection_id}/items/{item_id}/iso19139",
    response_class=Response,
    responses={200: {"content": {ISO_19139: {}}}, 404: {"description": "No such item"}},
)
async def iso(collection_id: str, item_id: str, request: Request) -> Response:
    """The ISO 19139 record of an item: the one that it came with, or one made of the item."""
    content = await _stored(request, collection_id, item_id, "iso19139")
    if content is None:
        item, collection = await _documents(request, collection_id, item_id)
        content = iso19139(item, collection)
    return Response(content, media_type=ISO_19139)


@router.get(
    "/collections/{collection_id}/items/{item_id}/records/{standard}",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}}, 404: {"description": "No such record"}},
)
async def native(collection_id: str, item_id: str, standard: str, request: Request) -> Response:
    """The metadata record that an item came with, byte for byte."""
    content = await _stored(request, collection_id, item_id, standard)
    if content is None:
        raise NotFound(f"item '{item_id}' of '{collection_id}' came with no record in {standard}")
    return Response(content, media_type=MEDIA_TYPES.get(standard, "application/xml"))


async def _stored(
    request: Request, collection_id: str, item_id: str, standard: str
) -> bytes | None:
    async with request.app.state.readpool.acquire() as connection:
        content = await connection.fetchval(
            "SELECT content FROM swath.record"
            " WHERE collection = $1 AND item_id = $2 AND standard = $3",
            collection_id,
            item_id,
            standard,
        )
    return None if content is None else zlib.decompress(content)


async def _documents(
    request: Request, collection_id: str, item_id: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The item as clients see it, since a record travels far, and its collection.

    Raises:
        NotFound: there is no such item.
    """
    surroundings, base_url = _surroundings(request), get_base_url(request)
    async with request.app.state.readpool.acquire() as connection:
        row = await connection.fetchrow(
            "SELECT i.collection, i.id, ST_AsGeoJSON(i.geometry, 20) AS geometry,"
            " i.content::text AS content, c.content::text AS told"
            " FROM items i JOIN collections c ON c.id = i.collection"
            " WHERE i.collection = $1 AND i.id = $2",
            collection_id,
            item_id,
        )
        if row is None:
            raise NotFound(f"no item '{item_id}' in '{collection_id}'")
        item = await Writer(connection, surroundings, base_url).whole(row)
    surroundings.open_up(item, base_url)
    href = f"{base_url.rstrip('/')}/collections/{collection_id}/items/{item_id}"
    item["links"].append({"rel": "self", "href": href, "type": "application/geo+json"})
    return item, json.loads(row["told"])


def _surroundings(request: Request) -> Surroundings:
    surroundings: Surroundings = request.app.state.surroundings
    return surroundings
