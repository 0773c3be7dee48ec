"""What a change of the catalogue leaves beside the items: record, ledger, event and totals.

Every function here works inside the transaction of its caller, which holds the collection's lock.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

from hydraters import hydrate
from psycopg.types.json import Jsonb

from infrastructure import totals
from infrastructure.database import Connection
from infrastructure.entry import Key, Packed, Rank
from infrastructure.ledger import rows_of

FORMER: LiteralString = "upstream_id, CASE WHEN state <> 'deregistered' THEN item_id END"
"""What the ledger knows of an entry from before."""

PART = 1000
"""Items that are deleted by one statement: they are in memory meanwhile."""


@dataclass(frozen=True)
class Held:
    """What the ledger knows of an item of the catalogue; nothing, if it came by another way."""

    key: Key | None = None
    """The source and upstream record that it was made of."""
    fingerprint: str | None = None
    content_hash: str | None = None
    rank: Rank = ()


@dataclass(frozen=True)
class Batch:
    """Entries that are registered in one transaction, sorted by what becomes of them."""

    new: list[Packed] = field(default_factory=list)
    """Items that are not in the catalogue yet."""
    changed: list[Packed] = field(default_factory=list)
    """Items that replace one of the same id."""
    same: list[Packed] = field(default_factory=list)
    """Items that stay as they are, though the upstream product may have a new version."""
    beaten: list[Packed] = field(default_factory=list)
    """Entries whose item id a better duplicate holds; only the ledger knows them."""
    ousted: list[Key] = field(default_factory=list)
    """Rows of the ledger whose item is a better duplicate's now."""

    @property
    def written(self) -> list[Packed]:
        """New and changed ones."""
        return [*self.new, *self.changed]

    @property
    def all(self) -> list[Packed]:
        """Every entry that the ledger remembers."""
        return [*self.new, *self.changed, *self.same, *self.beaten]


def held(connection: Connection, collection: str, ids: list[str]) -> dict[str, Held]:
    """Item id -> what is known of it, of those that are in the catalogue."""
    both = [collection, ids]  # two statements: each is sure of its index, a join is not
    there = connection.execute(
        "SELECT id FROM items WHERE collection = %s AND id = ANY(%s)", both
    ).fetchall()
    known = connection.execute(  # as `rows_of`, by the other index
        "SELECT l.* FROM unnest(%s::text[]) AS asked (name) CROSS JOIN LATERAL (SELECT item_id,"
        " source, upstream_id, fingerprint, content_hash, rank FROM swath.ledger"
        " WHERE collection = %s AND item_id = asked.name AND state <> 'deregistered'"
        " OFFSET 0) AS l",
        [ids, collection],
    )
    ledger = {
        item_id: Held((source, upstream), fingerprint, content, tuple(rank or ()))
        for item_id, source, upstream, fingerprint, content, rank in known
    }
    return {item_id: ledger.get(item_id, Held()) for (item_id,) in there}


def former(connection: Connection, collection: str, entries: list[Packed]) -> dict[Key, str | None]:
    """Ledger key -> item id of the entries that the ledger knows, where it still holds.

    An item id that differs from the entry's is that of an item that has to give way.
    """
    known: dict[Key, str | None] = {}
    for source in {entry.source for entry in entries}:
        names = [entry.upstream_id for entry in entries if entry.source == source]
        rows = rows_of(connection, FORMER, collection, source, names)
        known |= {(source, upstream_id): item for upstream_id, item in rows}
    return known


def count(connection: Connection, collection: str, ids: list[str]) -> int:
    """How many of these items are in the catalogue."""
    row = connection.execute(
        "SELECT count(*) FROM items WHERE collection = %s AND id = ANY(%s)", [collection, ids]
    ).fetchone()
    return int(row[0]) if row else 0


def write(
    connection: Connection,
    collection: str,
    batch: Batch,
    known: Container[Key],
    run: UUID | None,
) -> None:
    """Write everything that belongs to a batch but the items themselves.

    Args:
        connection: Its transaction is the batch's.
        collection: Id of the collection.
        batch: What is written.
        known: Keys that the ledger has already.
        run: The harvest that found it.
    """
    _oust(connection, collection, batch, run)
    kept = [(entry, False) for entry in [*batch.written, *batch.same]]
    rows = [*kept, *((entry, True) for entry in batch.beaten)]
    _enter(connection, collection, [r for r in rows if r[0].key not in known], run)
    _remember(connection, collection, [r for r in rows if r[0].key in known], run)
    if batch.written:
        _write_records(connection, collection, batch.written)
        _write_events(connection, collection, batch)
        totals.add_up(connection, collection, batch.written, len(batch.new))


def items(connection: Connection, collection: str, ids: list[str]) -> list[dict[str, Any]]:
    """Items of the catalogue, whole, as STAC Items."""
    rows = connection.execute(
        "SELECT content_nonhydrated(items) FROM items WHERE collection = %s AND id = ANY(%s)",
        [collection, ids],
    )
    return [_whole(item) for (item,) in rows]


def _whole(item: dict[str, Any]) -> dict[str, Any]:
    """An item with what it has in common with others; pgstac's `content_hydrate` drops nulls."""
    base = item.pop("pgstac:base_item") or {}
    common = {name: part for name, part in base.items() if part is not None}
    whole: dict[str, Any] = hydrate(common, item, strip_unmatched_markers=True)
    return whole


def rewrite(connection: Connection, collection: str, entries: list[Packed]) -> None:
    """Tell of items that changed though their upstream did not."""
    batch = Batch(changed=entries)
    _write_events(connection, collection, batch)
    totals.add_up(connection, collection, batch.written, len(batch.new))


def remove(
    connection: Connection, collection: str, ids: Sequence[str], *, for_good: bool
) -> list[str]:
    """Delete items and everything that belongs to them; the ids that there were.

    Args:
        connection: Its transaction is the caller's.
        collection: Id of the collection.
        ids: Ids of items.
        for_good: The same version of a product does not come back with the next harvest.
    """
    parts = (ids[at : at + PART] for at in range(0, len(ids), PART))
    removed = [name for part in parts for name in _delete(connection, collection, list(part))]
    both = [collection, list(ids)]  # none of them is in the catalogue now, whoever removed it
    connection.execute("DELETE FROM swath.record WHERE collection = %s AND item_id = ANY(%s)", both)
    connection.execute(
        "UPDATE swath.ledger SET state = 'deregistered', reason = NULL, missing_since = NULL,"
        " successor = NULL, last_changed = now(),"
        " fingerprint = CASE WHEN %s THEN fingerprint ELSE '' END"
        " WHERE collection = %s AND item_id = ANY(%s) AND state <> 'deregistered'",
        [for_good, *both],
    )
    if removed:
        totals.count_again(connection, collection)
    return removed


def _delete(connection: Connection, collection: str, ids: list[str]) -> list[str]:
    """Delete items, and tell of them as they were; the ids that there were."""
    whole = {item["id"]: Jsonb(item) for item in items(connection, collection, ids)}
    rows = connection.execute(
        "WITH gone AS (DELETE FROM items WHERE collection = %s AND id = ANY(%s)"
        " RETURNING collection, id, geometry, datetime, end_datetime)"
        " INSERT INTO swath.event (kind, collection, item_id, bbox, start_time, end_time, item)"
        " SELECT 'deregistered', collection, id, ARRAY[ST_XMin(geometry), ST_YMin(geometry),"
        " ST_XMax(geometry), ST_YMax(geometry)], datetime, end_datetime, item"
        " FROM gone JOIN unnest(%s::text[], %s::jsonb[]) AS t (id, item) USING (id)"
        " RETURNING item_id",
        [collection, ids, list(whole), list(whole.values())],
    )
    return [str(row[0]) for row in rows]


def _oust(connection: Connection, collection: str, batch: Batch, run: UUID | None) -> None:
    """Take the item from those that lost it to a better duplicate."""
    for source, upstream_id in batch.ousted:
        connection.execute(
            "UPDATE swath.ledger SET state = 'superseded', successor = item_id, item_id = NULL,"
            " missing_since = NULL, reason = NULL, run = %s, last_changed = now()"
            " WHERE collection = %s AND source = %s AND upstream_id = %s",
            [run, collection, source, upstream_id],
        )


Row = tuple[Packed, bool]
"""An entry, and whether it is beaten by a duplicate that holds its item id."""


def _enter(connection: Connection, collection: str, rows: list[Row], run: UUID | None) -> None:
    """Write products into the ledger that it does not know yet."""
    statement = (
        "COPY swath.ledger (collection, source, upstream_id, fingerprint, item_id, content_hash,"
        " granule, state, successor, rank, run) FROM stdin (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["text"] * 9 + ["jsonb", "uuid"])
        for entry, beaten in rows:
            copy.write_row((collection, *_columns(entry, beaten), _rank(entry), run))


def _remember(connection: Connection, collection: str, rows: list[Row], run: UUID | None) -> None:
    """Write into the ledger what became of products that it knows."""
    if not rows:
        return
    columns = [*zip(*(_columns(entry, beaten) for entry, beaten in rows), strict=True)]
    connection.execute(
        "UPDATE swath.ledger l SET fingerprint = t.fingerprint, item_id = t.item_id,"
        " content_hash = t.content_hash, granule = t.granule, state = t.state,"
        " successor = t.successor, rank = t.rank, reason = NULL, missing_since = NULL,"
        " run = %s, last_seen = now(), last_changed = now()"
        " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
        " %s::text[], %s::text[], %s::jsonb[]) AS t (source, upstream_id, fingerprint, item_id,"
        " content_hash, granule, state, successor, rank)"
        " WHERE l.collection = %s AND l.source = t.source AND l.upstream_id = t.upstream_id",
        [run, *map(list, columns), [_rank(entry) for entry, _ in rows], collection],
    )


def _columns(entry: Packed, beaten: bool) -> tuple[str | None, ...]:
    return (
        entry.source,
        entry.upstream_id,
        entry.fingerprint,
        None if beaten else entry.id,
        entry.content_hash,
        entry.granule,
        "superseded" if beaten else "registered",
        entry.id if beaten else None,
    )


def _rank(entry: Packed) -> Jsonb:
    return Jsonb(list(entry.rank))


def _write_records(connection: Connection, collection: str, entries: list[Packed]) -> None:
    connection.execute(
        "DELETE FROM swath.record WHERE collection = %s AND item_id = ANY(%s)",
        [collection, [entry.id for entry in entries]],
    )
    statement = (
        "COPY swath.record (collection, item_id, standard, content) FROM stdin (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["text", "text", "text", "bytea"])
        for entry in entries:
            for standard, content in entry.records.items():
                copy.write_row((collection, entry.id, standard, content))


def _write_events(connection: Connection, collection: str, batch: Batch) -> None:
    statement = (
        "COPY swath.event (kind, collection, item_id, bbox, start_time, end_time)"
        " FROM stdin (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["text", "text", "text", "float8[]", "timestamptz", "timestamptz"])
        for kind, entries in (("registered", batch.new), ("updated", batch.changed)):
            for entry in entries:
                row = (kind, collection, entry.id, entry.bbox, entry.start, entry.end)
                copy.write_row(row)
