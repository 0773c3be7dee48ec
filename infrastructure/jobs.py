"""Jobs: the rows of `swath.run`, whose ids are those of Prefect's flow runs.

A harvest opens its row itself. The row of a registration is there before its run starts: see
`infrastructure/acceptance.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import class_row

from infrastructure.database import Database
from infrastructure.errors import Invalid, NotFound, Unreachable
from infrastructure.ledger import Run
from infrastructure.settings import DatabaseSettings

OPEN = ("accepted", "running")
"""States of a job that has not ended."""

COLUMNS = (
    "id, collection, kind, state, accepted, started, ended, counts, activity, error,"
    " request - 'content' AS request"
)
"""Everything but an inline document, which may be large."""

LOCK = "swath.job"

MINE = (
    "(%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))"
    " AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"
    " AND (%(collection)s::text IS NULL OR collection = %(collection)s)"
    " AND (%(prefix)s::text IS NULL OR starts_with(id::text, lower(%(prefix)s)))"
)


@dataclass(frozen=True)
class Choice:
    """Which jobs are asked for; None is all."""

    kinds: list[str] | None = None
    states: list[str] | None = None
    collection: str | None = None
    prefix: str | None = None
    """How the id begins."""


@dataclass(frozen=True)
class Result:
    """What became of one product or record; see `swath.ledger`."""

    collection: str
    source: str
    upstream_id: str
    item_id: str | None
    state: str
    reason: str | None
    successor: str | None
    last_changed: datetime


class Jobs:
    """The jobs of one catalogue."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def accept(self, run: UUID, kind: str, collection: str | None, request: dict[str, Any]) -> None:
        """Write down what was asked for, before the run starts.

        Raises:
            Invalid: the request holds what PostgreSQL cannot keep.
        """
        try:
            body = orjson.dumps(request).decode()
        except TypeError as error:  # a number beyond 64 bits
            raise Invalid(f"this cannot be kept: {error}") from error
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO swath.run (id, kind, collection, state, request)"
                " VALUES (%s, %s, %s, 'accepted', %s::jsonb)",
                [run, kind, collection or "", body],
            )

    def begin(self, run: UUID) -> dict[str, Any] | None:
        """Open an accepted job; what was asked for, or None if nobody waits for it any more."""
        with self.database.transaction() as connection:
            row = connection.execute(
                "UPDATE swath.run SET state = 'running', started = now(), ended = NULL,"
                " error = NULL WHERE id = %s AND state <> 'cancelled' AND request IS NOT NULL"
                " RETURNING request",
                [run],
            ).fetchone()
        return row[0] if row else None

    def home(self, run: UUID, collection: str) -> None:
        """Remember which collection a job is about, where the request did not tell."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE swath.run SET collection = %s WHERE id = %s", [collection, run]
            )

    def end(self, run: UUID, counts: dict[str, int], error: str | None = None) -> None:
        """Close a job; the inline document of one that went well is given up.

        Its process knows best: others may have taken it for dead while the database was away.
        """
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE swath.run SET state = %(state)s, ended = now(), activity = NULL,"
                " counts = %(counts)s::jsonb, error = %(error)s, request ="
                " CASE WHEN %(error)s::text IS NULL THEN request - 'content' ELSE request END"
                " WHERE id = %(run)s AND state IN ('running', 'crashed')",
                {
                    "state": "failed" if error else "completed",
                    "counts": orjson.dumps(counts).decode(),
                    "error": error,
                    "run": run,
                },
            )

    def settle(self, run: UUID, state: str, error: str | None = None) -> bool:
        """Write down how an open job ended that did not do so itself; False if it had ended."""
        with self.database.transaction() as connection:
            return bool(
                connection.execute(
                    "UPDATE swath.run SET state = %s, ended = now(), activity = NULL, error = %s"
                    " WHERE id = %s AND state = ANY(%s)",
                    [state, error, run, list(OPEN)],
                ).rowcount
            )

    def job(self, run: UUID) -> Run:
        """A job by its id.

        Raises:
            NotFound: there is none.
        """
        with (
            self.database.transaction() as connection,
            connection.cursor(row_factory=class_row(Run)) as cursor,
        ):
            found = cursor.execute(
                f"SELECT {COLUMNS} FROM swath.run WHERE id = %s",  # noqa: S608 - a constant
                [run],
            ).fetchone()
        if found is None:
            raise NotFound(f"no job {run}")
        return found

    def jobs(self, choice: Choice, limit: int, offset: int) -> list[Run]:
        """Jobs, the newest first."""
        with (
            self.database.transaction() as connection,
            connection.cursor(row_factory=class_row(Run)) as cursor,
        ):
            return cursor.execute(
                f"SELECT {COLUMNS} FROM swath.run WHERE {MINE}"  # noqa: S608 - constants
                " ORDER BY accepted DESC, id LIMIT %(limit)s OFFSET %(offset)s",
                {**vars(choice), "limit": limit, "offset": offset},
            ).fetchall()

    def count(self, choice: Choice) -> int:
        """How many jobs there are."""
        with self.database.transaction() as connection:
            row = connection.execute(
                f"SELECT count(*) FROM swath.run WHERE {MINE}",  # noqa: S608 - constants
                vars(choice),
            ).fetchone()
        return int(row[0]) if row else 0

    def results(self, run: UUID, limit: int, offset: int) -> tuple[list[Result], int]:
        """The products and records that a job was the last to touch, and how many there are."""
        with (
            self.database.transaction() as connection,
            connection.cursor(row_factory=class_row(Result)) as cursor,
        ):
            rows = cursor.execute(
                "SELECT collection, source, upstream_id, item_id, state, reason, successor,"
                " last_changed FROM swath.ledger WHERE run = %s"
                " ORDER BY collection, source, upstream_id LIMIT %s OFFSET %s",
                [run, limit, offset],
            ).fetchall()
            total = connection.execute(
                "SELECT count(*) FROM swath.ledger WHERE run = %s", [run]
            ).fetchone()
        return rows, int(total[0]) if total else 0

    def is_alive(self, job: Run) -> bool:
        """Whether the process of a running job lives: it holds a lock that falls with it."""
        lock = ("swath.harvest", job.collection) if job.kind == "harvest" else (LOCK, str(job.id))
        with self.database.transaction() as connection:
            row = connection.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND classid = hashtext(%s)::oid AND objid = hashtext(%s)::oid AND objsubid = 2)",
                lock,
            ).fetchone()
        return bool(row and row[0])


@contextmanager
def alive(settings: DatabaseSettings, run: UUID) -> Iterator[None]:
    """Hold the lock of a job, by which others see that its process lives.

    Raises:
        Unreachable: the database does not answer.
    """
    try:
        connection: psycopg.Connection[Any] = psycopg.connect(settings.conninfo(), autocommit=True)
    except psycopg.OperationalError as error:
        raise Unreachable(f"database: {error}") from error
    try:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s), hashtext(%s))", [LOCK, str(run)])
        yield
    finally:  # not by `with`: a connection that broke meanwhile must not fail the job
        connection.close()
