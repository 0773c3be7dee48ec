"""What filters can ask for, with types and values of the real items (STAC API - Filter)."""

from typing import Any

import orjson
from fastapi import Request
from stac_fastapi.extensions import (
    CollectionSearchFilterExtension,
    ItemCollectionFilterExtension,
    SearchFilterExtension,
)
from stac_fastapi.extensions.filter.client import AsyncBaseFiltersClient

from infrastructure.errors import NotFound
from infrastructure.queryables.document import CORE, document

SEEN = """
SELECT c.id, s.seen::text FROM pgstac.collections c
LEFT JOIN swath.summary s ON s.collection = c.id
WHERE c.id = coalesce($1, c.id) AND c.content ->> 'type' = 'Collection'
"""

OTHERS = """
SELECT name, definition::text FROM pgstac.queryables
WHERE definition IS NOT NULL AND (collection_ids IS NULL OR $1 = ANY(collection_ids) OR $1 IS NULL)
AND NOT (definition ?| '{swath:learnt,swath:known,swath:index}')
ORDER BY id DESC
"""
"""What an operator told pgstac beside ours."""


class Queryables(AsyncBaseFiltersClient):  # type: ignore[misc]  # stac-fastapi is untyped
    """The client of the Filter extension."""

    async def get_queryables(
        self, request: Request, collection_id: str | None = None, **_more: Any
    ) -> dict[str, Any]:
        """The queryables of a collection, or of all.

        Raises:
            NotFound: there is no such collection.
        """
        async with request.app.state.get_connection(request, "r") as connection:
            seen = await connection.fetch(SEEN, collection_id)
            others = await connection.fetch(OTHERS, collection_id)
        if collection_id and not seen:
            raise NotFound(f"no collection '{collection_id}' in the catalogue")
        told = {row["name"]: orjson.loads(row["definition"]) for row in others}
        foreign = {name: told[name] for name in told if name not in CORE}
        title = f"Queryables of {collection_id or 'all collections'}"
        parts = [orjson.loads(row["seen"] or "{}") for row in seen]
        return document(str(request.url), title, parts, foreign)


def search() -> SearchFilterExtension:
    """The Filter extension of item search."""
    return SearchFilterExtension(client=Queryables())


def items() -> ItemCollectionFilterExtension:
    """The Filter extension of the items of a collection."""
    return ItemCollectionFilterExtension(client=Queryables())


def collections() -> CollectionSearchFilterExtension:
    """The Filter extension of collection search."""
    return CollectionSearchFilterExtension(client=Queryables())
