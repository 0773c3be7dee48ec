"""A page of the answer to a search by OpenSearch (OGC 10-032r8): Atom or GeoJSON."""

from dataclasses import dataclass
from typing import Any

from flows.found import Found
from infrastructure.errors import Unreadable


@dataclass(frozen=True)
class Page:
    """A page."""

    found: list[Found]
    total: int | None
    """How many records the search has in all, where the server says so and is sure of it."""
    following: str | None
    """Address of the next page, where the page names it."""


def whole(value: Any) -> int | None:
    """A number of records; None if it is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def of(content: bytes) -> str:
    """The format of an answer, `json` or `xml`; its `Content-Type` is often neither.

    Raises:
        Unreadable: it is none of them.
    """
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        return "json"
    if start == b"<":
        return "xml"
    raise Unreadable("the answer is neither JSON nor XML")
