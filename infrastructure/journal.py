"""What a change of the catalogue leaves beside the items: record, ledger, event and totals.

Every function here works inside the transaction of its caller, which holds the collection's lock.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from infrastructure.catalogue import extent
from infrastructure.database import Connection
from infrastructure.entry import Packed


@dataclass(frozen=True)
class Held:
    """What the ledger knows of an item of the catalogue; nothing, if it came by another way."""

    upstream_id: str | None = None
    fingerprint: str | None = None
    content_hash: str | None = None


@dataclass(frozen=True)
class Batch:
    """Entries that are registered in one transaction, sorted by what becomes of them."""

    new: list[Packed]
    """Items that are not in the catalogue yet."""
    changed: list[Packed]
    """Items that replace one of the same id."""
    same: list[Packed]
    """Items that stay as they are, though the upstream product has a new version."""

    @property
    def written(self) -> list[Packed]:
        """New and changed ones."""
        return [*self.new, *self.changed]


def held(connection: Connection, collection: str, ids: list[str]) -> dict[str, Held]:
    """Item id -> what is known of it, of those that are in the catalogue."""
    both = [collection, ids]  # two statements: each is sure of its index, a join is not
    there = connection.execute(
        "SELECT id FROM items WHERE collection = %s AND id = ANY(%s)", both
    ).fetchall()
    known = connection.execute(
        "SELECT item_id, upstream_id, fingerprint, content_hash FROM swath.ledger"
        " WHERE collection = %s AND item_id = ANY(%s) AND state <> 'deregistered'",
        both,
    )
    ledger = {item_id: Held(*row) for item_id, *row in known}
    return {item_id: ledger.get(item_id, Held()) for (item_id,) in there}


def former(connection: Connection, collection: str, batch: Batch) -> dict[str, str | None]:
    """Upstream id -> item id of the batch's products that the ledger knows, where it still holds.

    An item id that differs from the batch's is that of an item that has to give way.
    """
    rows = connection.execute(
        "SELECT upstream_id, CASE WHEN state <> 'deregistered' THEN item_id END"
        " FROM swath.ledger WHERE collection = %s AND upstream_id = ANY(%s)",
        [collection, [entry.upstream_id for entry in [*batch.written, *batch.same]]],
    ).fetchall()
    return dict(rows)


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
    known: Container[str],
    run: UUID | None,
) -> None:
    """Write everything that belongs to a batch but the items themselves.

    Args:
        connection: Its transaction is the batch's.
        collection: Id of the collection.
        batch: What is written.
        known: Upstream ids that the ledger has already.
        run: The harvest that found it.
    """
    entries = [*batch.written, *batch.same]
    _enter(connection, collection, [e for e in entries if e.upstream_id not in known], run)
    _remember(connection, collection, [e for e in entries if e.upstream_id in known], run)
    if batch.written:
        _write_records(connection, collection, batch.written)
        _write_events(connection, collection, batch)
        _add_up(connection, collection, batch)


def remove(connection: Connection, collection: str, ids: Sequence[str]) -> list[str]:
    """Delete items and everything that belongs to them; the ids that there were."""
    rows = connection.execute(
        "WITH gone AS (DELETE FROM items WHERE collection = %s AND id = ANY(%s)"
        " RETURNING collection, id, geometry, datetime, end_datetime)"
        " INSERT INTO swath.event (kind, collection, item_id, bbox, start_time, end_time)"
        " SELECT 'deregistered', collection, id, ARRAY[ST_XMin(geometry), ST_YMin(geometry),"
        " ST_XMax(geometry), ST_YMax(geometry)], datetime, end_datetime FROM gone"
        " RETURNING item_id",
        [collection, list(ids)],
    ).fetchall()
    removed = [str(row[0]) for row in rows]
    if removed:
        both = [collection, removed]
        connection.execute(
            "DELETE FROM swath.record WHERE collection = %s AND item_id = ANY(%s)", both
        )
        connection.execute(
            "UPDATE swath.ledger SET state = 'deregistered', reason = NULL, last_changed = now()"
            " WHERE collection = %s AND item_id = ANY(%s)",
            both,
        )
        _count_again(connection, collection)
    return removed


def _enter(
    connection: Connection, collection: str, entries: list[Packed], run: UUID | None
) -> None:
    """Write products into the ledger that it does not know yet."""
    statement = (
        "COPY swath.ledger (collection, upstream_id, fingerprint, item_id, content_hash, state,"
        " run) FROM stdin (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["text"] * 6 + ["uuid"])
        for e in entries:
            row = (collection, e.upstream_id, e.fingerprint, e.id, e.content_hash)
            copy.write_row((*row, "registered", run))


def _remember(
    connection: Connection, collection: str, entries: list[Packed], run: UUID | None
) -> None:
    """Write into the ledger that new versions of products that it knows are in the catalogue."""
    if not entries:
        return
    connection.execute(
        "INSERT INTO swath.ledger"
        " (collection, upstream_id, fingerprint, item_id, content_hash, state, run)"
        " SELECT %s, u, f, i, h, 'registered', %s"
        " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS t (u, f, i, h)"
        " ON CONFLICT (collection, upstream_id) DO UPDATE SET fingerprint = EXCLUDED.fingerprint,"
        " item_id = EXCLUDED.item_id, content_hash = EXCLUDED.content_hash, state = 'registered',"
        " reason = NULL, run = EXCLUDED.run, last_changed = now()",
        [
            collection,
            run,
            [entry.upstream_id for entry in entries],
            [entry.fingerprint for entry in entries],
            [entry.id for entry in entries],
            [entry.content_hash for entry in entries],
        ],
    )


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


def _add_up(connection: Connection, collection: str, batch: Batch) -> None:
    """Widen the totals and the collection's extent; the cost does not grow with the collection."""
    entries = batch.written
    west, south, east, north = zip(*(entry.bbox for entry in entries), strict=True)
    row = connection.execute(
        "INSERT INTO swath.summary AS s (collection, items, bbox, start_time, end_time)"
        " VALUES (%(collection)s, %(new)s, %(bbox)s::float8[], %(start)s, %(end)s)"
        " ON CONFLICT (collection) DO UPDATE SET version = s.version + 1,"
        " items = s.items + EXCLUDED.items,"
        " bbox = ARRAY[least(s.bbox[1], EXCLUDED.bbox[1]), least(s.bbox[2], EXCLUDED.bbox[2]),"
        " greatest(s.bbox[3], EXCLUDED.bbox[3]), greatest(s.bbox[4], EXCLUDED.bbox[4])],"
        " start_time = least(s.start_time, EXCLUDED.start_time),"
        " end_time = greatest(s.end_time, EXCLUDED.end_time)"
        " RETURNING bbox, start_time, end_time",
        {
            "collection": collection,
            "new": len(batch.new),
            "bbox": [min(west), min(south), max(east), max(north)],
            "start": min(entry.start for entry in entries),
            "end": max(entry.end for entry in entries),
        },
    ).fetchone()
    if row:
        _set_extent(connection, collection, *row)


def _count_again(connection: Connection, collection: str) -> None:
    """Totals from the items that are left; a removal can shrink an extent only this way."""
    row = connection.execute(
        "UPDATE swath.summary s SET version = s.version + 1, items = t.items, bbox = t.bbox,"
        " start_time = t.start_time, end_time = t.end_time"
        " FROM (SELECT count(*) AS items, min(datetime) AS start_time,"
        " max(end_datetime) AS end_time, CASE WHEN count(*) > 0 THEN"
        " ARRAY[min(ST_XMin(geometry)), min(ST_YMin(geometry)), max(ST_XMax(geometry)),"
        " max(ST_YMax(geometry))] END AS bbox FROM items WHERE collection = %s) t"
        " WHERE s.collection = %s RETURNING s.bbox, s.start_time, s.end_time",
        [collection, collection],
    ).fetchone()
    if row and row[0]:
        _set_extent(connection, collection, *row)


def _set_extent(
    connection: Connection, collection: str, bbox: list[float], start: datetime, end: datetime
) -> None:
    document = orjson.dumps(extent(bbox, start, end)).decode()
    connection.execute(
        "UPDATE collections SET content = jsonb_set(content, '{extent}', %s::jsonb)"
        " WHERE id = %s AND content -> 'extent' IS DISTINCT FROM %s::jsonb",
        [document, collection, document],
    )
