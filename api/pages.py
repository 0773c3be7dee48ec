"""Pages of items, made of the rows as PostgreSQL keeps them (STAC API - Item Search).

pgstac plans the search: the condition, the order, the filter of the token and the count are those
of its own functions, so a page holds what `pgstac.search` would answer. Left out are its write for
every search and its pass over every item inside PostgreSQL; see api/features.py for that.
"""

import re
from dataclasses import dataclass
from typing import Any, Self

from fastapi import Request
from stac_fastapi.pgstac.models.links import PagingLinks
from stac_fastapi.types.requests import get_base_url

from api.features import Writer
from api.surroundings import Surroundings
from infrastructure.errors import Invalid

PLAN = """
WITH asked AS MATERIALIZED (
    SELECT search, to_text_array(search->'collections') AS collections,
        swath.condition(search) AS matching, item, item.id IS NOT NULL AS anchored
    FROM (SELECT $1::text::jsonb) AS body (search)
    LEFT JOIN items AS item ON item.collection = $3 AND item.id = $4
), sorted AS MATERIALIZED (
    SELECT *, sort_sqlorderby(search, $2, '{collection,id}', collections) AS orderby
    FROM asked
)
SELECT anchored, orderby, search_limit(search) AS most,
    concat_ws(' AND ', matching,
        CASE WHEN anchored THEN
            get_token_filter(search->'sortby', item, $2, FALSE, collections) END,
        CASE WHEN anchored AND orderby ILIKE 'datetime d%' THEN
            format('datetime <= %L', (item).datetime) END,
        CASE WHEN anchored AND orderby ILIKE 'datetime a%' THEN
            format('datetime >= %L', (item).datetime) END) AS wanted,
    coalesce(
        (SELECT coalesce(total_count, estimated_count) FROM search_wheres
            WHERE md5(_where) = md5(matching) AND now() - statslastupdated <= context_stats_ttl()),
        (SELECT coalesce(total_count, estimated_count) FROM where_stats(matching))) AS matched
FROM sorted
"""
"""How pgstac would search. The bound on `datetime` follows from the filter of the token, whose
alternatives no index can serve: without it each page reads all the pages before it. The item of
the token is looked up here, because pgstac's `get_token_record` compares it under another
collation than that of the index, and reads the whole table. A count that is still fresh is read,
not written anew."""

ROWS = """
SELECT collection, id, ST_AsGeoJSON(geometry, 20) AS geometry, content::text AS content
FROM search_rows($1, $2, NULL, $3)
"""

TOKEN = re.compile("(next|prev):((?:[0-9a-f]{2})+):((?:[0-9a-f]{2})+)")


def covers(search: Any) -> bool:
    """Whether a search can be answered here: not if it wants parts of items, or its own way."""
    fields = getattr(search, "fields", None)
    return not (search.conf or (fields and (fields.include or fields.exclude)))


@dataclass(frozen=True)
class Anchor:
    """The item that a page follows or precedes, as a paging token names it; all empty if none."""

    backwards: bool = False
    collection: str | None = None
    item_id: str | None = None

    @classmethod
    def read(cls, token: str | None) -> Self:
        """The anchor of a token as pgstac makes it: direction, collection and id in hex.

        Raises:
            Invalid: pgstac makes no such token.
        """
        if token is None:
            return cls()
        parts = TOKEN.fullmatch(token.lower())
        if parts is None:
            raise Invalid(f"Invalid paging token: {token}")
        collection, item_id = (
            bytes.fromhex(part).decode("utf-8", "replace") for part in parts.group(2, 3)
        )
        return cls(parts[1] == "prev", collection, item_id)


async def page(search: Any, request: Request, surroundings: Surroundings) -> dict[str, Any]:
    """The ItemCollection of a search; its features are written already.

    Args:
        search: The request model of stac-fastapi's search.
        request: Says the address under which the client sees the API.
        surroundings: They open up every item.

    Raises:
        Invalid: there is no such paging token, or its item is gone.
    """
    anchor = Anchor.read(search.token)
    async with request.app.state.get_connection(request, "r") as connection:
        plan = await _plan(connection, search, anchor)
        rows, before, after = await _rows(connection, plan, anchor)
        writer = Writer(connection, surroundings, get_base_url(request))
        features = [await writer.feature(row) for row in rows]
    links = PagingLinks(
        request=request,
        next=_token(rows[-1]) if after else None,
        prev=_token(rows[0]) if before else None,
    )
    found = {"type": "FeatureCollection", "features": features, "links": await links.get_links()}
    counts = {"numberReturned": len(rows), "numberMatched": plan["matched"]}
    return found | {name: count for name, count in counts.items() if count is not None}


async def _plan(connection: Any, search: Any, anchor: Anchor) -> Any:
    body = search.model_dump_json(exclude_none=True, by_alias=True)
    plan = await connection.fetchrow(
        PLAN, body, anchor.backwards, anchor.collection, anchor.item_id
    )
    if anchor.item_id and not plan["anchored"]:
        raise Invalid(f"Could not find item using token: {search.token}")
    return plan


async def _rows(connection: Any, plan: Any, anchor: Anchor) -> tuple[list[Any], bool, bool]:
    """The rows of the page in order, and whether there are some before and after them."""
    most = plan["most"]
    rows = await connection.fetch(ROWS, plan["wanted"], plan["orderby"], most + 1)
    more, rows = len(rows) > most, rows[:most]
    if anchor.backwards:
        return rows[::-1], more, bool(rows)
    return rows, bool(rows) and plan["anchored"], more


def _token(row: Any) -> str:
    """What `page_token` of pgstac makes of an item."""
    return f"{row['collection'].encode().hex()}:{row['id'].encode().hex()}"
