"""The catalogue: collections and items in pgstac, and what was made of each change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson

from infrastructure.database import Connection, Database
from infrastructure.errors import NotFound
from infrastructure.summaries.document import filled, given, public

BBox = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326); west > east crosses the antimeridian."""


@dataclass(frozen=True)
class ItemAssets:
    """What a renderer needs of an item."""

    id: str
    bbox: BBox
    hrefs: dict[str, str]
    """Asset key -> address as it stands in the catalogue."""


class Catalogue(Database):
    """Collections and items; a context manager opens its pool."""

    def put_collection(self, document: dict[str, Any]) -> bool:
        """Store a STAC Collection, filled up with what its items tell; False if nothing changed."""
        said = given(document)
        with self.transaction() as connection:
            lock_collection(connection, document["id"])
            document = {**document, "extent": _extent(connection, document)}
            document = filled(document, said, _seen(connection, document["id"]))
            current = connection.execute(
                "SELECT content FROM collections WHERE id = %s", [document["id"]]
            ).fetchone()
            if current and current[0] == document:
                return False
            connection.execute("SELECT upsert_collection(%s::jsonb)", [_json(document)])
            connection.execute(
                "INSERT INTO swath.summary AS s (collection, given) VALUES (%s, %s::jsonb)"
                " ON CONFLICT (collection) DO UPDATE SET version = s.version + 1,"
                " given = EXCLUDED.given",
                [document["id"], _json(said)],
            )
        return True

    def collection(self, collection: str) -> dict[str, Any]:
        """The STAC Collection of that id.

        Raises:
            NotFound: there is none.
        """
        with self.transaction() as connection:
            row = connection.execute(
                "SELECT content FROM collections WHERE id = %s", [collection]
            ).fetchone()
        if row is None:
            raise NotFound(f"no collection '{collection}' in the catalogue")
        return public(row[0])

    def collections(self) -> dict[str, int]:
        """Collection id -> version, a number that grows with every change of the collection."""
        with self.transaction() as connection:
            return dict(
                connection.execute(
                    "SELECT c.id, coalesce(s.version, 0) FROM collections c"
                    " LEFT JOIN swath.summary s ON s.collection = c.id ORDER BY c.id"
                ).fetchall()
            )

    def count(self, collection: str) -> int:
        """How many items a collection has."""
        with self.transaction() as connection:
            row = connection.execute(
                "SELECT items FROM swath.summary WHERE collection = %s", [collection]
            ).fetchone()
        return int(row[0]) if row else 0

    def days(self, collection: str) -> list[date]:
        """The days (UTC, ascending) on which items of a collection begin.

        Each day is one step down the index of times; superseded items count as well.
        """
        with self.transaction() as connection:
            rows = connection.execute(
                "WITH RECURSIVE days(day) AS ("
                " (SELECT (datetime AT TIME ZONE 'UTC')::date FROM items WHERE collection = %(id)s"
                " ORDER BY datetime LIMIT 1)"
                " UNION ALL"
                " SELECT (SELECT (datetime AT TIME ZONE 'UTC')::date FROM items"
                " WHERE collection = %(id)s"
                " AND datetime >= (day + 1)::timestamp AT TIME ZONE 'UTC'"
                " ORDER BY datetime LIMIT 1) FROM days WHERE day IS NOT NULL"
                ") SELECT day FROM days WHERE day IS NOT NULL",
                {"id": collection},
            ).fetchall()
        return [day for (day,) in rows]

    def assets_covering(
        self,
        collection: str,
        bbox: BBox,
        limit: int,
        keys: Sequence[str],
        days: tuple[date, date] | None = None,
    ) -> list[ItemAssets]:
        """The items whose footprint meets a box, newest first, with the assets of those keys.

        Items that a duplicate superseded are left out.

        Args:
            collection: Id of the collection.
            bbox: The box in degrees; see `BBox`.
            limit: Most items to return.
            keys: Asset keys; assets that an item lacks are left out of its `hrefs`.
            days: First and last day (UTC) that an item must touch; every time if left out.
        """
        west, south, east, north = bbox
        left, right = (
            (bbox, bbox)
            if west <= east
            else ((west, south, 180.0, north), (-180.0, south, east, north))
        )
        start, end = _bounds(days)
        with self.transaction() as connection:
            rows = connection.execute(
                "SELECT id, ST_XMin(geometry), ST_YMin(geometry), ST_XMax(geometry),"
                " ST_YMax(geometry), (SELECT jsonb_object_agg(key, value -> 'href')"
                " FROM jsonb_each(content -> 'assets') WHERE key = ANY(%s))"
                " FROM items WHERE collection = %s"
                " AND (geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4326)"
                " OR geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4326))"
                " AND datetime < %s AND end_datetime >= %s"
                " AND content -> 'properties' -> 'deprecated' IS DISTINCT FROM 'true'::jsonb"
                " ORDER BY datetime DESC, id LIMIT %s",
                [list(keys), collection, *left, *right, end, start, limit],
            ).fetchall()
        return [ItemAssets(id_, (w, s, e, n), hrefs or {}) for id_, w, s, e, n, hrefs in rows]


def lock_collection(connection: Connection, collection: str) -> None:
    """Wait until this transaction is the only writer of the collection."""
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('swath.write'), hashtext(%s))", [collection]
    )


def _bounds(days: tuple[date, date] | None) -> tuple[str | datetime, str | datetime]:
    """The instant that days start at, and the one before which they end."""
    if days is None:
        return "-infinity", "infinity"
    start = datetime.combine(days[0], time(), UTC)
    if days[1] == date.max:
        return start, "infinity"
    return start, datetime.combine(days[1] + timedelta(days=1), time(), UTC)


def _extent(connection: Connection, document: dict[str, Any]) -> dict[str, Any]:
    row = connection.execute(
        "SELECT bbox, start_time, end_time FROM swath.summary WHERE collection = %s AND items > 0",
        [document["id"]],
    ).fetchone()
    return extent(*row) if row else document["extent"]


def _seen(connection: Connection, collection: str) -> dict[str, Any]:
    row = connection.execute(
        "SELECT seen FROM swath.summary WHERE collection = %s", [collection]
    ).fetchone()
    return row[0] if row else {}


def extent(bbox: list[float], start: Any, end: Any) -> dict[str, Any]:
    """A STAC Extent Object of one box and one interval (UTC)."""
    times = [time.isoformat().replace("+00:00", "Z") for time in (start, end)]
    return {"spatial": {"bbox": [bbox]}, "temporal": {"interval": [times]}}


def _json(document: dict[str, Any]) -> str:
    return orjson.dumps(document).decode()
