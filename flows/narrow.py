"""What a source's bounds mean, and holding items against those that an upstream did not apply."""

from datetime import UTC, datetime
from typing import Any

from flows.scope import Interval, Scope
from infrastructure.catalogue import BBox
from infrastructure.conditions import holds


def interval(text: str) -> Interval:
    """A moment or an interval of RFC 3339, with `..` or nothing for an open end (OGC API).

    A time without a zone is UTC; a date is its whole day.

    Raises:
        ValueError: it is neither.
    """
    first, slash, last = text.partition("/")
    start = _moment(first, end=False)
    end = _moment(last if slash else first, end=True)
    if start and end and start > end:
        raise ValueError(f"'{text}' ends before it starts")
    return start, end


def _moment(text: str, end: bool) -> datetime | None:
    if text in {"", ".."}:
        return None
    moment = datetime.fromisoformat(text)
    if len(text) == len("2024-01-01") and end:
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999999)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def outside(item: dict[str, Any], scope: Scope, changed: datetime | None) -> str | None:
    """Which bound of the scope leaves an item out, of those that the upstream did not apply."""
    left = {"since", "until", "bbox", "time", "filter"} - scope.pushed
    if scope.bbox and "bbox" in left and not _meets(item["bbox"], scope.bbox):
        return "bbox"
    if scope.time and "time" in left and not _overlaps(item["properties"], scope.time):
        return "datetime"
    if changed and scope.since and "since" in left and changed < scope.since:
        return "since"
    if changed and scope.until and "until" in left and changed >= scope.until:
        return "until"
    if scope.filter and "filter" in left and not holds(scope.filter, item):
        return "filter"
    return None


def _meets(bbox: list[float], box: BBox) -> bool:
    west, south, east, north = bbox if len(bbox) == 4 else (*bbox[:2], *bbox[3:5])
    if north < box[1] or south > box[3]:
        return False
    return any(
        left <= end and begin <= right
        for left, right in _spans(west, east)
        for begin, end in _spans(box[0], box[2])
    )


def _spans(west: float, east: float) -> list[tuple[float, float]]:
    return [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]


def _overlaps(properties: dict[str, Any], time: Interval) -> bool:
    start = properties.get("start_datetime") or properties["datetime"]
    end = properties.get("end_datetime") or properties["datetime"]
    first, last = time
    return not (
        (last and datetime.fromisoformat(start) > last)
        or (first and datetime.fromisoformat(end) < first)
    )
