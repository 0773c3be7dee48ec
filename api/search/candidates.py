"""Which collections a search can find anything in, the likeliest first.

Each collection is a partition of its own, and PostgreSQL plans each one that a statement may touch:
thousands of them take longer to plan than to read. What registering knows of a collection
(`swath.summary`) says which ones may match, and a page in the order of time needs few of those.
A collection of which nothing is known, because somebody else wrote its items, is always one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.search.condition import Asked, Condition
from api.search.order import NEWEST, OLDEST

FEW = 16
"""So many collections are planned together without a thought."""

CANDIDATES = """
SELECT c.id, coalesce(s.items, 0) AS items, {reach} AS reach
FROM collections c LEFT JOIN swath.summary s ON s.collection = c.id AND s.items > 0
WHERE {condition}
ORDER BY {reach} {direction} NULLS FIRST, c.id
"""

REACHES = {NEWEST: ("s.end_time", "DESC"), OLDEST: ("s.start_time", "ASC")}
"""Order -> the time that no item of a collection comes before in it."""


@dataclass(frozen=True)
class Candidates:
    """The collections of a search, the one with the first item of the order in front."""

    ids: Sequence[str]
    reaches: Sequence[datetime | None]
    """Where in the order of time each begins; None if that is not known, or the order another."""
    items: int | None
    """How many items they have together, if that is known."""

    def steps(self) -> Iterator[tuple[Sequence[str], datetime | None]]:
        """Growing sets of collections, each with the time that the others begin at.

        A page is whole as soon as its last item comes before that time. The last set is all of
        them, and nothing comes after.
        """
        size = FEW
        while size < len(self.ids):
            if reach := self.reaches[size]:
                yield self.ids[:size], reach
            size *= 4
        yield self.ids, None


async def candidates(connection: Any, asked: Asked, order: str) -> Candidates:
    """The collections that a search may find anything in."""
    condition = _condition(asked)
    reach, direction = REACHES.get(order, ("NULL::timestamptz", "ASC"))
    statement = CANDIDATES.format(condition=condition.sql, reach=reach, direction=direction)
    rows = await connection.fetch(statement, *condition.values)
    items = [row["items"] for row in rows]
    return Candidates(
        ids=[row["id"] for row in rows],
        reaches=[row["reach"] for row in rows],
        items=sum(items) if all(items) else None,
    )


def _condition(asked: Asked) -> Condition:
    condition = Condition()
    if asked.collections:
        condition = condition.also("c.id = ANY({0}::text[])", asked.collections)
    start, end = asked.times
    if start:
        condition = condition.also("coalesce(s.end_time >= {0}, TRUE)", start)
    if end:
        condition = condition.also("coalesce(s.start_time <= {0}, TRUE)", end)
    if asked.place:
        box = "ST_MakeEnvelope(s.bbox[1], s.bbox[2], s.bbox[3], s.bbox[4], 4326)"
        condition = condition.also(
            f"coalesce({box} && {asked.place.sql}, TRUE)", *asked.place.values
        )
    return condition
