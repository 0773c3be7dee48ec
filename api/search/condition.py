"""What a search asks of an item, as SQL with parameters (STAC API - Item Search).

Collections, ids, time and place are told to PostgreSQL in parameters. Filters come as SQL from
pgstac, whose functions quote every literal: see order.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import orjson

from api import freetext
from infrastructure.errors import Invalid

Body = dict[str, Any]
"""The body of a search, as STAC API - Item Search has it."""


@dataclass(frozen=True)
class Condition:
    """SQL with `$1`, `$2` ... for its values."""

    parts: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    def also(self, part: str, *values: Any) -> Self:
        """One part more; `{0}`, `{1}` ... stand for its values."""
        first = len(self.values) + 1
        told = part.format(*(f"${first + n}" for n in range(len(values))))
        return type(self)((*self.parts, told), (*self.values, *values))

    def raw(self, part: str) -> Self:
        """One part more that has no values, whatever braces it holds."""
        return type(self)((*self.parts, part), self.values)

    def within(self, collections: Sequence[str]) -> Self:
        """Of these collections only."""
        return self.also("collection = ANY({0}::text[])", list(collections))

    @property
    def sql(self) -> str:
        """The whole, for `WHERE`."""
        return " AND ".join(f"({part})" for part in self.parts) or "TRUE"


@dataclass(frozen=True)
class Place:
    """A geometry in degrees (EPSG:4326), as SQL of its values."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Asked:
    """A search taken apart."""

    collections: list[str] | None
    ids: list[str] | None
    times: tuple[datetime | None, datetime | None]
    place: Place | None
    words: list[str]
    """Terms of free text, of which an item has one."""
    body: Body = field(repr=False)

    @classmethod
    def read(cls, body: Body) -> Self:
        """Take a search apart.

        Raises:
            Invalid: its interval ends before it starts, or its box is none.
        """
        return cls(
            collections=body.get("collections") or None,
            ids=body.get("ids") or None,
            times=interval(body.get("datetime")),
            place=_place(body),
            words=freetext.terms(body.get("q")),
            body=body,
        )

    @property
    def narrows(self) -> bool:
        """Whether ids, time, place or words narrow it."""
        return bool(self.ids or self.place or self.words or any(self.times))

    def condition(self) -> Condition:
        """Ids, time and place: the collections come with the partitions, the filter from pgstac."""
        asked = Condition()
        if self.ids:
            asked = asked.also("id = ANY({0}::text[])", self.ids)
        start, end = self.times
        if end:
            asked = asked.also("datetime <= {0}", end)
        if start:
            asked = asked.also("end_datetime >= {0}", start)
        if self.words:
            asked = asked.also(freetext.CONDITION, self.words)
        if self.place:
            asked = asked.also(f"st_intersects(geometry, {self.place.sql})", *self.place.values)
        return asked


def interval(told: str | None) -> tuple[datetime | None, datetime | None]:
    """The closed interval of a time or of `start/end`; None where it is open (RFC 3339, 5.6).

    Raises:
        Invalid: it is none, or ends before it starts.
    """
    if not told:
        return None, None
    first, _, last = told.partition("/")
    start, end = _moment(first), _moment(last) if "/" in told else _moment(first)
    if start and end and start > end:
        raise Invalid(f"datetime '{told}' ends before it starts")
    return start, end


def _moment(told: str) -> datetime | None:
    if told in ("", ".."):
        return None
    try:
        moment = datetime.fromisoformat(told.upper())
    except ValueError as error:
        raise Invalid(f"datetime: '{told}' is no time of RFC 3339") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _place(body: Body) -> Place | None:
    if shape := body.get("intersects"):
        return Place("ST_GeomFromGeoJSON({0})", (orjson.dumps(shape).decode(),))
    if box := body.get("bbox"):
        return _box(box)
    return None


def _box(box: Sequence[float]) -> Place:
    """A box of STAC; heights are left out, and west > east crosses the antimeridian.

    Raises:
        Invalid: its south is north of its north, or it has not four or six numbers.
    """
    if len(box) not in (4, 6):
        raise Invalid("bbox has four or six numbers")
    half = len(box) // 2
    west, south, east, north = map(float, (box[0], box[1], box[half], box[half + 1]))
    if south > north:
        raise Invalid("bbox: its south is north of its north")
    if west <= east:
        return Place("ST_MakeEnvelope({0}, {1}, {2}, {3}, 4326)", (west, south, east, north))
    return Place(
        "ST_Collect(ST_MakeEnvelope({0}, {1}, 180, {3}, 4326),"
        " ST_MakeEnvelope(-180, {1}, {2}, {3}, 4326))",
        (west, south, east, north),
    )
