"""What a change of the catalogue leaves beside the items: record, ledger, event and totals.

Every function here works inside the transaction of its caller, which holds the collection's lock.
"""

from collections.abc import Sequence
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


def outdated(connection: Connection, collection: str, batch: Batch) -> list[str]:
    """Ids of the items that the batch's products were before, where they have another id now."""
    rows = connection.execute(
        "SELECT l.item_id FROM swath.ledger l"
        " JOIN unnest(%s::text[], %s::text[]) AS t (u, i) ON l.upstream_id = t.u"
        " WHERE l.collection = %s AND l.state <> 'deregistered' AND l.item_id <> t.i",
        [
            [entry.upstream_id for entry in batch.written],
            [entry.id for entry in batch.written],
            collection,
        ],
    ).fetchall()
    return [item_id for (item_id,) in rows]


def count(connection: Connection, collection: str, ids: list[str]) -> int:
    """How many of these items are in the catalogue."""
    row = connection.execute(
        "SELECT count(*) FROM items WHERE collection = %s AND id = ANY(%s)", [collection, ids]
    ).fetchone()
    return int(row[0]) if row else 0


def write(connection: Connection, collection: str, batch: Batch, run: UUID | None) -> None:
    """Write everything that belongs to a batch but the items themselves."""
    _remember(connection, collection, [*batch.written, *batch.same], run)
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


def _remember(
    connection: Connection, collection: str, entries: list[Packed], run: UUID | None
) -> None:
    """Write into the ledger that these versions of upstream products are in the catalogue."""
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
    rows = [
        (entry.id, standard, content)
        for entry in entries
        for standard, content in entry.records.items()
    ]
    if rows:
        connection.execute(
            "INSERT INTO swath.record (collection, item_id, standard, content)"
            " SELECT %s, * FROM unnest(%s::text[], %s::text[], %b::bytea[])"
            " ON CONFLICT (collection, item_id, standard) DO UPDATE SET content = EXCLUDED.content",
            [collection, *map(list, zip(*rows, strict=True))],
        )


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
