"""Pages of a search, from the first to the last (STAC API - Item Search, Pagination)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qs

import orjson

from flows.stac.documents import parse
from flows.stac.web import absolute, ask
from infrastructure.addresses import split
from infrastructure.errors import Unreadable
from infrastructure.http import Http

IDLE = 100
"""Pages without anything new, one after the other, that are taken for a circle."""


JSON = "application/geo+json, application/json;q=0.9"


@dataclass(frozen=True)
class Request:
    """A request for one page."""

    method: str
    url: str
    params: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def says(self, parameter: str) -> bool:
        """Whether it has this parameter of the search.

        Raises:
            Unreadable: its address is none.
        """
        asked = parse_qs(split(self.url).query)
        return parameter in self.params or parameter in (self.body or ()) or parameter in asked

    @property
    def digest(self) -> bytes:
        """What tells it from other requests."""
        parts = [self.method, self.url, self.params, self.body, self.headers]
        text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        return blake2b(text, digest_size=16).digest()


@dataclass(frozen=True)
class Page:
    """One page of the answer."""

    request: Request
    features: list[Any]
    matched: int | None
    """How many items the search has in all, if the API says so."""
    following: Request | None
    """The request for the next page."""


def pages(http: Http, home: str, first: Request) -> Iterator[Page]:
    """All pages, as each names the next.

    Raises:
        Unreachable: the API does not answer, or breaks off.
        Unreadable: it refuses a page, answers without a list of features, or the pages go in a
            circle.
    """
    asked: set[bytes] = set()
    coming: Request | None = first
    while coming is not None:
        if coming.digest in asked:
            raise Unreadable(f"{home}: the pages of the search go in a circle")
        asked.add(coming.digest)
        page = fetch(http, home, coming)
        yield page
        coming = page.following


def fetch(http: Http, home: str, request: Request) -> Page:
    """One page; see `pages`."""
    options: dict[str, Any] = {"headers": {"Accept": JSON, **request.headers}}
    if request.method == "POST":
        options["json"] = request.body
    elif request.params:
        options["params"] = request.params
    answer = ask(http, home, request.url, request.method, **options)
    document = parse(answer.content, answer.url)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise Unreadable(f"{request.url}: a page of the search has no list of features")
    return Page(request, features, _matched(document), _following(document, request, answer.url))


def _following(document: dict[str, Any], request: Request, url: str) -> Request | None:
    """What the link `next` says: where, how, and with what."""
    links = document.get("links")
    links = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    link = next((link for link in links if link.get("rel") == "next"), None)
    if link is None or not link.get("href"):
        return None
    if not isinstance(link["href"], str):
        raise Unreadable(f"{url}: the link to the next page has no address")
    method = str(link.get("method") or "GET").upper()
    own = link.get("headers") if isinstance(link.get("headers"), dict) else {}
    headers = {str(key): str(value) for key, value in (own or {}).items()}
    if link.get("merge") is True:
        headers = {**request.headers, **headers}
    body = _body(link, request) if method == "POST" else None
    return Request(method, absolute(link["href"], url), body=body, headers=headers)


def _body(link: dict[str, Any], request: Request) -> dict[str, Any]:
    own = link.get("body")
    if not isinstance(own, dict):
        return request.body or {}
    return {**(request.body or {}), **own} if link.get("merge") is True else own


def _matched(document: dict[str, Any]) -> int | None:
    """`numberMatched` of OGC API - Features, or `matched` of the Context extension of before.

    None also if it is said to be an estimate, as Swath's own API says of large numbers.
    """
    if document.get("numberMatchedEstimated"):
        return None
    context = document.get("context") or document.get("search:metadata")
    told = document.get("numberMatched")
    if told is None and isinstance(context, dict):
        told = context.get("matched")
    return told if isinstance(told, int) and not isinstance(told, bool) else None
