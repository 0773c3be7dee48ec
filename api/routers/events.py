"""What changes in the catalogue, as it happens: CloudEvents as server-sent events or in pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Message, Send

from infrastructure.database import Database
from infrastructure.events import outbox
from infrastructure.events.cloudevents import cloudevent
from infrastructure.events.feed import Feed
from infrastructure.events.outbox import Event, Position
from infrastructure.events.selection import Selection, selection
from infrastructure.settings import DatabaseSettings, EventsSettings

STREAM = "text/event-stream"
GREETING = b"retry: 3000\n\n"
"""Milliseconds after which a client that lost the stream comes back."""


class Asked(BaseModel):
    """The parameters of a request for events."""

    model_config = ConfigDict(extra="forbid")

    collections: str | None = Field(None, description="Ids with commas between; all if left out.")
    bbox: str | None = Field(None, description="west,south,east,north in degrees.")
    filter: str | None = Field(None, description="CQL2 about the item, as text or as JSON.")
    filter_lang: Literal["cql2-text", "cql2-json"] | None = Field(
        None, alias="filter-lang", description="Which of the two it is; the filter tells itself."
    )
    since: str | None = Field(None, description="Position, `now`, or `0-0` for the beginning.")
    after: str | None = Field(None, description="The same, as the addresses of pages call it.")
    limit: int = Field(100, ge=1, le=1000, description="Most events of a page.")

    def selection(self) -> Selection:
        """Which events are asked for."""
        names = None if self.collections is None else self.collections.split(",")
        return selection(names, self.bbox, self.filter)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    with Database(DatabaseSettings()) as database:
        app.state.feed = Feed(database, EventsSettings())
        listening = asyncio.create_task(app.state.feed.listen())
        yield
        listening.cancel()
        await asyncio.wait([listening])


router = APIRouter(tags=["Events"], lifespan=_lifespan)


@router.get(
    "/events",
    response_class=Response,
    responses={200: {"content": {STREAM: {}, "application/json": {}}}},
)
async def events(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Changes of items, as CloudEvents.

    By default a stream of server-sent events that begins now and does not end; one that was lost
    goes on where it was (`Last-Event-ID`). With `Accept: application/json` a page of what there
    is, from the beginning, and the address of the next page.
    """
    feed: Feed = request.app.state.feed
    wanted, pages = asked.selection(), _wants_pages(request)
    begin = request.headers.get("last-event-id") or asked.since or asked.after
    begin = begin or ("0-0" if pages else "now")
    now = await feed.now()  # without a database the status can still say so
    position = now if begin == "now" else outbox.position(begin)
    if pages:
        return await _page(request, feed, position, wanted, asked.limit)
    return EventStream(_stream(request, feed, position, wanted), feed.settings.patience)


def _wants_pages(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "application/json" in accept and STREAM not in accept


async def _page(
    request: Request, feed: Feed, position: Position, wanted: Selection, limit: int
) -> Response:
    page = await feed.page(position, wanted, limit)
    following = request.url.remove_query_params("since")
    following = following.include_query_params(after=str(page.position))
    document = {
        "events": [_cloudevent(request, event) for event in page.events],
        "next": str(page.position),
        "more": page.more,
        "links": [{"rel": "next", "type": "application/json", "href": str(following)}],
    }
    headers = {"Vary": "Accept", "Cache-Control": "no-store"}
    return Response(orjson.dumps(document), 200, headers, "application/json")


async def _stream(
    request: Request, feed: Feed, position: Position, wanted: Selection
) -> AsyncIterator[bytes]:
    """The text of the stream (HTML Living Standard, 9.2.6); a comment now and then keeps it up."""
    yield GREETING
    async for event in feed.follow(position, wanted):
        if event is None:
            yield b":\n\n"
        else:
            data = orjson.dumps(_cloudevent(request, event))
            yield b"id: %b\ndata: %b\n\n" % (str(event.position).encode(), data)


def _cloudevent(request: Request, event: Event) -> dict[str, Any]:
    return cloudevent(event, request.app.state.surroundings.api.url)


class EventStream(StreamingResponse):
    """A stream that is closed when its client takes nothing for a while."""

    def __init__(self, content: AsyncIterator[bytes], patience: float) -> None:
        self.patience = patience
        headers = {"Vary": "Accept", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers, media_type=STREAM)

    async def stream_response(self, send: Send) -> None:
        """Send what there is, as long as the client takes it."""

        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(self.patience):
                await send(message)

        with suppress(TimeoutError):
            await super().stream_response(send_soon)
