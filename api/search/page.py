"""A page of items (STAC API - Item Search, OGC API - Features).

A page holds what `pgstac.search` would answer, in its order. But nothing is written for a search,
PostgreSQL plans for the very values, and the items are put together here: see features.py.
"""

from typing import Any

import orjson
from fastapi import Request
from stac_fastapi.pgstac.models.links import PagingLinks
from stac_fastapi.types.requests import get_base_url

from api.search.condition import Asked
from api.search.count import Count
from api.search.features import Fields, Writer
from api.search.order import Anchor, Order, token
from api.search.query import body_of
from api.search.rows import Planner, Search
from api.surroundings import Surroundings


async def page(
    search: Any, request: Request, surroundings: Surroundings, planner: Planner
) -> dict[str, Any]:
    """The ItemCollection of a search; its features are written already.

    Args:
        search: The request model of stac-fastapi's search.
        request: Says the address under which the client sees the API.
        surroundings: They open up every item.
        planner: What earlier searches found out.

    Raises:
        Invalid: there is no such paging token, time, place or filter.
    """
    body = body_of(search, read=request.method == "GET")
    fields = Fields.read(body)
    asked, anchor, limit = Asked.read(body), Anchor.read(search.token), body.get("limit", 10)
    async with request.app.state.get_connection(request, "r") as connection:
        order = await planner.orders.of(connection, body)
        found = Search(connection, planner.counts, asked, order, anchor, limit)
        rows, count = await found.rows()
        more, rows = len(rows) > limit, rows[:limit]
        if anchor.backwards:
            rows.reverse()
        writer = Writer(connection, surroundings, get_base_url(request), planner.bases)
        features = [orjson.Fragment(await writer.feature(row, fields)) for row in rows]
    return {
        "type": "FeatureCollection",
        "features": features,
        "links": await _links(request, order, anchor, rows, more=more),
        "numberReturned": len(rows),
        **_matched(count),
    }


async def _links(
    request: Request, order: Order, anchor: Anchor, rows: list[Any], *, more: bool
) -> Any:
    """The links to the next page and the one before, where there are such."""
    after, before = (bool(rows), more) if anchor.backwards else (more, bool(anchor.item_id))
    return await PagingLinks(
        request=request,
        next=token(order, rows[-1]) if rows and after else None,
        prev=token(order, rows[0]) if rows and before else None,
    ).get_links()


def _matched(count: Count | None) -> dict[str, Any]:
    return {} if count is None else count.told()
