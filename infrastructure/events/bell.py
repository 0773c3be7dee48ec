"""Waking those who wait for events: one listening connection for a whole process."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import psycopg

from infrastructure.settings import DatabaseSettings

log = logging.getLogger(__name__)

Listening = psycopg.AsyncConnection[tuple[Any, ...]]

SOON = 0.2
"""Seconds after which events may be there that waited for an older transaction."""


class Bell:
    """Rings when a transaction that wrote events has committed.

    A ring says only that it is worth looking. It can be missed while the connection is away, so
    whoever waits looks after some seconds, too.
    """

    def __init__(self) -> None:
        self.rung = 0
        """How often it rang; taken before looking, it tells whether it rang since."""
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait."""
        self.rung += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, heard: int, seconds: float) -> None:
        """Wait until it has rung more often than `heard`, some seconds at most."""
        if self.rung != heard:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._next.wait()

    async def listen(self, connection: Listening, seconds: float) -> None:
        """Ring for what PostgreSQL notifies; return at the first, or after some seconds."""
        async for _ in connection.notifies(timeout=seconds, stop_after=1):
            self.ring()

    async def keep(self, settings: DatabaseSettings, seconds: float) -> None:
        """Ring for ever, through restarts of the database."""
        while True:
            try:
                async with await connect(settings) as connection:
                    self.ring()
                    while True:
                        await self.listen(connection, 60)
            except psycopg.OperationalError as error:
                log.warning("not listening for events: %s", error)
                await asyncio.sleep(seconds)


async def connect(settings: DatabaseSettings) -> Listening:
    """A connection that is notified of events, in autocommit."""
    connection = await psycopg.AsyncConnection.connect(
        settings.conninfo(), autocommit=True, connect_timeout=10, application_name="swath events"
    )
    try:
        await connection.execute("LISTEN swath_event")
    except BaseException:  # also the end of the task: nobody else could close it
        await connection.close()
        raise
    return connection
