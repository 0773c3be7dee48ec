"""Events for those who stay and listen: every reader asks for itself, one connection wakes all.

A reader takes a page, hands it on, and takes the next only then; so one that hangs keeps a page
and nothing more, and no connection of the database.
"""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

from infrastructure.database import Database
from infrastructure.errors import Transient
from infrastructure.events import outbox
from infrastructure.events.bell import SOON, Bell
from infrastructure.events.outbox import Event, Page, Position
from infrastructure.events.selection import Selection
from infrastructure.settings import EventsSettings

PAGE = 100
"""Events that are read at a time."""

SCANS = 10
"""Readings that one page may take, where few events are selected."""


class Feed:
    """The outbox as one process reads it; one per application, in `app.state.feed`."""

    def __init__(self, database: Database, settings: EventsSettings) -> None:
        self.database = database
        self.settings = settings
        self.bell = Bell()

    async def listen(self) -> None:
        """Hear of new events, for ever."""
        await self.bell.keep(self.database.settings, self.settings.poll)

    async def now(self) -> Position:
        """The position behind which everything is that was not committed yet.

        Raises:
            Unreachable: the database does not answer.
        """
        return await asyncio.to_thread(self._now)

    async def page(self, after: Position, selection: Selection, limit: int) -> Page:
        """The next selected events, if there are any not too far away.

        Raises:
            Unreachable: the database does not answer.
        """
        return await asyncio.to_thread(self._page, after, selection, limit)

    async def follow(self, after: Position, selection: Selection) -> AsyncIterator[Event | None]:
        """Every selected event from a position on, for ever; None where nothing came for a while.

        Restarts of the database only make it wait.
        """
        spoken = monotonic()
        while True:
            heard = self.bell.rung
            events, after, rest = await self._look(after, selection)
            for event in events:
                yield event
                spoken = monotonic()
            if monotonic() - spoken >= self.settings.heartbeat:
                yield None
                spoken = monotonic()
            if rest:
                await self.bell.wait(heard, min(rest, self.settings.heartbeat))

    async def _look(
        self, after: Position, selection: Selection
    ) -> tuple[list[Event], Position, float]:
        """Events, where they end, and the seconds after which to look again."""
        try:
            page = await self.page(after, selection, PAGE)
        except Transient:
            await asyncio.sleep(self.settings.poll)
            return [], after, 0
        rest = 0 if page.more else SOON if page.pending else self.settings.poll
        return page.events, page.position, rest

    def _now(self) -> Position:
        with self.database.transaction() as connection:
            return outbox.now(connection)

    def _page(self, after: Position, selection: Selection, limit: int) -> Page:
        with self.database.transaction() as connection:
            page = outbox.read(connection, after, selection, limit)
            for _ in range(SCANS - 1):
                if page.events or not page.more:
                    break
                page = outbox.read(connection, page.position, selection, limit)
        return page
