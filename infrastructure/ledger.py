"""The ledger: what was harvested from where, what became of it, and where to go on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import class_row

from infrastructure.catalogue import Catalogue
from infrastructure.errors import Busy, NotFound, Unreachable
from infrastructure.settings import DatabaseSettings


@dataclass(frozen=True)
class Run:
    """A harvest, running or done."""

    id: UUID
    collection: str
    state: str
    """running, completed, failed or crashed."""
    started: datetime
    ended: datetime | None
    counts: dict[str, int]
    """found, registered, updated, unchanged, quarantined and deferred."""
    activity: str | None
    error: str | None


class Upstream(Protocol):
    """A product or record as its source names it."""

    @property
    def upstream_id(self) -> str:
        """Its name at the source."""
        ...

    @property
    def fingerprint(self) -> str:
        """Its version at the source."""
        ...


@dataclass(frozen=True)
class Quarantined:
    """A product or record that could not be registered."""

    collection: str
    upstream_id: str
    reason: str
    last_changed: datetime


class Ledger:
    """The ledger of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def known(self, collection: str, upstream_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Upstream id -> fingerprint and state, of what needs no second look.

        That is what is in the catalogue, and what is in quarantine: the same version of a
        product would fail for the same reason. A registered item that is no longer in the
        catalogue, whoever removed it, counts as not known unless it was deregistered.
        """
        with self.catalogue.transaction() as connection:
            rows = connection.execute(
                "SELECT upstream_id, fingerprint, state, item_id FROM swath.ledger"
                " WHERE collection = %s AND upstream_id = ANY(%s)",
                [collection, [_clean(upstream_id) for upstream_id in upstream_ids]],
            ).fetchall()
            there = connection.execute(
                "SELECT id FROM items WHERE collection = %s AND id = ANY(%s)",
                [collection, [item_id for *_, item_id in rows]],
            ).fetchall()
        present = {item_id for (item_id,) in there}
        return {
            upstream_id: (fingerprint, state)
            for upstream_id, fingerprint, state, item_id in rows
            if state != "registered" or item_id in present
        }

    def quarantine(self, collection: str, found: Upstream, reason: str, run: UUID | None) -> None:
        """Remember that this version of a product cannot be registered, and why.

        An item that an earlier version of the product left in the catalogue stays there.
        """
        with self.catalogue.transaction() as connection:
            connection.execute(
                "INSERT INTO swath.ledger"
                " (collection, upstream_id, fingerprint, state, reason, run)"
                " VALUES (%s, %s, %s, 'quarantined', %s, %s)"
                " ON CONFLICT (collection, upstream_id) DO UPDATE"
                " SET fingerprint = EXCLUDED.fingerprint, state = 'quarantined',"
                " reason = EXCLUDED.reason, run = EXCLUDED.run, last_changed = now()",
                [collection, _clean(found.upstream_id), found.fingerprint, _clean(reason), run],
            )

    def quarantined(self, collection: str | None = None) -> list[Quarantined]:
        """What is in quarantine, newest first."""
        with (
            self.catalogue.transaction() as connection,
            connection.cursor(row_factory=class_row(Quarantined)) as cursor,
        ):
            return cursor.execute(
                "SELECT collection, upstream_id, reason, last_changed FROM swath.ledger"
                " WHERE state = 'quarantined' AND collection = coalesce(%s, collection)"
                " ORDER BY last_changed DESC, upstream_id",
                [collection],
            ).fetchall()

    def release(self, collection: str, upstream_ids: Sequence[str] | None = None) -> int:
        """Let the next harvest try quarantined products again, from the beginning; how many."""
        with self.catalogue.transaction() as connection:
            connection.execute("DELETE FROM swath.cursor WHERE collection = %s", [collection])
            return connection.execute(
                "UPDATE swath.ledger SET fingerprint = ''"
                " WHERE collection = %s AND state = 'quarantined'"
                " AND (%s::text[] IS NULL OR upstream_id = ANY(%s))",
                [collection, upstream_ids, upstream_ids],
            ).rowcount

    def forget(self, collection: str, upstream_id: str) -> None:
        """Remove from quarantine what never was an item, such as a source that did not answer."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "DELETE FROM swath.ledger WHERE collection = %s AND upstream_id = %s"
                " AND state = 'quarantined' AND item_id IS NULL",
                [collection, upstream_id],
            )

    def cursor(self, collection: str) -> datetime | None:
        """The moment up to which the upstream was harvested without a gap, if ever."""
        with self.catalogue.transaction() as connection:
            row = connection.execute(
                "SELECT position FROM swath.cursor WHERE collection = %s", [collection]
            ).fetchone()
        return row[0] if row else None

    def advance(self, collection: str, position: datetime, run: UUID) -> None:
        """Set the cursor after a harvest that left no gap."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "INSERT INTO swath.cursor (collection, position, run) VALUES (%s, %s, %s)"
                " ON CONFLICT (collection) DO UPDATE"
                " SET position = EXCLUDED.position, run = EXCLUDED.run",
                [collection, position, run],
            )

    def begin(self, run: UUID, collection: str) -> list[UUID]:
        """Open a run; the runs of the collection that had died without closing theirs."""
        with self.catalogue.transaction() as connection:
            dead = connection.execute(
                "UPDATE swath.run SET state = 'crashed', ended = now(), activity = NULL"
                " WHERE collection = %s AND state = 'running' AND id <> %s RETURNING id",
                [collection, run],
            ).fetchall()
            connection.execute(
                "INSERT INTO swath.run (id, collection) VALUES (%s, %s)"
                " ON CONFLICT (id) DO UPDATE SET state = 'running', ended = NULL, error = NULL",
                [run, collection],
            )
        return [row[0] for row in dead]

    def report(self, run: UUID, counts: dict[str, int], activity: str) -> None:
        """Tell how far a run is."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.run SET counts = %s::jsonb, activity = %s WHERE id = %s",
                [orjson.dumps(counts).decode(), activity, run],
            )

    def end(self, run: UUID, counts: dict[str, int], error: str | None = None) -> None:
        """Close a run, as completed or, with an error, as failed."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.run SET state = %s, ended = now(), counts = %s::jsonb,"
                " activity = NULL, error = %s WHERE id = %s",
                ["failed" if error else "completed", orjson.dumps(counts).decode(), error, run],
            )

    def run(self, run: UUID) -> Run:
        """A run by its id.

        Raises:
            NotFound: it has not begun.
        """
        with (
            self.catalogue.transaction() as connection,
            connection.cursor(row_factory=class_row(Run)) as cursor,
        ):
            found = cursor.execute("SELECT * FROM swath.run WHERE id = %s", [run]).fetchone()
        if found is None:
            raise NotFound(f"no harvest run {run}")
        return found


@contextmanager
def sole_harvest(settings: DatabaseSettings, collection: str) -> Iterator[None]:
    """Hold the collection's harvest lock; it falls with the process that holds it.

    Raises:
        Busy: another harvest of the collection is running.
        Unreachable: the database does not answer.
    """
    try:
        connection: psycopg.Connection[Any] = psycopg.connect(settings.conninfo(), autocommit=True)
    except psycopg.OperationalError as error:
        raise Unreachable(f"database: {error}") from error
    with connection:
        got = connection.execute(
            "SELECT pg_try_advisory_lock(hashtext('swath.harvest'), hashtext(%s))", [collection]
        ).fetchone()
        if not got or not got[0]:
            raise Busy(f"another harvest of '{collection}' is running")
        yield


def _clean(text: str) -> str:
    """Text without NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\0", "\\0")
