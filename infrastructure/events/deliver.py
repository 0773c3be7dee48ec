"""Deliver events to webhooks, at least once and in order.

Run it with `python -m infrastructure.events.deliver`.

Every subscription has a task of its own, so that one that hangs delays no other. Any number of
these processes may run: each serves the subscriptions whose lock it holds, and the locks of one
that dies fall to the others. A position moves only after its event was taken, so that what was
sent just before a process was killed is sent again, and nothing is skipped.
"""

import asyncio
import logging
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

import orjson
import psycopg

from infrastructure.database import Database
from infrastructure.errors import SwathError
from infrastructure.events import progress
from infrastructure.events.bell import SOON, Bell, Listening, connect
from infrastructure.events.cloudevents import cloudevent
from infrastructure.events.outbox import Event, Page
from infrastructure.events.progress import Task
from infrastructure.events.webhook import Outcome, Webhook
from infrastructure.settings import ApiSettings, DatabaseSettings, EventsSettings

log = logging.getLogger(__name__)

T = TypeVar("T")

TIDY = 3600
"""Seconds between two looks for events that are old enough to go."""

SAVE = 0.2
"""Seconds of a run of good deliveries after which the position is saved."""

LOCK = "SELECT pg_try_advisory_lock(hashtextextended('swath.deliver:' || %s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('swath.deliver:' || %s, 0))"


class Deliverer:
    """One process that delivers."""

    def __init__(self, database: Database, settings: EventsSettings, api_url: str) -> None:
        self.database = database
        self.settings = settings
        self.api_url = api_url
        self.bell = Bell()

    async def run(self) -> None:
        """Deliver for ever, through restarts of the database."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tidy())
            group.create_task(self._keep_serving())

    async def _tidy(self) -> None:
        """Delete old events now and then."""
        while True:
            try:
                if gone := await self._do(progress.prune, self.settings.keep):
                    log.info("%d events older than %g days are gone", gone, self.settings.keep)
            except SwathError as error:
                log.warning("old events stay for now: %s", error)
            await asyncio.sleep(TIDY)

    async def _keep_serving(self) -> None:
        while True:
            try:
                async with await connect(self.database.settings) as connection:
                    await self._serve(connection)
            except (psycopg.OperationalError, SwathError) as error:
                log.warning("no deliveries: %s", error)
                await asyncio.sleep(self.settings.poll)

    async def _serve(self, connection: Listening) -> None:
        """Serve subscriptions for as long as this connection holds their locks."""
        tasks: dict[UUID, asyncio.Task[None]] = {}
        try:
            while True:
                await _dismiss(connection, tasks)
                for subscription in await self._do(progress.open_subscriptions) - tasks.keys():
                    if await _locked(connection, subscription):
                        tasks[subscription] = asyncio.create_task(self._follow(subscription))
                await self.bell.listen(connection, self.settings.poll)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _follow(self, subscription: UUID) -> None:
        """Deliver to one subscription until it ends."""
        task = await self._do(progress.load, subscription)
        if task is None:
            return
        async with self._webhook(task) as webhook:
            while task is not None:
                heard = self.bell.rung
                rest = await self._round(webhook, task)
                await self.bell.wait(heard, rest)
                task = await self._do(progress.load, subscription)

    def _webhook(self, task: Task) -> Webhook:
        settings = self.settings
        return Webhook(task.url, task.secret, settings.timeout, settings.private_hosts)

    async def _round(self, webhook: Webhook, task: Task) -> float:
        """Deliver what there is; the seconds after which to look again."""
        if task.left > 0:
            return min(task.left, self.settings.poll)
        await self._send_again(webhook, task)
        page = await self._do(progress.read, task)
        if not await self._deliver(webhook, task, page):
            return 0
        return 0 if page.more else SOON if page.pending else self.settings.poll

    async def _deliver(self, webhook: Webhook, task: Task, page: Page) -> bool:
        """Deliver a page in order; False if something came between and all is to be looked at."""
        done, saved = task.position, monotonic()
        for event in page.events:
            body = cloudevent(event, self.api_url)
            outcome = await webhook.deliver(body["id"], orjson.dumps(body))
            failed = outcome.error is not None
            if (failed or monotonic() - saved > SAVE) and done != task.position:
                if not await self._do(progress.advance, task, done):
                    return False
                task, saved = replace(task, position=done, attempts=0), monotonic()
            if failed:
                await self._fail(task, event, body, outcome)
                return False
            done = event.position
        return page.position == task.position or await self._do(
            progress.advance, task, page.position
        )

    async def _fail(self, task: Task, event: Event, body: dict[str, Any], outcome: Outcome) -> None:
        """Try again later, give the delivery up, or end."""
        error = outcome.error or ""
        log.warning("%s (attempt %d): %s", task.url, task.attempts + 1, error)
        if outcome.gone:
            await self._do(progress.end, task, error)
        elif task.attempts + 1 >= self.settings.attempts:
            await self._do(progress.bury, task, event.position, body, error)
        else:
            await self._do(progress.postpone, task, error, self._pause(task.attempts, outcome))

    def _pause(self, failed: int, outcome: Outcome) -> float:
        """Seconds until the next attempt: longer each time, never the same for all receivers."""
        pause = self.settings.pause * 2.0 ** min(failed, 30) * random.uniform(0.75, 1.25)  # noqa: S311
        return min(max(pause, outcome.wait or 0), self.settings.longest_pause)

    async def _send_again(self, webhook: Webhook, task: Task) -> None:
        for event, body in await self._do(progress.replays, task):
            outcome = await webhook.deliver(body["id"], orjson.dumps(body))
            await self._do(progress.replayed, task, event, outcome.error)

    async def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do what waits for the database in a thread."""
        return await asyncio.to_thread(work, self.database, *arguments)


async def _locked(connection: Listening, subscription: UUID) -> bool:
    row = await (await connection.execute(LOCK, [str(subscription)])).fetchone()
    return bool(row and row[0])


async def _dismiss(connection: Listening, tasks: dict[UUID, asyncio.Task[None]]) -> None:
    """Let go of the subscriptions whose task has ended; after an error it begins anew."""
    for subscription in [each for each, task in tasks.items() if task.done()]:
        if error := tasks.pop(subscription).exception():
            ours = isinstance(error, SwathError)
            log.error("subscription %s: %s", subscription, error, exc_info=None if ours else error)
        await connection.execute(UNLOCK, [str(subscription)])


async def main() -> None:
    """Deliver until the process is told to end."""
    with Database(DatabaseSettings()) as database:
        deliverer = Deliverer(database, EventsSettings(), ApiSettings().url)
        running = asyncio.create_task(deliverer.run())
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, running.cancel)
        await asyncio.wait([running])
        if not running.cancelled():
            running.result()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(main())
