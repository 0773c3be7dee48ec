"""TIME: from what clients may write to the one name of a period, by which tiles are kept.

A name is a day, a month, a year (`2024-06-01`, `2024-06`, `2024`), or two days that no calendar
joins (`2024-06-01_2024-06-14`); all days are of UTC. Tiles are kept for the first three only, and
only where the collection has something: no client can make the cache grow without end. No name
means every time, the newest on top.

WMS 1.3.0, annexes C and D; WMTS 1.0, 7.1.1.2.
"""

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

LISTED = 200
"""Most days that capabilities list one by one."""

_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d(:\d\d(:\d\d([.,]\d{1,6})?)?)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII
)
_DURATION = re.compile(r"P(?=.)(\d+[YMWD])*(T(\d+[HMS])+)?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Days of UTC, both ends included."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """The one name of this period."""
        if self.first == self.last:
            return self.first.isoformat()
        for name in (self.first.isoformat()[:7], self.first.isoformat()[:4]):
            if _dated(name) == self:
                return name
        return f"{self.first}_{self.last}"


def named(name: str) -> Period:
    """The period of a name."""
    first, _, last = name.partition("_")
    return Period(_dated(first).first, _dated(last or first).last)


def is_kept(name: str | None) -> bool:
    """Whether tiles of a period of this name are kept."""
    return name is None or "_" not in name


@dataclass(frozen=True)
class Moment:
    """What a TIME asks for."""

    name: str | None = None
    """Of its period; None for every time."""
    nearest: bool = False
    """Whether it is the nearest day that there is, and not the one that was asked for."""


def moment(value: str, days: Sequence[date]) -> Moment:
    """What a TIME asks for, of a collection that has something on some days (ascending).

    Taken are a year, a month, a day, an instant (which is its day), `current` (the last day),
    `default` (every time), and two of them parted by a slash, with `..` for an open end and a
    duration after them that changes nothing.

    Raises:
        ValueError: it is none of these, or its end is before its start.
    """
    text = value.strip()
    if text in ("", "default"):
        return Moment()
    start, *rest = text.split("/")
    period = _interval(start, rest, days) if rest else _single(start, days)
    return _among(period, days, alone=not rest)


def _among(period: Period, days: Sequence[date], *, alone: bool) -> Moment:
    """The period by its shortest name; a lone day without anything becomes the nearest with."""
    if not days or (period.first <= days[0] and days[-1] <= period.last):
        return Moment()
    place = bisect_left(days, period.first)
    if place < len(days) and days[place] <= period.last:
        return Moment(period.name)
    if alone and period.first == period.last:
        near = min(days[max(0, place - 1) : place + 1], key=lambda day: abs(day - period.first))
        return Moment(near.isoformat(), nearest=True)
    return Moment(f"{period.first}_{period.last}")


def _interval(start: str, rest: list[str], days: Sequence[date]) -> Period:
    end, *step = rest
    if len(step) > 1 or not all(map(_DURATION.fullmatch, step)):
        raise ValueError("TIME has a start, an end and a duration at most")
    first = date.min if start == ".." else _single(start, days).first
    last = date.max if end == ".." else _single(end, days).last
    if first > last:
        raise ValueError("TIME ends before it starts")
    return Period(first, last)


def _single(text: str, days: Sequence[date]) -> Period:
    if text == "current":
        last = days[-1] if days else date.max
        return Period(last, last)
    if _INSTANT.fullmatch(text):
        day = _day(datetime.fromisoformat(text))
        return Period(day, day)
    return _dated(text)


def _day(instant: datetime) -> date:
    try:
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC).date()
    except OverflowError as error:
        raise ValueError("TIME is beyond the years 1 to 9999") from error


def _dated(text: str) -> Period:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("TIME looks like 2024-06-01, 2024-06-01/2024-06-14, 2024-06 or current")
    year, month, day = (int(part) if part else None for part in match.groups())
    first = date(year or 0, month or 1, day or 1)
    if day:
        return Period(first, first)
    ending = month or 12
    return Period(first, date(first.year, ending, monthrange(first.year, ending)[1]))


def listed(days: Sequence[date]) -> list[str]:
    """What capabilities say of the days: each, or from first to last if they are many."""
    if len(days) <= LISTED:
        return [day.isoformat() for day in days]
    return [f"{days[0]}/{days[-1]}/P1D"]
