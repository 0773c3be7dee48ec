"""Lists in pages, with links from one to the next (OGC API - Common)."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request


@dataclass(frozen=True)
class Paging:
    """Which page of a list is asked for; a dependency of routes."""

    request: Request
    limit: Annotated[int, Query(ge=1, le=1000, description="Most entries of a page.")] = 100
    offset: Annotated[int, Query(ge=0, le=10**9, description="Entries before this page.")] = 0

    def page(
        self, name: str, entries: list[dict[str, Any]], total: int | None = None
    ) -> dict[str, Any]:
        """The page.

        Args:
            name: What the list is called.
            entries: The entries of this page, and one more if there are more and `total` is not
                known.
            total: How many there are in all.
        """
        here = entries[: self.limit]
        links = [self._link("self", self.offset)]
        if len(entries) > self.limit or self.offset + len(here) < (total or 0):
            links.append(self._link("next", self.offset + self.limit))
        if self.offset:
            links.append(self._link("prev", max(self.offset - self.limit, 0)))
        counts = {"numberReturned": len(here)}
        if total is not None:
            counts["numberMatched"] = total
        return {name: here, **counts, "links": links}

    def _link(self, rel: str, offset: int) -> dict[str, str]:
        address = self.request.url.include_query_params(limit=self.limit, offset=offset)
        return {"rel": rel, "href": str(address), "type": "application/json"}


Paged = Annotated[Paging, Depends()]
