"""The ledger: what was harvested from where, what became of it, and where to go on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import sql
from psycopg.rows import class_row

from infrastructure.catalogue import Catalogue
from infrastructure.database import Connection
from infrastructure.errors import NotFound

Known = tuple[str, str]
"""Fingerprint and state of a product or record in the ledger."""

HELD = ("registered", "missing")
"""States in which an item stands in the catalogue."""


@dataclass(frozen=True)
class Run:
    """A job, running or done: a harvest, a registration, a deregistration."""

    id: UUID
    collection: str
    kind: str
    """harvest, register or deregister."""
    state: str
    """accepted, running, completed, failed, crashed or cancelled."""
    accepted: datetime
    started: datetime | None
    ended: datetime | None
    counts: dict[str, int]
    """found, registered, updated, unchanged, superseded, quarantined ..."""
    activity: str | None
    error: str | None
    request: dict[str, Any] | None = None


@dataclass(frozen=True)
class Cursor:
    """Where the next harvest of a source goes on."""

    position: datetime | None
    """When the last harvest that left no gap began; None before the first."""
    swept: datetime | None
    """When the last one that looked at everything began."""
    reset: datetime | None = None
    """When somebody asked last for everything to be looked at again."""


class Ledger:
    """The ledger of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def now(self) -> datetime:
        """The database's clock, which `last_seen` goes by: that of a worker may differ."""
        with self.catalogue.transaction() as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        moment: datetime = row[0] if row else datetime.now(UTC)
        return moment

    def known(self, collection: str, source: str, upstream_ids: Sequence[str]) -> dict[str, Known]:
        """Upstream id -> what is known of it, of what needs no second look if it is the same.

        That is what is in the catalogue, what a duplicate beat, and what is in quarantine: the
        same version of a product would fail for the same reason. A registered item that is no
        longer in the catalogue, whoever removed it, counts as not known unless it was
        deregistered.
        """
        with self.catalogue.transaction() as connection:
            rows = rows_of(
                connection, "upstream_id, fingerprint, state, item_id", collection, source,
                upstream_ids,
            )  # fmt: skip
            there = connection.execute(
                "SELECT id FROM items WHERE collection = %s AND id = ANY(%s)",
                [collection, [item_id for *_, item_id in rows if item_id]],
            ).fetchall()
        present = {item_id for (item_id,) in there}
        return {
            upstream_id: (fingerprint, state)
            for upstream_id, fingerprint, state, item_id in rows
            if state not in HELD or item_id is None or item_id in present
        }

    def cursor(self, collection: str, source: str) -> Cursor:
        """Where the next harvest of a source goes on."""
        with (
            self.catalogue.transaction() as connection,
            connection.cursor(row_factory=class_row(Cursor)) as cursor,
        ):
            found = cursor.execute(
                "SELECT position, swept, reset FROM swath.cursor"
                " WHERE collection = %s AND source = %s",
                [collection, source],
            ).fetchone()
        return found or Cursor(None, None)

    def advance(  # noqa: PLR0913 - of what, where to and by whom
        self,
        collection: str,
        source: str,
        position: datetime,
        run: UUID,
        *,
        swept: bool,
        reset: datetime | None = None,
    ) -> None:
        """Set the cursor after a harvest that left no gap, unless it was reset meanwhile.

        Args:
            collection: Id of the collection.
            source: Name of the source.
            position: When the harvest began.
            run: The harvest.
            swept: Whether it looked at all that the source has.
            reset: When the cursor had been reset last, as it was when the harvest began.
        """
        with self.catalogue.transaction() as connection:
            connection.execute(
                "INSERT INTO swath.cursor AS c (collection, source, position, run, swept)"
                " VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (collection, source) DO UPDATE SET"
                " position = CASE WHEN c.reset IS DISTINCT FROM %s THEN NULL"
                " ELSE EXCLUDED.position END,"
                " run = EXCLUDED.run, swept = coalesce(EXCLUDED.swept, c.swept)",
                [collection, source, position, run, position if swept else None, reset],
            )

    def windows(self, collection: str, source: str) -> set[tuple[datetime, datetime]]:
        """The windows of backfills that are done: first moment, and the first after it."""
        with self.catalogue.transaction() as connection:
            rows = connection.execute(
                "SELECT lower(span), upper(span) FROM swath.backfill"
                " WHERE collection = %s AND source = %s",
                [collection, source],
            ).fetchall()
        return {(first, last) for first, last in rows}

    def close_window(
        self, collection: str, source: str, window: tuple[datetime, datetime], run: UUID
    ) -> None:
        """Remember that a window of a backfill is done."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "INSERT INTO swath.backfill (collection, source, span, run)"
                " VALUES (%s, %s, tstzrange(%s, %s), %s)"
                " ON CONFLICT (collection, source, span) DO UPDATE"
                " SET run = EXCLUDED.run, done = now()",
                [collection, source, *window, run],
            )

    def begin(self, run: UUID, collection: str, kind: str = "harvest") -> list[UUID]:
        """Open a run; the runs of the collection that had died without closing theirs."""
        with self.catalogue.transaction() as connection:
            dead = connection.execute(
                "UPDATE swath.run SET state = 'crashed', ended = now(), activity = NULL"
                " WHERE collection = %s AND state = 'running' AND kind = %s AND id <> %s"
                " RETURNING id",
                [collection, kind, run],
            ).fetchall()
            connection.execute(
                "INSERT INTO swath.run (id, collection, kind, started) VALUES (%s, %s, %s, now())"
                " ON CONFLICT (id) DO UPDATE SET state = 'running', started = now(),"
                " collection = EXCLUDED.collection, ended = NULL, error = NULL",
                [run, collection, kind],
            )
        return [row[0] for row in dead]

    def report(self, run: UUID, counts: dict[str, int], activity: str) -> None:
        """Tell how far a run is."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.run SET counts = %s::jsonb, activity = %s"
                " WHERE id = %s AND state = 'running'",
                [orjson.dumps(counts).decode(), activity, run],
            )

    def end(self, run: UUID, counts: dict[str, int], error: str | None = None) -> None:
        """Close a run, as completed or, with an error, as failed."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.run SET state = %s, ended = now(), counts = %s::jsonb,"
                " activity = NULL, error = %s WHERE id = %s AND state IN ('running', 'crashed')",
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


def rows_of(  # noqa: PLR0913 - what, of which, and how
    connection: Connection,
    columns: LiteralString,
    collection: str,
    source: str,
    upstream_ids: Iterable[str],
    *,
    lock: bool = False,
) -> list[Any]:
    """Columns of those records that the ledger has, one look at its index for each.

    Said with `= ANY`, it would be planned by the statistics of the table, which know nothing of the
    rows of a first harvest: all that the source has would be read, for each batch anew. `OFFSET 0`
    keeps the planner from making that of it.
    """
    statement = sql.SQL(
        "SELECT l.* FROM unnest(%s::text[]) AS asked (name) CROSS JOIN LATERAL (SELECT {columns}"
        " FROM swath.ledger WHERE collection = %s AND source = %s AND upstream_id = asked.name"
        " {how}) AS l"
    ).format(columns=sql.SQL(columns), how=sql.SQL("FOR UPDATE" if lock else "OFFSET 0"))
    names = [clean(upstream_id) for upstream_id in upstream_ids]
    return connection.execute(statement, [names, collection, source]).fetchall()


def returning(
    connection: Connection, collection: str, source: str, upstream_ids: Sequence[str]
) -> set[str]:
    """The granules of those that had been missing: their duplicates have to be judged anew."""
    columns: LiteralString = "granule, missing_since IS NOT NULL"
    rows = rows_of(connection, columns, collection, source, upstream_ids)
    return {granule for granule, was_missing in rows if granule and was_missing}


def mark_seen(
    connection: Connection, collection: str, source: str, upstream_ids: Sequence[str]
) -> None:
    """Write down that upstream has these; what was missing is back."""
    rows = rows_of(connection, "ctid::text", collection, source, upstream_ids, lock=True)
    connection.execute(
        "UPDATE swath.ledger SET last_seen = now(), missing_since = NULL, state ="
        " CASE state WHEN 'missing' THEN 'registered' ELSE state END WHERE ctid = ANY(%s::tid[])",
        [[place for (place,) in rows]],
    )


def reset_cursors(connection: Connection, collection: str, sources: Collection[str]) -> None:
    """Have the next harvest of sources begin anew, even if one is running just now."""
    connection.execute(
        "INSERT INTO swath.cursor (collection, source, reset)"
        " SELECT %s, source, clock_timestamp() FROM unnest(%s::text[]) AS s (source)"
        " ON CONFLICT (collection, source) DO UPDATE SET position = NULL, reset = EXCLUDED.reset",
        [collection, list(sources)],
    )


def clean(text: str) -> str:
    """Text without NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\0", "\\0")
