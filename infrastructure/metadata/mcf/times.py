"""Dates and times in UTC."""

from datetime import UTC, datetime
from typing import Any

from infrastructure.errors import Invalid
from infrastructure.metadata.mcf.subject import Subject

Period = tuple[str | None, str | None]

EXTENT = "temporal extent"


def period(subject: Subject) -> Period:
    """Begin and end of the acquisition, the same for an instant; a collection's can be open.

    Raises:
        Invalid: an item has none, or it is no date and time.
    """
    if subject.is_collection:
        intervals = (subject.document.get("extent") or {}).get("temporal", {}).get("interval")
        begin, end = (intervals or [[None, None]])[0]
        return begin and utc(subject, begin), end and utc(subject, end)
    told = subject.told
    begin = told.get("start_datetime") or told.get("datetime")
    end = told.get("end_datetime") or told.get("datetime")
    if not (begin and end):
        raise Invalid(f"{subject.name}: neither datetime nor start_datetime and end_datetime")
    return utc(subject, begin), utc(subject, end)


def temporal(subject: Subject, when: Period) -> list[dict[str, str | None]]:
    """The temporal extent; none if the time is but a date of the citation, or not known."""
    if subject.told.get("swath:datetime_from", EXTENT) != EXTENT or when == (None, None):
        return []
    return [{"begin": when[0], "end": when[1]}]


def stamp(subject: Subject, when: Period) -> str | None:
    """When the record was changed last; of what is no record itself, the latest time known."""
    told = subject.told
    written = told.get("updated") or (None if subject.is_record else told.get("created"))
    if written:
        return utc(subject, written)
    return None if subject.is_record else when[1] or when[0]


def created(subject: Subject) -> str | None:
    """When the record was written first."""
    written = subject.told.get("created")
    return utc(subject, written) if written else None


def dates(subject: Subject, begin: str | None) -> list[dict[str, Any]]:
    """The dates of the citation: those of the record, or the acquisition's."""
    if subject.is_record:
        return list(subject.told.get("iso:dates", []))
    published = subject.told.get("published")
    found = {"creation": begin, "publication": published and utc(subject, published)}
    return [{"type": kind, "date": when} for kind, when in found.items() if when]


def utc(subject: Subject, text: str) -> str:
    """A time of RFC 3339 in UTC, with `Z`.

    Raises:
        Invalid: it is none.
    """
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise Invalid(f"{subject.name}: '{text}' is no date and time of RFC 3339") from error
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.isoformat().replace("+00:00", "Z")
