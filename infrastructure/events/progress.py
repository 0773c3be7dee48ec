"""How far each subscription is: what the processes that deliver read and write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from infrastructure.catalogue import BBox
from infrastructure.database import Connection, Database
from infrastructure.events import outbox
from infrastructure.events.outbox import SCAN, Page, Position
from infrastructure.events.selection import Selection

PRUNE = """
WITH oldest AS (SELECT txid, id, at FROM swath.event ORDER BY txid, id LIMIT %(most)s)
DELETE FROM swath.event e USING oldest o
WHERE e.id = o.id AND o.at < now() - %(days)s * interval '1 day'
    AND o.txid < pg_snapshot_xmin(pg_current_snapshot())
    AND (o.txid, o.id) <= ALL (SELECT txid, event FROM swath.subscription WHERE ended IS NULL)
"""
"""The oldest are looked at first, by their index, so that it costs little where none is due."""


@dataclass(frozen=True)
class Task:
    """What is to be done for one subscription."""

    id: UUID
    url: str
    secret: str
    selection: Selection
    position: Position
    attempts: int
    """Attempts at the delivery that is due."""
    left: float
    """Seconds until it is due."""


def open_subscriptions(database: Database) -> set[UUID]:
    """Those that have not ended."""
    with database.transaction() as connection:
        rows = connection.execute("SELECT id FROM swath.subscription WHERE ended IS NULL")
        return {row[0] for row in rows}


def load(database: Database, subscription: UUID) -> Task | None:
    """How a subscription is now; None if it has ended or is gone."""
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT id, url, secret, collections, bbox, filter, txid::text::bigint, event,"
            " attempts, extract(epoch FROM due - now())::float8"
            " FROM swath.subscription WHERE id = %s AND ended IS NULL",
            [subscription],
        ).fetchone()
    if row is None:
        return None
    id_, url, secret, collections, bbox, condition, txid, event, attempts, left = row
    selection = Selection(collections, _bbox(bbox), condition)
    return Task(id_, url, secret, selection, Position(txid, event), attempts, left)


def read(database: Database, task: Task) -> Page:
    """The next events for a subscription."""
    with database.transaction() as connection:
        return outbox.read(connection, task.position, task.selection, SCAN)


def advance(database: Database, task: Task, to: Position) -> bool:
    """Remember that all up to a position is done with; False if the task is no longer ours.

    It does not wait for the disk: a crash of the database repeats deliveries and skips none.
    """
    with database.transaction() as connection:
        connection.execute("SET LOCAL synchronous_commit TO off")
        return _move(connection, task, to)


def bury(database: Database, task: Task, to: Position, body: Mapping[str, Any], error: str) -> bool:
    """Make a dead letter of the event at `to`, and go on behind it; see `advance`."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO swath.dead_letter (subscription, event, body, attempts, error)"
            " SELECT id, %s, %s, %s, %s FROM swath.subscription WHERE id = %s"
            " ON CONFLICT (subscription, event) DO UPDATE SET error = EXCLUDED.error, at = now()",
            [to.id, Jsonb(body), task.attempts + 1, error, task.id],
        )
        return _move(connection, task, to)


def postpone(database: Database, task: Task, error: str, seconds: float) -> None:
    """Remember a failed attempt and when the next one is due."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE swath.subscription SET attempts = attempts + 1, error = %s,"
            " due = now() + make_interval(secs => %s) WHERE id = %s",
            [error, seconds, task.id],
        )


def end(database: Database, task: Task, error: str) -> None:
    """Tell the receiver nothing any more; the subscription stays to be seen."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE swath.subscription SET ended = now(), error = %s WHERE id = %s",
            [error, task.id],
        )


def prune(database: Database, days: float) -> int:
    """Delete events older than this that every open subscription has passed; how many."""
    total = 0
    while True:
        with database.transaction() as connection:
            gone = connection.execute(PRUNE, {"most": SCAN, "days": days}).rowcount
        total += gone
        if gone < SCAN:
            return total


def replays(database: Database, task: Task) -> list[tuple[int, dict[str, Any]]]:
    """Event and CloudEvent of the dead letters that are to be sent again, oldest first."""
    with database.transaction() as connection:
        return connection.execute(
            "SELECT event, body FROM swath.dead_letter WHERE subscription = %s AND replay"
            " ORDER BY event LIMIT 100",
            [task.id],
        ).fetchall()


def replayed(database: Database, task: Task, event: int, error: str | None) -> None:
    """Remember what came of sending a dead letter again."""
    both = [task.id, event]
    with database.transaction() as connection:
        if error is None:
            connection.execute(
                "DELETE FROM swath.dead_letter WHERE subscription = %s AND event = %s", both
            )
        else:
            connection.execute(
                "UPDATE swath.dead_letter SET replay = false, attempts = attempts + 1, error = %s,"
                " at = now() WHERE subscription = %s AND event = %s",
                [error, *both],
            )


def _move(connection: Connection, task: Task, to: Position) -> bool:
    done = connection.execute(
        "UPDATE swath.subscription SET txid = %s::xid8, event = %s, attempts = 0, error = NULL,"
        " due = now() WHERE id = %s AND txid = %s::xid8 AND event = %s",
        [str(to.txid), to.id, task.id, str(task.position.txid), task.position.id],
    )
    return done.rowcount == 1


def _bbox(bbox: list[float] | None) -> BBox | None:
    return (bbox[0], bbox[1], bbox[2], bbox[3]) if bbox else None
