"""Dead letters: the deliveries that were given up, kept so that they can be sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from infrastructure.database import Database
from infrastructure.errors import Invalid
from infrastructure.events.subscriptions import call, subscription


@dataclass(frozen=True)
class DeadLetter:
    """A delivery that was given up."""

    subscription: UUID
    event: int
    body: dict[str, Any]
    """The CloudEvent."""
    attempts: int
    error: str
    at: datetime
    replay: bool
    """Whether it is going to be sent again."""

    def document(self) -> dict[str, Any]:
        """What is told of it, as JSON has it."""
        told = {"subscription": str(self.subscription), "at": self.at.isoformat()}
        return {**vars(self), **told}


def dead_letters(database: Database, id_: UUID | None = None) -> list[DeadLetter]:
    """What could not be delivered, of one subscription or all, oldest event first."""
    with (
        database.transaction() as connection,
        connection.cursor(row_factory=class_row(DeadLetter)) as cursor,
    ):
        return cursor.execute(
            "SELECT * FROM swath.dead_letter WHERE subscription = coalesce(%s, subscription)"
            " ORDER BY subscription, event",
            [id_],
        ).fetchall()


def replay(database: Database, id_: UUID, events: Sequence[int] | None = None) -> int:
    """Have dead letters sent again, once each; how many.

    Args:
        database: Where they are kept.
        id_: Of the subscription whose they are.
        events: Which of them, by the event's number; None: all.

    Raises:
        NotFound: there is no such subscription.
        Invalid: it has ended.
    """
    found = subscription(database, id_)
    if found.ended:
        raise Invalid(f"subscription {id_} has ended: {found.error}")
    with database.transaction() as connection:
        done = connection.execute(
            "UPDATE swath.dead_letter SET replay = true WHERE subscription = %s"
            " AND (%s::bigint[] IS NULL OR event = ANY(%s))",
            [id_, events, events],
        )
        call(connection)
    return done.rowcount
