"""The tree of catalogs from the landing page to every item (STAC API - Browseable): pure.

No document has more than about a thousand links, so clients that search are not slowed down. No
address shifts when items come or go: each stands for all collections of a range of ids, or for
all items that begin in a span of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import quote, urlencode

from infrastructure.errors import NotFound

MOST = 1000
"""Items that one catalog links; of more, it links catalogs of shorter spans. An hour links all."""

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
            if str(span) == text and span.bounds():
                return span
        except (ValueError, OverflowError, IndexError):
            pass
        raise NotFound(f"no year, month, day or hour '{text}'")

    def __str__(self) -> str:
        return "/".join(f"{n:0{2 if place else 4}d}" for place, n in enumerate(self.numbers))

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Its beginning, and its end, which is not of it; None where it has none."""
        if not self.numbers:
            return None, None
        year, month, day, hour = (*self.numbers, *(1, 1, 1, 0)[len(self.numbers) :])
        start = datetime(year, month, day, hour, tzinfo=UTC)
        longest = (366, 31, 1, 1 / 24)[len(self.numbers) - 1]
        following = start + timedelta(days=longest)
        if len(self.numbers) == 1:
            following = following.replace(month=1, day=1)
        elif len(self.numbers) == 2:
            following = following.replace(day=1)
        return start, following

    @property
    def finer(self) -> str | None:
        """What it divides into; None if it is an hour."""
        return LEVELS[len(self.numbers)] if len(self.numbers) < len(LEVELS) else None

    def part(self, moment: datetime) -> "Span":
        """The part of it that begins with a moment, or has it."""
        utc = moment.astimezone(UTC)
        return Span((utc.year, utc.month, utc.day, utc.hour)[: len(self.numbers) + 1])


@dataclass(frozen=True)
class Tree:
    """The addresses of the tree."""

    base_url: str

    def address(self, *parts: str) -> str:
        """An address below the API's."""
        return "/".join([self.base_url.rstrip("/"), *(quote(part, safe="/") for part in parts)])

    def children(self, collections: Sequence[tuple[str, str | None]]) -> list[Link]:
        """Links to collections (id and title)."""
        return [
            self._link("child", JSON, title or name, self.address("collections", name))
            for name, title in collections
        ]

    def blocks(self, firsts: Sequence[str]) -> list[Link]:
        """Links to blocks of collections, each from its first id to that of the next."""
        return [
            self._link("child", JSON, f"Collections from {first}", self._block(first, end))
            for first, end in zip(firsts, [*firsts[1:], None], strict=True)
        ]

    def block(
        self, first: str, end: str | None, collections: Sequence[tuple[str, str | None]]
    ) -> dict[str, Any]:
        """The catalog of a block of collections, up to the first id of the next block."""
        top = self._link("parent", JSON, None, self.address(""))
        links = [top, *self.children(collections)]
        return self._catalog(f"from-{first}", self._block(first, end), links, "Collections.")

    def _block(self, first: str, end: str | None) -> str:
        bounds = {"from": first, **({} if end is None else {"to": end})}
        return f"{self.address('browse')}?{urlencode(bounds)}"

    def door(self, collection: str) -> Link:
        """The link of a collection to its items in catalogs."""
        return self._link("child", JSON, "Items by time", self._browse(collection, Span()))

    def catalog(
        self, collection: str, span: Span, items: Sequence[str], parts: Sequence[Span]
    ) -> dict[str, Any]:
        """The catalog of a span: its items, or catalogs of its parts."""
        links = [self._up(collection, span)]
        links += [
            self._link("child", JSON, str(part), self._browse(collection, part)) for part in parts
        ]
        links += [
            self._link("item", GEOJSON, None, self.address("collections", collection, "items", id_))
            for id_ in items
        ]
        name = "-".join([collection, *str(span).split("/")]).rstrip("-")
        told = f"Items of {collection} that begin in {span}, UTC." if span.numbers else "All items."
        return self._catalog(name, self._browse(collection, span), links, told)

    def _up(self, collection: str, span: Span) -> Link:
        if not span.numbers:
            return self._link("parent", JSON, None, self.address("collections", collection))
        return self._link("parent", JSON, None, self._browse(collection, Span(span.numbers[:-1])))

    def _browse(self, collection: str, span: Span) -> str:
        return self.address("collections", collection, "browse", *filter(None, [str(span)]))

    def _catalog(self, name: str, address: str, links: list[Link], told: str) -> dict[str, Any]:
        root = self._link("root", JSON, None, self.address(""))
        own = self._link("self", JSON, None, address)
        return {
            "type": "Catalog",
            "stac_version": "1.1.0",
            "id": name,
            "description": told,
            "links": [root, own, *links],
        }

    def _link(self, rel: str, media_type: str, title: str | None, href: str) -> Link:
        return {"rel": rel, "type": media_type, "href": href, **({"title": title} if title else {})}
