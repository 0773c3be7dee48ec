"""A search by OpenSearch, from the first page to the last."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flows.found import Found
from flows.scope import Scope
from flows.stac import items
from flows.stac.web import ask
from flows.upstream import atom, features
from flows.upstream.description import Template
from flows.upstream.page import Page, of
from flows.upstream.tally import Tally
from infrastructure.errors import Unreadable

IDLE = 3
"""Pages without anything new, one after the other, that are taken for a circle."""


@dataclass
class Listing:
    """A search."""

    scope: Scope
    url: str
    """Address of the description."""
    form: Template
    questions: dict[str, Any]
    """Values of the template's parameters."""
    own: dict[str, Any]
    """What the operator adds."""
    longitude_first: bool = False
    tally: Tally = field(default_factory=Tally)
    _asked: set[str] = field(default_factory=set)

    def records(self) -> Iterator[Found]:
        """The records of every page, as they come.

        Raises:
            Unreadable: the server gives the same page again and again, whatever it is asked; or
                see `pages`.
        """
        given: set[str] = set()
        idle = 0
        for page in self.pages():
            self.tally.add(len(page.found), page.total)
            digest = items.digest([[found.upstream_id, found.fingerprint] for found in page.found])
            idle = idle + 1 if page.found and digest in given else 0
            if idle == IDLE:
                raise Unreadable(f"{self.url}: {IDLE} pages of the search have nothing new on them")
            given.add(digest)
            yield from page.found

    def pages(self) -> Iterator[Page]:
        """Every page.

        Pages are followed as they name the next; where they do not, the next is asked for by
        `startIndex` or `startPage`.

        Raises:
            Unreachable: the server does not answer, or breaks off.
            Unreadable: the pages go in a circle, or one does not say how to go on.
        """
        number, given, linked = 0, 0, False
        following: str | None = self._address(number, given)
        while following:
            if following in self._asked:
                raise Unreadable(f"{self.url}: the pages of the search go in a circle")
            self._asked.add(following)
            page = self._page(following)
            number, given = number + 1, given + len(page.found)
            yield page
            linked = linked or page.following is not None
            is_last = linked and page.total is None  # it would name the next
            following = page.following or (None if is_last else self._guessed(page, number, given))

    def _guessed(self, page: Page, number: int, given: int) -> str | None:
        """Where more is, after a page that does not say; nowhere after the last."""
        if not page.found or (page.total is not None and given >= page.total):
            return None
        if not {"startIndex", "startPage"} & self.form.names():
            if page.total is None and len(page.found) >= self.questions["count"]:
                raise Unreadable(f"{self.url}: a full page names no next one")
            return None
        return self._address(number, given)

    def _address(self, number: int, given: int) -> str:
        """The address of a page; the first asks for an exact count, where servers can do without.

        Args:
            number: Pages before it.
            given: Records before it.
        """
        values = dict(self.questions)
        if "startIndex" in self.form.names():
            values["startIndex"] = self.form.first_index + given
        elif number:
            values["startPage"] = self.form.first_page + number
        if not number:
            values["resto:exactCount"] = 1
        return self.form.address(values, self.own)

    def _page(self, address: str) -> Page:
        answer = ask(self.scope.http, self.url, address)
        mapping = self.scope.mapping
        if of(answer.content) == "json":
            return features.page(answer.content, answer.url, mapping)
        return atom.page(answer.content, answer.url, mapping, self.longitude_first)
