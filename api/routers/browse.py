"""Catalogs for clients that follow links (STAC API - Children, Browseable)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from stac_fastapi.types.requests import get_base_url

from api.browse import BLOCK, MOST, Span, Tree
from api.paging import Paged
from infrastructure.errors import NotFound

CONFORMANCE = [
    "https://api.stacspec.org/v1.0.0/browseable",
    "https://api.stacspec.org/v1.0.0-rc.2/children",
]

COLLECTIONS = """
SELECT id, content ->> 'title' AS title FROM pgstac.collections
WHERE content ->> 'type' = 'Collection' AND id >= coalesce($1, id) AND ($2::text IS NULL OR id < $2)
ORDER BY id
"""

FIRSTS = """
SELECT id FROM (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM pgstac.collections
    WHERE content ->> 'type' = 'Collection') AS numbered
WHERE place % $1 = 1 ORDER BY id
"""

ITEMS = """
SELECT id FROM pgstac.items WHERE collection = $1
AND datetime >= coalesce($2, '-infinity'::timestamptz)
AND datetime < coalesce($3, 'infinity'::timestamptz)
LIMIT $4
"""

PARTS = """
WITH RECURSIVE part (moment) AS (
    SELECT date_trunc($4, min(datetime), 'UTC') FROM pgstac.items WHERE collection = $1
    AND datetime >= coalesce($2, '-infinity'::timestamptz)
    AND datetime < coalesce($3, 'infinity'::timestamptz)
    UNION ALL
    SELECT (SELECT date_trunc($4, min(datetime), 'UTC') FROM pgstac.items WHERE collection = $1
        AND datetime >= date_trunc($4, part.moment, 'UTC') + ('1 ' || $4)::interval
        AND datetime < coalesce($3, 'infinity'::timestamptz))
    FROM part WHERE part.moment IS NOT NULL
)
SELECT moment FROM part WHERE moment IS NOT NULL
"""
"""The first item of each part is looked up in the index of times: no other is read."""

router = APIRouter(tags=["Browse"])


@router.get("/children")
async def children(request: Request, paging: Paged) -> dict[str, Any]:
    """What the child links of the landing page lead to."""
    firsts = await _firsts(request)
    if len(firsts) > 1:
        ends = [*firsts[1:], None][paging.offset : paging.offset + paging.limit]
        here = zip(firsts[paging.offset :], ends, strict=False)
        blocks = [await block(request, first, end) for first, end in here]
        return paging.page("children", blocks, len(firsts))
    client = request.app.state.stac_client
    found = await client.all_collections(
        request, limit=paging.limit, offset=paging.offset, sortby=["id"]
    )
    return paging.page("children", found["collections"], found["numberMatched"])


@router.get("/browse")
async def block(
    request: Request,
    first: Annotated[str, Query(alias="from", description="The first id.")],
    end: Annotated[str | None, Query(alias="to", description="The id after the last.")] = None,
) -> dict[str, Any]:
    """A catalog of the collections of a range of ids."""
    found = await _collections(request, first, end)
    return Tree(get_base_url(request)).block(first, end, found)


@router.get("/collections/{collection_id}/browse")
async def all_time(request: Request, collection_id: str) -> dict[str, Any]:
    """A catalog of the items of a collection, by time if they are many."""
    return await _catalog(request, collection_id, Span())


@router.get("/collections/{collection_id}/browse/{span:path}")
async def of_span(request: Request, collection_id: str, span: str) -> dict[str, Any]:
    """A catalog of the items of a year, month, day or hour (UTC), such as `2024/05`."""
    return await _catalog(request, collection_id, Span.read(span))


async def landing_links(request: Request) -> list[dict[str, Any]]:
    """Links of the landing page: to each collection, or to blocks of them if they are many."""
    tree = Tree(get_base_url(request))
    firsts = await _firsts(request)
    many = len(firsts) > 1
    links = tree.blocks(firsts) if many else tree.children(await _collections(request))
    offered = {"rel": "children", "type": "application/json", "href": tree.address("children")}
    return [offered, *links]


async def _firsts(request: Request) -> list[str]:
    """The first id of each block of collections."""
    async with request.app.state.get_connection(request, "r") as connection:
        return [row["id"] for row in await connection.fetch(FIRSTS, BLOCK)]


async def _collections(
    request: Request, first: str | None = None, end: str | None = None
) -> list[tuple[str, str | None]]:
    """Id and title of the collections of a range of ids, without the last."""
    async with request.app.state.get_connection(request, "r") as connection:
        found = await connection.fetch(COLLECTIONS, first, end)
    return [(row["id"], row["title"]) for row in found]


async def _catalog(request: Request, collection: str, span: Span) -> dict[str, Any]:
    tree = Tree(get_base_url(request))
    bounds = span.bounds()
    async with request.app.state.get_connection(request, "r") as connection:
        known = "SELECT EXISTS (SELECT FROM pgstac.collections WHERE id = $1)"
        if not await connection.fetchval(known, collection):
            raise NotFound(f"no collection '{collection}' in the catalogue")
        items = await _items(connection, collection, bounds, MOST + 1 if span.finer else None)
        if len(items) <= MOST or not span.finer:
            return tree.catalog(collection, span, sorted(items), [])
        rows = await connection.fetch(PARTS, collection, *bounds, span.finer)
    return tree.catalog(collection, span, [], [span.part(row["moment"]) for row in rows])


async def _items(
    connection: Any,
    collection: str,
    bounds: tuple[datetime | None, datetime | None],
    most: int | None,
) -> list[str]:
    return [row["id"] for row in await connection.fetch(ITEMS, collection, *bounds, most)]
