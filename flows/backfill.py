"""A backfill: a range of acquisition, harvested window by window, so that it can be resumed."""

from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from flows.narrow import interval
from infrastructure.errors import Invalid

Window = tuple[datetime, datetime]
"""The first moment of a window, and the first after it."""


def duration(text: str) -> timedelta:
    """The length of a window, as the flow takes it.

    Raises:
        Invalid: it is none.
    """
    try:
        return TypeAdapter(timedelta).validate_python(text)
    except ValidationError as error:
        raise Invalid(
            f"'{text}' is no length of a window: it is an ISO 8601 duration such as P30D"
        ) from error


def windows(acquired: str | None, length: timedelta | None) -> list[Window]:
    """The windows of a range, oldest first; one if no length is given, none without a range.

    Raises:
        Invalid: the range is none or has no start, or the length is not positive.
    """
    if acquired is None:
        return []
    try:
        start, end = interval(acquired)
    except ValueError as error:
        raise Invalid(
            f"'{acquired}' is no interval: it is START/END, such as 2015-06-23/2020-01-01, and ends"
            " after it starts"
        ) from error
    if start is None:
        raise Invalid(f"'{acquired}' has no start: a backfill needs one")
    if length is not None and length <= timedelta(0):
        raise Invalid("the windows of a backfill have a length")
    end = end or datetime.now(UTC).replace(microsecond=0)
    edges = [start]
    while length and edges[-1] + length < end:
        edges.append(edges[-1] + length)
    return list(zip(edges, [*edges[1:], end], strict=True))
