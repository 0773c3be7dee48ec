"""The outbox: every change of an item, written with it and read in an order without gaps.

Ids are given before a transaction commits, so that a slow transaction commits lower ids after
higher ones were read. So events are read by (transaction, id), and only those that are older than
every transaction that still runs: what comes later is behind everything that was read.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from infrastructure.database import Connection
from infrastructure.errors import Invalid
from infrastructure.events.selection import Selection

SCAN = 1000
"""Events that one reading looks at, at most, whether they are selected or not."""

TEXT = re.compile(r"([0-9]{1,19})-([0-9]{1,19})", re.ASCII)


class Position(NamedTuple):
    """A place in the outbox; as text it is `transaction-id`."""

    txid: int
    id: int

    def __str__(self) -> str:
        return f"{self.txid}-{self.id}"


START = Position(0, 0)
"""Before the first event."""


@dataclass(frozen=True)
class Event:
    """One change of an item."""

    position: Position
    kind: str
    """registered, updated or deregistered."""
    collection: str
    item_id: str
    at: datetime
    """When the transaction began that changed it."""
    bbox: list[float] | None
    """West, south, east, north in degrees; across ±180 the whole belt."""
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Page:
    """What one reading gave."""

    events: list[Event]
    """The selected ones, in order."""
    position: Position
    """Where the next reading goes on; everything up to here was looked at."""
    more: bool
    """Whether the next reading should follow at once."""
    pending: bool
    """Whether there are events that wait for an older transaction to end."""


def position(text: str) -> Position:
    """A position from its text.

    Raises:
        Invalid: it is none.
    """
    match = TEXT.fullmatch(text)
    numbers = [int(number) for number in match.groups()] if match else []
    if not numbers or max(numbers) >= 2**63:
        raise Invalid(f"'{text[:50]}' is no position of an event, such as 1234-567")
    return Position(*numbers)


def now(connection: Connection) -> Position:
    """The position behind which everything is that was not committed yet."""
    row = connection.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text").fetchone()
    return Position(int(row[0]), 0) if row else START


def read(connection: Connection, after: Position, selection: Selection, limit: int = SCAN) -> Page:
    """The selected events after a position.

    Args:
        connection: In a transaction with isolation level READ COMMITTED.
        after: The position of the last event that was read.
        selection: Which events are asked for.
        limit: Most events to return.
    """
    scanned = _scan(connection, after)
    near = [event for event in scanned if selection.may_take(event.collection, event.bbox)]
    events = _held(connection, near, selection)
    if len(events) > limit:
        return Page(events[:limit], events[limit - 1].position, more=True, pending=False)
    last = scanned[-1].position if scanned else after
    more = len(scanned) == SCAN
    return Page(events, last, more, pending=not more and _pending(connection, last))


def _scan(connection: Connection, after: Position) -> list[Event]:
    rows = connection.execute(
        "SELECT txid::text::bigint, id, kind, collection, item_id, at, bbox, start_time, end_time"
        " FROM swath.event WHERE (txid, id) > (%s::xid8, %s)"
        " AND txid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY txid, id LIMIT %s",
        [str(after.txid), after.id, SCAN],
    )
    return [Event(Position(txid, id_), *rest) for txid, id_, *rest in rows]


def _pending(connection: Connection, after: Position) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM swath.event WHERE (txid, id) > (%s::xid8, %s))",
        [str(after.txid), after.id],
    ).fetchone()
    return bool(row and row[0])


def _held(connection: Connection, events: list[Event], selection: Selection) -> list[Event]:
    """The events whose item the selection takes, of those where it has to look at the item."""
    asked = [event for event in events if selection.needs_item(event.bbox)]
    if not asked:
        return events
    items = _items(connection, asked)
    left_out = {e.position for e in asked if not selection.takes(items.get(e.position.id))}
    return [event for event in events if event.position not in left_out]


def _items(connection: Connection, events: list[Event]) -> dict[int, dict[str, object]]:
    """Event id -> the item as it is now, or as it was when it was deregistered.

    Its properties, box and geometry are whole; what its assets have in common with the others of
    the collection is left out.
    """
    rows = connection.execute(
        "SELECT e.id, coalesce(e.item, (SELECT jsonb_build_object('type', 'Feature', 'id', i.id,"
        " 'collection', i.collection, 'geometry', ST_AsGeoJSON(i.geometry)::jsonb) || i.content"
        " FROM items i WHERE i.collection = e.collection AND i.id = e.item_id),"
        " (SELECT d.item FROM swath.event d WHERE d.collection = e.collection"
        " AND d.item_id = e.item_id AND d.kind = 'deregistered' ORDER BY d.id DESC LIMIT 1))"
        " FROM swath.event e WHERE e.id = ANY(%s)",
        [[event.position.id for event in events]],
    ).fetchall()
    return {id_: item for id_, item in rows if item is not None}
