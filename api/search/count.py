"""How many items match: exactly where that is quick, else what PostgreSQL expects.

A number is kept for a minute, so that the pages of a long copy are counted once.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has no stubs

from api.search.condition import Condition

EXPECTED = "EXPLAIN (FORMAT JSON) SELECT 1 FROM items WHERE {condition}"
EXACT = "SELECT count(*) FROM items WHERE {condition}"

PATIENCE = "1s"
"""How long counting may take: a page is not kept waiting for a number."""


@dataclass(frozen=True)
class Count:
    """How many items match."""

    number: int
    exact: bool = True

    def told(self) -> dict[str, Any]:
        """The members of an answer (OGC API - Features, 7.16.2); an estimate says so."""
        estimated = {} if self.exact else {"numberMatchedEstimated": True}
        return {"numberMatched": self.number, **estimated}


@dataclass
class Counts:
    """What was counted of late, by condition."""

    keep: float = 60.0
    most: int = 1000
    upto: int = 100_000
    """Above this many expected items, what PostgreSQL expects is told."""
    known: OrderedDict[Any, tuple[float, Count]] = field(default_factory=OrderedDict)

    def find(self, condition: Condition) -> Count | None:
        """What was counted less than a minute ago."""
        counted, count = self.known.get(_key(condition), (0.0, None))
        return count if time.monotonic() - counted < self.keep else None

    def put(self, condition: Condition, count: Count) -> Count:
        """Keep a number."""
        self.known[_key(condition)] = time.monotonic(), count
        if len(self.known) > self.most:
            self.known.popitem(last=False)
        return count

    async def look(self, connection: Any, condition: Condition) -> Count:
        """Count, unless there are too many."""
        guess = await expected(connection, condition)
        if guess > self.upto:
            return self.put(condition, Count(guess, exact=False))
        try:
            return self.put(condition, Count(await exact(connection, condition)))
        except asyncpg.QueryCanceledError:
            return self.put(condition, Count(guess, exact=False))


async def expected(connection: Any, condition: Condition) -> int:
    """How many rows PostgreSQL expects of a condition."""
    statement = EXPECTED.format(condition=condition.sql)
    (plan,) = await connection.fetchval(statement, *condition.values)
    return int(plan["Plan"]["Plan Rows"])


async def exact(connection: Any, condition: Condition) -> int:
    """How many rows there are.

    Raises:
        QueryCanceledError: it takes longer than `PATIENCE`.
    """
    statement = EXACT.format(condition=condition.sql)
    async with connection.transaction(readonly=True):
        await connection.execute("SELECT set_config('statement_timeout', $1, true)", PATIENCE)
        return int(await connection.fetchval(statement, *condition.values))


def _key(condition: Condition) -> Any:
    return condition.sql, tuple(map(repr, condition.values))
