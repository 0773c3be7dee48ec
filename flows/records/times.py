"""Dates as records write them, and the time that an item stands for.

A date is its whole day, month or year, in UTC. What has no time zone is UTC.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime

from flows.records.facts import Event, Facts
from infrastructure.errors import Unreadable

DATE = re.compile(r"(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d))?)?(?:Z|[+-]\d\d:\d\d)?")
"""A day, month or year: 2013-11-01Z, 20131101, 2013-11, 2013."""

NOTHING = re.compile(
    r"|now|present|current|unknown|ongoing|on-?going|open|continuing|continues|none|n/?a|tbd|"
    r"not (?:specified|available|applicable|known|provided)|inapplicable|missing|"
    r"unpublished(?: material)?|in work",
    re.IGNORECASE,
)
"""What stands for no date."""

Interval = tuple[datetime, datetime]
"""Both ends included, UTC."""


def interval(text: str | None) -> Interval | None:
    """The interval that a date or moment stands for; None if it is none."""
    said = (text or "").strip()
    try:
        if parts := DATE.fullmatch(said):
            return _whole(int(parts["year"]), int(parts["month"] or 0), int(parts["day"] or 0))
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment


def stamp(text: str | None) -> str | None:
    """The beginning of a date or moment as STAC writes it (RFC 3339)."""
    found = interval(text)
    return written(found[0]) if found else None


def first(dates: list[tuple[Event, str]], event: Event) -> str | None:
    """The earliest date of an event as STAC writes it."""
    return min((moment for kind, text in dates if kind == event and (moment := stamp(text))),
               default=None)  # fmt: skip


def dashed(text: str) -> str:
    """A date as ISO 8601 has it in its extended form; anything else stays as it is."""
    parts = DATE.fullmatch(text)
    return "-".join(part for part in parts.groups() if part) if parts else text


def written(moment: datetime) -> str:
    """A moment in RFC 3339, UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def properties(facts: Facts, subject: str) -> dict[str, str | None]:
    """The times of an item: `datetime`, or `start_datetime` and `end_datetime`.

    They come from what the record tells first of: the temporal extent, creation, publication or
    revision of the resource, the date of the record; `swath:datetime_from` says from which. An end
    that is left open is the date of the record: until then the resource went on, says the record.

    Raises:
        Unreadable: there is no date, an extent has one that cannot be read, or ends before it
            starts.
    """
    origin, (start, end) = _told(facts, subject)
    if start > end:
        raise Unreadable(f"{subject}: it ends ({written(end)}) before it starts ({written(start)})")
    source = {"swath:datetime_from": origin}
    if start == end:
        return {"datetime": written(start), **source}
    span = {"start_datetime": written(start), "end_datetime": written(end)}
    return {"datetime": None, **span, **source}


def _told(facts: Facts, subject: str) -> tuple[str, Interval]:
    extent = _extent(facts, subject)
    if extent:
        return "temporal extent", extent
    for event in ("creation", "publication", "revision"):
        dates = [found for kind, text in facts.dates if kind == event and (found := interval(text))]
        if dates:
            return event, max(dates) if event == "revision" else min(dates)
    for text in (facts.updated, facts.created):
        if found := interval(text):
            return "metadata", found
    raise Unreadable(f"{subject}: the record has no date that can be read")


def _extent(facts: Facts, subject: str) -> Interval | None:
    """From the first begin to the last end of all temporal extents."""
    spans = [(_end(begin, subject), _end(end, subject)) for begin, end in facts.spans]
    told = [span for span in spans if span != (None, None)]
    if not told:
        return None
    starts = [(begin or end)[0] for begin, end in told if (begin or end)]  # type: ignore[index]
    ends = [end[1] for _, end in told if end]
    ends += [_until(begin, facts) for begin, end in told if begin and not end]
    return min(starts), max(ends)


def _until(begin: Interval, facts: Facts) -> datetime:
    """The end of what began and goes on."""
    written_last = interval(facts.updated) or interval(facts.created) or begin
    return max(begin[1], written_last[1])


def _end(text: str | None, subject: str) -> Interval | None:
    """One end of an extent; None is open."""
    if NOTHING.fullmatch((text or "").strip()):
        return None
    found = interval(text)
    if found is None:
        raise Unreadable(f"{subject}: '{text}' in its temporal extent is no date")
    return found


def _whole(year: int, month: int, day: int) -> Interval:
    """All of a day, month or year, to the second."""
    last = month or 12
    start = datetime(year, month or 1, day or 1, tzinfo=UTC)
    end = datetime(year, last, day or monthrange(year, last)[1], 23, 59, 59, tzinfo=UTC)
    return start, end
