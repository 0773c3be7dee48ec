"""What a change of the catalogue leaves beside the items: record, ledger, event and totals.

Every function here works inside the transaction of its caller, which holds the collection's lock.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from infrastructure.catalogue import extent
from infrastructure.database import Connection


@dataclass(frozen=True)
class Entry:
    """An item on its way into the catalogue."""

    item: dict[str, Any]
    """STAC Item."""
    upstream_id: str
    """The name of the product or record at its source."""
    fingerprint: str
    """The version of it at its source."""
    records: dict[str, bytes] = field(default_factory=dict)
    """Standard -> metadata record, such as `iso19139` -> XML."""

    @property
    def id(self) -> str:
        """The item's id."""
        return str(self.item["id"])


@dataclass(frozen=True)
class Change:
    """An entry that is to be written."""

    entry: Entry
    content_hash: str
    new: bool
    """False: it replaces an item of the same id."""


Place = tuple[str, str, list[float], datetime, datetime]
"""Kind of the change, item id, box in degrees, start and end."""


@dataclass
class Registration:
    """What registering did, by item id."""

    registered: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[tuple[Entry, str]] = field(default_factory=list)
    """Entries that were not registered, with the reason."""

    def add(self, other: "Registration") -> None:
        """Take in what another batch did."""
        self.registered += other.registered
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.refused += other.refused


@dataclass(frozen=True)
class Held:
    """What the ledger knows of an item of the catalogue; nothing, if it came by another way."""

    upstream_id: str | None = None
    fingerprint: str | None = None
    content_hash: str | None = None


def held(connection: Connection, collection: str, ids: list[str]) -> dict[str, Held]:
    """Item id -> what is known of it, of those that are in the catalogue."""
    both = [collection, ids]  # two statements: each is sure of its index, a join is not
    there = connection.execute(
        "SELECT id FROM items WHERE collection = %s AND id = ANY(%s)", both
    ).fetchall()
    known = connection.execute(
        "SELECT item_id, upstream_id, fingerprint, content_hash FROM swath.ledger"
        " WHERE collection = %s AND item_id = ANY(%s) AND state = 'registered'",
        both,
    )
    ledger = {item_id: Held(*row) for item_id, *row in known}
    return {item_id: ledger.get(item_id, Held()) for (item_id,) in there}


def count(connection: Connection, collection: str, ids: list[str]) -> int:
    """How many of these items are in the catalogue."""
    row = connection.execute(
        "SELECT count(*) FROM items WHERE collection = %s AND id = ANY(%s)", [collection, ids]
    ).fetchone()
    return int(row[0]) if row else 0


def write(connection: Connection, collection: str, changes: list[Change], run: UUID | None) -> None:
    """Write everything that belongs to these changes but the items themselves."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    for change in changes:
        change.entry.item["properties"]["updated"] = now
    _write_records(connection, collection, changes)
    remember(connection, collection, changes, run)
    places = [_place(change) for change in changes]
    _write_events(connection, collection, places)
    _add_up(connection, collection, places)


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
            "UPDATE swath.ledger SET state = 'deregistered', last_changed = now()"
            " WHERE collection = %s AND item_id = ANY(%s)",
            both,
        )
        _count_again(connection, collection)
    return removed


def _write_records(connection: Connection, collection: str, changes: list[Change]) -> None:
    rows = [
        (change.entry.id, standard, zlib.compress(content, 1))
        for change in changes
        for standard, content in change.entry.records.items()
    ]
    if rows:
        connection.execute(
            "INSERT INTO swath.record (collection, item_id, standard, content)"
            " SELECT %s, * FROM unnest(%s::text[], %s::text[], %b::bytea[])"
            " ON CONFLICT (collection, item_id, standard) DO UPDATE SET content = EXCLUDED.content",
            [collection, *map(list, zip(*rows, strict=True))],
        )


def remember(
    connection: Connection, collection: str, changes: list[Change], run: UUID | None
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
            [change.entry.upstream_id for change in changes],
            [change.entry.fingerprint for change in changes],
            [change.entry.id for change in changes],
            [change.content_hash for change in changes],
        ],
    )


def _write_events(connection: Connection, collection: str, places: list[Place]) -> None:
    statement = (
        "COPY swath.event (kind, collection, item_id, bbox, start_time, end_time)"
        " FROM stdin (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["text", "text", "text", "float8[]", "timestamptz", "timestamptz"])
        for kind, item_id, bbox, start, end in places:
            copy.write_row((kind, collection, item_id, bbox, start, end))


def _add_up(connection: Connection, collection: str, places: list[Place]) -> None:
    """Widen the totals and the collection's extent; the cost does not grow with the collection."""
    kinds, _, boxes, starts, ends = zip(*places, strict=True)
    west, south, east, north = zip(*boxes, strict=True)
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
            "new": kinds.count("registered"),
            "bbox": [min(west), min(south), max(east), max(north)],
            "start": min(starts),
            "end": max(ends),
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


def _place(change: Change) -> Place:
    item = change.entry.item
    kind = "registered" if change.new else "updated"
    return kind, change.entry.id, _bbox(item["bbox"]), *_times(item["properties"])


def _bbox(bbox: list[float]) -> list[float]:
    """West, south, east, north in degrees, of a 2D or 3D STAC bbox; across ±180 the whole belt."""
    west, south, east, north = map(float, bbox if len(bbox) == 4 else (*bbox[:2], *bbox[3:5]))
    return [west, south, east, north] if west <= east else [-180.0, south, 180.0, north]


def _times(properties: dict[str, Any]) -> tuple[datetime, datetime]:
    """Start and end of an item's time."""
    instant = properties["datetime"]
    start, end = properties.get("start_datetime"), properties.get("end_datetime")
    return datetime.fromisoformat(start or instant), datetime.fromisoformat(end or instant)
