"""The rows of a page, from as few partitions as hold them, and how many items match in all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api.search.candidates import FEW, Candidates, candidates
from api.search.condition import Asked, Condition
from api.search.count import Count, Counts
from api.search.features import Bases
from api.search.order import NEWEST, Anchor, Order, Orders

ROWS = """
SELECT collection, id, datetime, ST_AsGeoJSON(geometry, 20) AS geometry, content::text AS content,
    matched, (SELECT key FROM collections WHERE collections.id = page.collection) AS key
FROM (
    SELECT collection, id, datetime, geometry, content, {matched} AS matched
    FROM {items} ORDER BY {order} LIMIT {limit}
) AS page
"""
"""The rows are chosen before any is written as text, which takes longer than finding it."""

ALL = "items WHERE {condition}"

SOME = "(SELECT * FROM items WHERE {condition} LIMIT {most}) AS items"

AMONG = """
(SELECT * FROM items WHERE {condition} AND collection = ANY({collections}::text[])
    ORDER BY {order} LIMIT {limit})
"""

SMALL = 2000
"""So few matches are all sorted for a page anyway, and are counted on the way."""


@dataclass
class Planner:
    """What the searches of one process learn from each other."""

    orders: Orders = field(default_factory=Orders)
    counts: Counts = field(default_factory=Counts)
    bases: Bases = field(default_factory=Bases)


@dataclass(frozen=True)
class Search:
    """One search on a connection."""

    connection: Any
    counts: Counts
    asked: Asked
    order: Order
    anchor: Anchor
    limit: int
    counting: bool = True
    """Whether it is to be found out how many match."""

    async def rows(self) -> tuple[list[Any], Count | None]:
        """The rows of the page, one more if there are more, and how many match, if it is known."""
        whole = self.asked.condition()
        if self.order.condition:
            whole = whole.raw(self.order.condition)
        here = await self.anchor.narrow(self.connection, whole, self.order, self.asked.body)
        asked = self.asked.collections
        if asked and len(asked) <= FEW:
            return await self._of_few(whole.within(asked), here.within(asked))
        near = await candidates(self.connection, self._near(), self._direction)
        if not near.ids:
            return [], None if self.anchor.item_id else Count(0)
        return await self._of_many(whole, here, near)

    @property
    def _direction(self) -> str:
        return self.order.backwards if self.anchor.backwards else self.order.forwards

    def _near(self) -> Asked:
        """What is asked, without the collections that lie wholly before the page."""
        if not (self.order.by_time and self.anchor.time):
            return self.asked
        start, end = self.asked.times
        if self._direction == NEWEST:
            end = min(filter(None, (end, self.anchor.time)))
        else:
            start = max(filter(None, (start, self.anchor.time)))
        return replace(self.asked, times=(start, end))

    async def _of_few(self, whole: Condition, here: Condition) -> tuple[list[Any], Count | None]:
        """The page, from collections that can be planned together."""
        if not self.counting:
            return await self._fetch(here, ALL), None
        count = self.counts.find(whole)
        if not count and not self.anchor.item_id and self._selective:
            rows = await self._fetch(here, SOME, "count(*) OVER ()")
            matched = rows[0]["matched"] if rows else 0
            if matched <= SMALL:
                return rows, self.counts.put(whole, Count(matched))
        rows = await self._fetch(here, ALL)
        return rows, count or await self._count(whole, rows)

    @property
    def _selective(self) -> bool:
        """Whether there may be few matches: then it is worth a try to see them all."""
        return bool(self.asked.narrows or self.order.condition)

    async def _of_many(
        self, whole: Condition, here: Condition, near: Candidates
    ) -> tuple[list[Any], Count | None]:
        """The page, from the first of many collections that can fill it."""
        if len(near.ids) <= FEW and not self.anchor.item_id:
            return await self._of_few(whole.within(near.ids), here.within(near.ids))
        for ids, beyond in near.steps():
            rows = await self._fetch_among(here, ids)
            if beyond is None or self._filled(rows, beyond):
                break
        return rows, await self._estimate(whole, rows) if self.counting else None

    def _filled(self, rows: list[Any], beyond: Any) -> bool:
        """Whether no item of a collection that begins beyond can belong to the page."""
        if len(rows) <= self.limit:
            return False
        last = rows[-1]["datetime"]
        return bool(last > beyond if self._direction == NEWEST else last < beyond)

    async def _fetch(self, condition: Condition, items: str, matched: str = "NULL") -> list[Any]:
        told = items.format(condition=condition.sql, most=SMALL + 1)
        return await self._run(told, condition.values, matched)

    async def _fetch_among(self, condition: Condition, ids: Sequence[str]) -> list[Any]:
        """The page from each few of the collections, put together: planning stays linear."""
        groups = [list(ids[n : n + FEW]) for n in range(0, len(ids), FEW)]
        first = len(condition.values) + 1
        among = (
            AMONG.format(
                condition=condition.sql,
                collections=f"${first + n}",
                order=self._direction,
                limit=self.limit + 1,
            )
            for n in range(len(groups))
        )
        told = f"({'UNION ALL'.join(among)}) AS items"
        return await self._run(told, (*condition.values, *groups), "NULL")

    async def _run(self, items: str, values: Sequence[Any], matched: str) -> list[Any]:
        statement = ROWS.format(
            matched=matched, items=items, order=self._direction, limit=self.limit + 1
        )
        rows: list[Any] = await self.connection.fetch(statement, *values)
        return rows

    async def _count(self, whole: Condition, rows: list[Any]) -> Count:
        if len(rows) <= self.limit and not self.anchor.item_id:
            return self.counts.put(whole, Count(len(rows)))
        if not self._selective and (total := await self._total()) is not None:
            return Count(total)
        return self.counts.find(whole) or await self.counts.look(self.connection, whole)

    async def _estimate(self, whole: Condition, rows: list[Any]) -> Count | None:
        """The matches in many collections: only their totals are known without planning each."""
        if len(rows) <= self.limit and not self.anchor.item_id:
            return Count(len(rows))
        reached = await candidates(self.connection, self.asked, self.order.forwards)
        if len(reached.ids) <= FEW:
            return await self._count(whole.within(reached.ids), rows)
        if reached.items is None:
            return None
        return Count(reached.items, exact=not self._selective)

    async def _total(self) -> int | None:
        """How many items the collections have together, if registering knows it of each."""
        return (await candidates(self.connection, self.asked, self.order.forwards)).items
