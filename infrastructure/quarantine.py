"""The quarantine: what could not be registered, why, and what came as it came."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from psycopg.rows import class_row

from infrastructure.catalogue import Catalogue
from infrastructure.database import Connection
from infrastructure.errors import NotFound
from infrastructure.ledger import clean, reset_cursors


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
    source: str
    upstream_id: str
    reason: str
    item_id: str | None
    """The item that an earlier version of it left in the catalogue."""
    first_seen: datetime
    last_changed: datetime


@dataclass(frozen=True)
class Original:
    """What came, as it came."""

    media_type: str
    content: bytes


class Quarantine:
    """The quarantine of one catalogue: the rows of its ledger in that state."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def put(  # noqa: PLR0913 - what, where, why and by whom
        self,
        collection: str,
        source: str,
        found: Upstream,
        reason: str,
        *,
        run: UUID | None,
        original: Original | None = None,
    ) -> None:
        """Remember that this version of a product cannot be registered, and why.

        An item that an earlier version of the product left in the catalogue stays there.
        """
        key = [collection, source, clean(found.upstream_id)]
        with self.catalogue.transaction() as connection:
            connection.execute(
                "INSERT INTO swath.ledger"
                " (collection, source, upstream_id, fingerprint, state, reason, run)"
                " VALUES (%s, %s, %s, %s, 'quarantined', %s, %s)"
                " ON CONFLICT (collection, source, upstream_id) DO UPDATE"
                " SET fingerprint = EXCLUDED.fingerprint, state = 'quarantined',"
                " reason = EXCLUDED.reason, run = EXCLUDED.run, missing_since = NULL,"
                " item_id = CASE swath.ledger.state WHEN 'deregistered' THEN NULL"
                " ELSE swath.ledger.item_id END,"
                " successor = NULL, last_seen = now(), last_changed = now()",
                [*key, clean(found.fingerprint), clean(reason), run],
            )
            connection.execute(
                "DELETE FROM swath.original"
                " WHERE collection = %s AND source = %s AND upstream_id = %s",
                key,
            )
            if original:
                connection.execute(
                    "INSERT INTO swath.original VALUES (%s, %s, %s, %s, %s)",
                    [*key, original.media_type, zlib.compress(original.content)],
                )

    def list(
        self, collection: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[Quarantined]:
        """What is in quarantine, newest first."""
        with (
            self.catalogue.transaction() as connection,
            connection.cursor(row_factory=class_row(Quarantined)) as cursor,
        ):
            return cursor.execute(
                "SELECT collection, source, upstream_id, reason, item_id, first_seen, last_changed"
                " FROM swath.ledger WHERE state = 'quarantined'"
                " AND collection = coalesce(%s, collection)"
                " ORDER BY last_changed DESC, collection, source, upstream_id"
                " LIMIT %s OFFSET %s",
                [collection, limit, offset],
            ).fetchall()

    def original(self, collection: str, upstream_id: str) -> Original:
        """What came, as it came.

        Raises:
            NotFound: it is not in quarantine, or was not kept: the files of a product are where
                they were found.
        """
        with self.catalogue.transaction() as connection:
            row = connection.execute(
                "SELECT media_type, content FROM swath.original"
                " WHERE collection = %s AND upstream_id = %s ORDER BY source",
                [collection, clean(upstream_id)],
            ).fetchone()
        if row is None:
            raise NotFound(f"no original of '{upstream_id}' is kept in '{collection}'")
        return Original(row[0], zlib.decompress(row[1]))

    def retry(self, collection: str, upstream_ids: Sequence[str] | None = None) -> int:
        """Let the next harvest try products again, from the beginning; how many.

        Raises:
            NotFound: there is no such collection, or a product is not in its quarantine.
        """
        with self.catalogue.transaction() as connection:
            _ensure_there(connection, collection, upstream_ids)
            rows = connection.execute(
                "UPDATE swath.ledger SET fingerprint = ''"
                " WHERE collection = %s AND state = 'quarantined'"
                " AND (%s::text[] IS NULL OR upstream_id = ANY(%s)) RETURNING source",
                [collection, upstream_ids, upstream_ids],
            ).fetchall()
            reset_cursors(connection, collection, {source for (source,) in rows})
        return len(rows)

    def drop(self, collection: str, upstream_ids: Sequence[str] | None = None) -> int:
        """Give products up: they are tried again only when upstream changes them; how many.

        Raises:
            NotFound: there is no such collection, or a product is not in its quarantine.
        """
        with self.catalogue.transaction() as connection:
            _ensure_there(connection, collection, upstream_ids)
            rows = connection.execute(
                "UPDATE swath.ledger SET state = 'dropped', reason = NULL, last_changed = now()"
                " WHERE collection = %s AND state = 'quarantined'"
                " AND (%s::text[] IS NULL OR upstream_id = ANY(%s))"
                " RETURNING source, upstream_id",
                [collection, upstream_ids, upstream_ids],
            ).fetchall()
            for source, upstream_id in rows:
                connection.execute(
                    "DELETE FROM swath.original"
                    " WHERE collection = %s AND source = %s AND upstream_id = %s",
                    [collection, source, upstream_id],
                )
        return len(rows)

    def forget(self, collection: str, source: str, upstream_id: str) -> None:
        """Remove what never was an item, such as a source that did not answer."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "DELETE FROM swath.ledger WHERE collection = %s AND source = %s"
                " AND upstream_id = %s AND state = 'quarantined' AND item_id IS NULL",
                [collection, source, clean(upstream_id)],
            )


def _ensure_there(
    connection: Connection, collection: str, upstream_ids: Sequence[str] | None
) -> None:
    known = connection.execute(
        "SELECT EXISTS (SELECT FROM collections WHERE id = %(name)s)"
        " OR EXISTS (SELECT FROM swath.ledger WHERE collection = %(name)s)",
        {"name": collection},
    ).fetchone()
    if not (known and known[0]):
        raise NotFound(f"no collection '{collection}' in the catalogue")
    missing = connection.execute(
        "SELECT unnest(%s::text[]) EXCEPT SELECT upstream_id FROM swath.ledger"
        " WHERE collection = %s AND state = 'quarantined' ORDER BY 1",
        [list(upstream_ids or ()), collection],
    ).fetchall()
    if missing:
        names = ", ".join(name for (name,) in missing)
        raise NotFound(f"not in the quarantine of '{collection}': {names}")
