"""What upstream has no more: marked at once, and deregistered when it is sure.

A full sweep marks what it did not see, a tombstone what it names. What was missing longer than the
grace period is due; if that is more than the limit, nothing goes until somebody says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from infrastructure.catalogue import Catalogue
from infrastructure.ledger import clean


@dataclass(frozen=True)
class Due:
    """Items that upstream has not had for longer than the grace period."""

    items: list[str]
    total: int
    """Items that the collection has."""

    @property
    def percent(self) -> float:
        """How much of the collection they are."""
        return 100 * len(self.items) / self.total if self.total else 0.0


class Deletions:
    """The deletions of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def mark(self, collection: str, source: str, upstream_ids: Sequence[str]) -> int:
        """Mark what upstream says is deleted; how many were not marked before."""
        return self._mark(collection, source, [clean(name) for name in upstream_ids], None)

    def sweep(self, collection: str, source: str, began: datetime) -> int:
        """Mark what a full sweep that began then did not see; how many were not marked before.

        What is in quarantine or lost its item id to a duplicate has nothing in the catalogue: it
        is only crossed out.
        """
        return self._mark(collection, source, None, began)

    def _mark(
        self, collection: str, source: str, names: list[str] | None, unseen_since: datetime | None
    ) -> int:
        which = [collection, source, names, names, unseen_since, unseen_since]
        with self.catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.ledger SET state = 'deregistered', reason = NULL, successor = NULL,"
                " missing_since = NULL, fingerprint = '', last_changed = now()"
                " WHERE collection = %s AND source = %s"
                " AND (%s::text[] IS NULL OR upstream_id = ANY(%s))"
                " AND (%s::timestamptz IS NULL OR last_seen < %s)"
                " AND item_id IS NULL AND state IN ('quarantined', 'dropped', 'superseded')",
                which,
            )
            return connection.execute(
                "UPDATE swath.ledger SET missing_since = now(), reason = NULL,"
                " state = CASE state WHEN 'superseded' THEN 'superseded' ELSE 'missing' END"
                " WHERE collection = %s AND source = %s"
                " AND (%s::text[] IS NULL OR upstream_id = ANY(%s))"
                " AND (%s::timestamptz IS NULL OR last_seen < %s)"
                " AND item_id IS NOT NULL AND missing_since IS NULL"
                " AND state IN ('registered', 'quarantined', 'superseded')",
                which,
            ).rowcount

    def due(self, collection: str, grace: timedelta) -> Due:
        """What has been missing for longer than the grace period."""
        with self.catalogue.transaction() as connection:
            rows = connection.execute(
                "SELECT item_id FROM swath.ledger WHERE collection = %s AND item_id IS NOT NULL"
                " AND state IN ('missing', 'superseded') AND missing_since <= now() - %s"
                " ORDER BY item_id",
                [collection, grace],
            ).fetchall()
        return Due([item for (item,) in rows], self.catalogue.count(collection))
