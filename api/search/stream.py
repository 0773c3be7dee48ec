"""All that a search finds, in a stream: GeoJSON Text Sequences (RFC 8142) or CSV (RFC 4180).

The items come page by page, each after the last one of the page before, so that memory does not
grow with their number and no connection waits for a slow client.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import StreamingResponse
from stac_fastapi.types.requests import get_base_url

from api.search.condition import Asked
from api.search.features import Fields, Writer
from api.search.order import Anchor, Order
from api.search.query import body_of
from api.search.rows import Planner, Search
from api.surroundings import Surroundings
from infrastructure.errors import Invalid

USUAL = ("json", "geojson")
"""Names of the form that a search is answered in anyway."""

PAGE = 1000
"""Items that are read at a time."""

SEQUENCE = "application/geo+json-seq"
CSV = "text/csv"

COLUMNS = (
    "id", "collection", "datetime", "start_datetime", "end_datetime", "platform", "eo:cloud_cover",
    "west", "south", "east", "north", "geometry", "properties", "assets",
)  # fmt: skip
"""The columns of CSV; box in degrees (EPSG:4326), geometry as GeoJSON, all properties as JSON."""

Write = Callable[[list[bytes]], bytes]


@dataclass(frozen=True)
class Form:
    """A form that a search can be answered in besides GeoJSON."""

    media_type: str
    suffix: str
    write: Write
    head: bytes = b""


def asked_form(request: Request) -> Form | None:
    """The form that `f` names or that the client prefers; None for an ItemCollection.

    Raises:
        Invalid: there is no form of that name.
    """
    if named := request.query_params.get("f"):
        if named not in {*FORMS, *USUAL}:
            raise Invalid(f"f: no form '{named}'; there are {', '.join((*USUAL, *FORMS))}")
        return FORMS.get(named)
    accepted = request.headers.get("accept", "")
    return next((form for form in FORMS.values() if accepted.startswith(form.media_type)), None)


async def stream(
    search: Any, request: Request, surroundings: Surroundings, planner: Planner, form: Form
) -> StreamingResponse:
    """Everything that a search finds; its `limit` is that of the whole, if it has one.

    Raises:
        Invalid: there is no such time, place or filter.
    """
    pages = _pages(search, request, surroundings, planner)
    first = await anext(pages)  # what is wrong with the search is said before the answer begins

    async def parts() -> AsyncIterator[bytes]:
        yield form.head + form.write(first)
        async for page in pages:
            yield form.write(page)

    name = f'attachment; filename="items.{form.suffix}"'
    return StreamingResponse(
        parts(), media_type=form.media_type, headers={"Content-Disposition": name}
    )


async def _pages(
    search: Any, request: Request, surroundings: Surroundings, planner: Planner
) -> AsyncIterator[list[bytes]]:
    """The items in bytes, page by page, and at least one page."""
    body = body_of(search, read=request.method == "GET")
    asked, anchor, fields = Asked.read(body), Anchor.read(search.token), Fields.read(body)
    left = _limit(search, request)
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        async with request.app.state.get_connection(request, "r") as connection:
            order = await planner.orders.of(connection, body)
            found = Search(connection, planner.counts, asked, order, anchor, size, counting=False)
            rows, _ = await found.rows()
            writer = Writer(connection, surroundings, get_base_url(request), planner.bases)
            page = [await writer.feature(row, fields) for row in rows[:size]]
        yield page
        if len(rows) <= size:
            return
        anchor = _after(order, rows[size - 1])
        left = None if left is None else left - size


def _limit(search: Any, request: Request) -> int | None:
    """The limit that the client itself gave: the request model has one of its own."""
    asked = search.model_fields_set if request.method == "POST" else request.query_params
    return search.limit if "limit" in asked else None


def _after(order: Order, row: Any) -> Anchor:
    anchor = Anchor(collection=row["collection"], item_id=row["id"])
    return replace(anchor, time=row["datetime"]) if order.by_time else anchor


def _sequence(items: list[bytes]) -> bytes:
    return b"".join(b"\x1e%b\n" % item for item in items)


def _table(items: list[bytes]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows(_row(orjson.loads(item)) for item in items)
    return text.getvalue().encode()


def _row(item: dict[str, Any]) -> list[Any]:
    properties = item.get("properties") or {}
    box = item.get("bbox") or [None] * 4
    half = len(box) // 2
    hrefs = {name: asset.get("href") for name, asset in (item.get("assets") or {}).items()}
    told = {
        **properties,
        **{name: item.get(name) for name in ("id", "collection")},
        **dict(
            zip(("west", "south", "east", "north"), (*box[:2], *box[half : half + 2]), strict=True)
        ),
        "geometry": _json(item.get("geometry")),
        "properties": _json(properties),
        "assets": _json(hrefs),
    }
    return [told.get(name) for name in COLUMNS]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


FORMS = {
    "geojsonseq": Form(SEQUENCE, "geojsonl", _sequence),
    "csv": Form(CSV, "csv", _table, (",".join(COLUMNS) + "\r\n").encode()),
}
"""Value of `f` -> form."""
