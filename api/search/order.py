"""The order of a search and its filter, as pgstac words them, and where a page begins.

pgstac knows the queryables of the catalogue: how a property is reached, which type it is compared
as and which index serves it. What it answers is SQL in which it has quoted every literal. It is
kept for some time, because copies and maps ask the same again and again.
"""

import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import orjson

from api.search.condition import Body, Condition
from infrastructure.errors import Invalid

WORDED = ("collections", "filter", "sortby")
"""The members of a search that pgstac words; it needs the collections for their queryables."""

WORDS = """
SELECT cql2_query(
        CASE WHEN told->'filter' @? '$.**.op' THEN told->'filter'
            ELSE cql1_to_cql2(told->'filter') END,
        NULL, collections) AS condition,
    sort_sqlorderby(told, FALSE, '{collection,id}', collections) AS forwards,
    sort_sqlorderby(told, TRUE, '{collection,id}', collections) AS backwards
FROM (SELECT told, to_text_array(told->'collections') FROM (SELECT $1::text::jsonb) AS t (told))
    AS body (told, collections)
"""

AFTER = """
SELECT get_token_filter($1::text::jsonb->'sortby', item, $2, FALSE,
    to_text_array($1::text::jsonb->'collections'))
FROM items AS item WHERE item.collection = $3 AND item.id = $4
"""

TOKEN = re.compile(r"(next|prev):((?:[0-9a-f]{2})+):((?:[0-9a-f]{2})+)(?::(-?\d{1,18}))?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEWEST = "datetime DESC, collection DESC, id DESC"
OLDEST = "datetime ASC, collection ASC, id ASC"


@dataclass(frozen=True)
class Order:
    """SQL of an order, both ways, and of the filter of the same search."""

    forwards: str = NEWEST
    backwards: str = OLDEST
    condition: str | None = None

    @property
    def by_time(self) -> bool:
        """Whether time alone orders: then a page can be found without its neighbour."""
        return self.forwards in (NEWEST, OLDEST)


@dataclass
class Orders:
    """The orders and filters that were asked for of late."""

    keep: float = 60.0
    """Seconds that one is kept: as long, new queryables are not heeded."""
    most: int = 1000
    known: OrderedDict[bytes, tuple[float, Order]] = field(default_factory=OrderedDict)

    async def of(self, connection: Any, body: Body) -> Order:
        """The order and the filter of a search."""
        told = {name: body[name] for name in WORDED if body.get(name)}
        if told.keys() <= {"collections"}:
            return Order()
        key = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        worded, order = self.known.get(key, (0.0, Order()))
        if time.monotonic() - worded > self.keep:
            order = await _worded(connection, key)
            self.known[key] = time.monotonic(), order
            if len(self.known) > self.most:
                self.known.popitem(last=False)
        return order


async def _worded(connection: Any, told: bytes) -> Order:
    row = await connection.fetchrow(WORDS, told.decode())
    return Order(row["forwards"], row["backwards"], row["condition"] or None)


@dataclass(frozen=True)
class Anchor:
    """The item that a page follows or precedes, as a paging token names it; all empty if none."""

    backwards: bool = False
    collection: str | None = None
    item_id: str | None = None
    time: datetime | None = None

    @classmethod
    def read(cls, token: str | None) -> Self:
        """The anchor of a token: direction, collection and id in hex, and maybe microseconds.

        Raises:
            Invalid: nobody makes such a token.
        """
        if token is None:
            return cls()
        parts = TOKEN.fullmatch(token.lower())
        if parts is None:
            raise Invalid(f"Invalid paging token: {token}")
        collection, item_id = (
            bytes.fromhex(part).decode("utf-8", "replace") for part in parts.group(2, 3)
        )
        return cls(parts[1] == "prev", collection, item_id, _time(parts[4]))

    async def narrow(
        self, connection: Any, condition: Condition, order: Order, body: Body
    ) -> Condition:
        """The condition of what follows the anchor, or precedes it.

        Raises:
            Invalid: the item of the token is gone, and where it stood is not known.
        """
        if self.item_id is None:
            return condition
        if order.by_time and self.time:
            sign = "<" if (order.forwards == NEWEST) != self.backwards else ">"
            place = f"(datetime, collection, id) {sign} ({{0}}, {{1}}, {{2}})"
            bounded = condition.also(f"datetime {sign}= {{0}}", self.time)
            return bounded.also(place, self.time, self.collection, self.item_id)
        told = orjson.dumps({name: body[name] for name in WORDED if body.get(name)}).decode()
        after = await connection.fetchval(
            AFTER, told, self.backwards, self.collection, self.item_id
        )
        if after is None:
            raise Invalid(f"Could not find item using token '{self.item_id}': it is gone")
        return condition.raw(after)


def token(order: Order, row: Any) -> str:
    """The token of an item, without direction: that of pgstac, and the time if that orders."""
    keys = f"{row['collection'].encode().hex()}:{row['id'].encode().hex()}"
    if not order.by_time:
        return keys
    return f"{keys}:{(row['datetime'] - EPOCH) // timedelta(microseconds=1)}"


def _time(microseconds: str | None) -> datetime | None:
    try:
        return None if microseconds is None else EPOCH + timedelta(microseconds=int(microseconds))
    except OverflowError as error:
        raise Invalid("Invalid paging token: there is no such time") from error
