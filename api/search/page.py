"""A page of items (STAC API - Item Search, OGC API - Features).

A page holds what `pgstac.search` would answer, in its order. But nothing is written for a search,
PostgreSQL plans for the very values, and the items are put together here: see features.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request
from stac_fastapi.pgstac.models.links import PagingLinks
from stac_fastapi.types.requests import get_base_url

from api.search.condition import Asked, Body
from api.search.count import Count
from api.search.features import Fields, Writer
from api.search.order import Anchor, token
from api.search.query import body_of
from api.search.rows import Planner, Search
from api.surroundings import Surroundings


@dataclass(frozen=True)
class Found:
    """The rows of a page, and what leads on from it."""

    rows: Sequence[Any]
    following: str | None
    """Token of the next page, without its direction."""
    previous: str | None
    count: Count | None

    def counts(self) -> dict[str, Any]:
        """The members of an answer that tell numbers."""
        matched = {} if self.count is None else self.count.told()
        return {"numberReturned": len(self.rows), **matched}


async def find(connection: Any, planner: Planner, body: Body) -> Found:
    """The page that a search asks for.

    Args:
        connection: A connection of the pool of pool.py.
        planner: What earlier searches found out.
        body: The search; its filter was read by filters.py.

    Raises:
        Invalid: there is no such paging token, time or place.
    """
    asked, anchor, limit = Asked.read(body), Anchor.read(body.get("token")), body.get("limit", 10)
    order = await planner.orders.of(connection, body)
    rows, count = await Search(connection, planner.counts, asked, order, anchor, limit).rows()
    more, rows = len(rows) > limit, rows[:limit]
    if anchor.backwards:
        rows.reverse()
    after, before = (bool(rows), more) if anchor.backwards else (more, bool(anchor.item_id))
    return Found(
        rows=rows,
        following=token(order, rows[-1]) if rows and after else None,
        previous=token(order, rows[0]) if rows and before else None,
        count=count,
    )


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
    async with request.app.state.get_connection(request, "r") as connection:
        found = await find(connection, planner, body)
        writer = Writer(connection, surroundings, get_base_url(request), planner.bases)
        features = [orjson.Fragment(await writer.feature(row, fields)) for row in found.rows]
    links = PagingLinks(request=request, next=found.following, prev=found.previous)
    return {
        "type": "FeatureCollection",
        "features": features,
        "links": await links.get_links(),
        **found.counts(),
    }
