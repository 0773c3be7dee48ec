"""Listing a set of entities in OData in the order of a time, page after page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from flows.scope import Scope
from flows.stac import items
from flows.stac.documents import parse
from flows.stac.web import absolute, ask
from infrastructure.errors import Unreadable

Json = dict[str, Any]

NEXT = "@odata.nextLink"


@dataclass(frozen=True)
class Keyset:
    """A question to a set of entities.

    Each page is asked for by the time of the last entity of the one before, so that neither the
    limit of `$skip` nor what is added or deleted meanwhile matters. Entities of that very time
    come again, and are told from new ones by their ids.
    """

    scope: Scope
    url: str
    """Address of the entity set."""
    conditions: list[str]
    order: str
    """Member with the time."""
    size: int
    """Entities per page."""
    expand: tuple[str, ...] = field(default=())

    def records(self) -> Iterator[Json]:
        """Every entity once, in order.

        Raises:
            Unreachable: the service does not answer, or breaks off.
            Unreadable: it does not keep the order, or cannot list all entities of one moment.
        """
        reached: str | None = None
        known: set[str] = set()
        address, params = self.url, self._question(None)
        while True:
            records, following = self._page(address, params)
            fresh = [record for record in records if record["Id"] not in known]
            yield from fresh
            last = self._last(records, reached)
            if last != reached:
                known = {record["Id"] for record in records if record[self.order] == last}
                reached, address, params = last, self.url, self._question(last)
            elif following and following != address:  # more of one moment than a page holds
                known |= {record["Id"] for record in fresh}
                address, params = following, {}
            elif len(records) >= self.size:
                raise Unreadable(
                    f"{self.url}: {len(records)} products of {last}, and no way to ask for more;"
                    " set a larger `page`"
                )
            else:
                return

    def _question(self, reached: str | None) -> dict[str, Any]:
        """Parameters of the page that starts at a time."""
        start = [f"{self.order} ge {reached}"] if reached else []
        where = " and ".join([*self.conditions, *start])
        question = {"$orderby": f"{self.order} asc", "$top": self.size}
        wanted = {"$filter": where, "$expand": list(self.expand)}
        return {**question, **{key: value for key, value in wanted.items() if value}}

    def _page(self, address: str, params: dict[str, Any]) -> tuple[list[Json], str | None]:
        answer = ask(self.scope.http, self.url, address, params=params)
        document = parse(answer.content, answer.url)
        records = document.get("value") if isinstance(document, dict) else None
        if not isinstance(records, list) or not all(map(self._is_entity, records)):
            raise Unreadable(f"{self.url}: the answer has no list of entities with Id and time")
        following = document.get(NEXT)
        return records, absolute(following, answer.url) if following else None

    def _is_entity(self, record: Any) -> bool:
        return isinstance(record, dict) and all(
            isinstance(record.get(name), str) for name in ("Id", self.order)
        )

    def _last(self, records: list[Json], reached: str | None) -> str | None:
        """The time that a page reaches, whose entities all are of that time or earlier."""
        texts = [reached] if reached else []
        texts += [record[self.order] for record in records]
        moments = [items.moment(text) for text in texts]
        for before, after in pairwise(moments):
            if before is None or after is None or after < before:
                raise Unreadable(f"{self.url}: it does not list in the order of {self.order}")
        return texts[-1] if texts else None
