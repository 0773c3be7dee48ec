"""How many items a collection has, how far they reach, what they tell: kept as they come and go.

Every function here works inside the transaction of its caller, which holds the collection's lock.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from infrastructure.catalogue import extent
from infrastructure.database import Connection
from infrastructure.entry import Packed
from infrastructure.queryables import indexes
from infrastructure.queryables.learnt import declare
from infrastructure.summaries import document


def add_up(connection: Connection, collection: str, entries: Sequence[Packed], new: int) -> None:
    """Widen the totals and the collection's extent; the cost does not grow with the collection."""
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
            "new": new,
            "bbox": [min(west), min(south), max(east), max(north)],
            "start": min(entry.start for entry in entries),
            "end": max(entry.end for entry in entries),
        },
    ).fetchone()
    if row:
        _set_extent(connection, collection, *row)
    _tell(connection, collection, [entry.item for entry in entries])


def count_again(connection: Connection, collection: str) -> None:
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
    elif row:
        _forget(connection, collection)


def _set_extent(
    connection: Connection, collection: str, bbox: list[float], start: datetime, end: datetime
) -> None:
    document = orjson.dumps(extent(bbox, start, end)).decode()
    connection.execute(
        "UPDATE collections SET content = jsonb_set(content, '{extent}', %s::jsonb)"
        " WHERE id = %s AND content -> 'extent' IS DISTINCT FROM %s::jsonb",
        [document, collection, document],
    )


def _tell(connection: Connection, collection: str, items: list[dict[str, Any]]) -> None:
    """Widen what the collection tells of its items; nothing is written if they tell nothing new."""
    row = connection.execute(
        "SELECT seen, given FROM swath.summary WHERE collection = %s", [collection]
    ).fetchone()
    if row and (seen := document.widened(row[0], items)) != row[0]:
        _write(connection, collection, seen, row[1])
        before = row[0].get("types", {})
        declare(connection, (name for name, k in seen["types"].items() if before.get(name) != k))
    indexes.keep(connection, collection)


def _forget(connection: Connection, collection: str) -> None:
    """The collection has no items, so nothing was seen of them."""
    row = connection.execute(
        "SELECT given FROM swath.summary WHERE collection = %s AND seen <> '{}'", [collection]
    ).fetchone()
    if row:
        _write(connection, collection, {}, row[0])


def _write(
    connection: Connection, collection: str, seen: dict[str, Any], given: dict[str, Any]
) -> None:
    connection.execute(
        "UPDATE swath.summary SET seen = %s::jsonb WHERE collection = %s",
        [orjson.dumps(seen).decode(), collection],
    )
    row = connection.execute(
        "SELECT content FROM collections WHERE id = %s", [collection]
    ).fetchone()
    if row and (told := document.filled(row[0], given, seen)) != row[0]:
        connection.execute(
            "UPDATE collections SET content = %s::jsonb WHERE id = %s",
            [orjson.dumps(told).decode(), collection],
        )
