"""A tree of catalogs from the landing page to every item (STAC API - Browseable).

No document has more than about a thousand links, so clients that search are not slowed down, and
no address shifts when items come or go: each stands for all collections of a range of ids, or for
all items of a span of time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from infrastructure.errors import NotFound

MOST = 1000
"""Items that one catalog links; of more, it links catalogs of shorter spans. An hour has all."""

BLOCK = 100
"""Collections that one catalog links."""

JSON = "application/json"
GEOJSON = "application/geo+json"

LEVELS = ("year", "month", "day", "hour")

Link = dict[str, Any]


@dataclass(frozen=True)
class Span:
    """All time, a year, a month, a day or an hour (UTC), by its numbers in this order."""

    numbers: tuple[int, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """The span of an address, such as `2024/05`.

        Raises:
            NotFound: there is no such span.
        """
        try:
            span = cls(tuple(int(part) for part in text.split("/") if text))
            span.bounds()
        except ValueError:
            span = cls((0,) * 9)
        if len(span.numbers) > len(LEVELS) or str(span) != text:
            raise NotFound(f"no year, month, day or hour '{text}'")
        return span

    def __str__(self) -> str:
        year, *rest = self.numbers or ("",)
        return "/".join([str(year).zfill(4) if self.numbers else "", *(f"{n:02d}" for n in rest)])

    def bounds(self) -> tuple[datetime, datetime] | None:
        """Its beginning and its end, which is not of it; None if it is all time."""
        if not self.numbers:
            return None
        year, month, day, hour = (*self.numbers, *(1, 1, 1, 0)[len(self.numbers) :])
        start = datetime(year, month, day, hour, tzinfo=UTC)
        if len(self.numbers) == 1:
            return start, _last(start.replace(month=12, day=31))
        if len(self.numbers) == 2:
            return start, (start + timedelta(days=32)).replace(day=1)
        return start, start + (timedelta(days=1), timedelta(hours=1))[len(self.numbers) - 3]

    @property
    def finer(self) -> str | None:
        """What it divides into; None if it is an hour."""
        return LEVELS[len(self.numbers)] if len(self.numbers) < len(LEVELS) else None

    def part(self, moment: datetime) -> "Span":
        """The part of it that a moment of it lies in."""
        utc = moment.astimezone(UTC)
        return Span((utc.year, utc.month, utc.day, utc.hour)[: len(self.numbers) + 1])
