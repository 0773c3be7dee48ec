"""What was registered by hand before: by which address, as which items, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from infrastructure.catalogue import Catalogue
from infrastructure.ledger import clean


@dataclass(frozen=True)
class Registered:
    """One row of the ledger."""

    collection: str
    upstream_id: str
    item_id: str | None
    state: str


class Registrations:
    """The rows of one source of the ledger, that of what is registered by hand."""

    def __init__(self, catalogue: Catalogue, source: str) -> None:
        self.catalogue = catalogue
        self.source = source

    def by_address(self, url: str, collection: str | None = None) -> list[Registered]:
        """What was last registered by an address, and was not deregistered.

        Args:
            url: The address.
            collection: Only of this collection.
        """
        with (
            self.catalogue.transaction() as connection,
            connection.cursor(row_factory=class_row(Registered)) as cursor,
        ):
            return cursor.execute(
                "SELECT l.collection, l.upstream_id, l.item_id, l.state"
                " FROM swath.run r JOIN swath.ledger l ON l.run = r.id"
                " WHERE r.kind = 'register' AND r.request ->> 'url' = %s"
                " AND l.source = %s AND l.state <> 'deregistered'"
                " AND l.collection = coalesce(%s, l.collection)"
                " ORDER BY l.collection, l.upstream_id",
                [url, self.source, collection],
            ).fetchall()

    def time_of(self, collection: str, upstream_id: str) -> datetime | None:
        """The time of the item that was registered before, if one was."""
        with self.catalogue.transaction() as connection:
            row = connection.execute(
                "SELECT i.datetime FROM swath.ledger l JOIN items i"
                " ON i.collection = l.collection AND i.id = l.item_id"
                " WHERE l.collection = %s AND l.source = %s AND l.upstream_id = %s",
                [collection, self.source, clean(upstream_id)],
            ).fetchone()
        return row[0] if row else None

    def present(self, collection: str, items: Sequence[str]) -> set[str]:
        """Those of the items that are in the catalogue."""
        with self.catalogue.transaction() as connection:
            rows = connection.execute(
                "SELECT id FROM items WHERE collection = %s AND id = ANY(%s)",
                [collection, list(items)],
            ).fetchall()
        return {item_id for (item_id,) in rows}

    def ascribe(self, run: UUID, collection: str, upstream_ids: Sequence[str]) -> None:
        """Have the results of a job name what it registered, changed or not."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.ledger SET run = %s"
                " WHERE collection = %s AND source = %s AND upstream_id = ANY(%s)",
                [run, collection, self.source, [clean(name) for name in upstream_ids]],
            )

    def ascribe_removed(self, run: UUID, collection: str, items: Sequence[str]) -> None:
        """Have the results of a job name the items that it removed, whatever source they had."""
        with self.catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.ledger SET run = %s WHERE collection = %s"
                " AND item_id = ANY(%s) AND state = 'deregistered'",
                [run, collection, list(items)],
            )
