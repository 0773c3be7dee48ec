"""Metadata records of items in other standards."""

import zlib

from fastapi import APIRouter, Request, Response

from api.surroundings import ISO_19139
from infrastructure.errors import NotFound

router = APIRouter(tags=["Records"])


@router.get(
    "/collections/{collection_id}/items/{item_id}/iso19139",
    response_class=Response,
    responses={200: {"content": {ISO_19139: {}}}, 404: {"description": "No such item"}},
)
async def iso19139(collection_id: str, item_id: str, request: Request) -> Response:
    """The ISO 19139 record of an item."""
    async with request.app.state.readpool.acquire() as connection:
        content = await connection.fetchval(
            "SELECT content FROM swath.record"
            " WHERE collection = $1 AND item_id = $2 AND standard = 'iso19139'",
            collection_id,
            item_id,
        )
    if content is None:
        raise NotFound(f"no ISO 19139 record of item '{item_id}' in '{collection_id}'")
    return Response(zlib.decompress(content), media_type=ISO_19139)
