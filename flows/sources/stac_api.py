"""A STAC API 0.9 to 1.1, page by page (STAC API - Item Search)."""

from collections.abc import Generator, Iterator
from itertools import chain
from typing import Any, Literal

from flows.found import Found
from flows.scope import Scope
from flows.stac.ahead import ahead
from flows.stac.api import Api, land
from flows.stac.asking import Asking, askings
from flows.stac.items import found
from flows.stac.once import Once
from flows.stac.paging import IDLE, Page, fetch, pages
from infrastructure.errors import Unreadable

INCREMENTAL = True

AHEAD = 2
"""Pages that are fetched while those before them are worked on."""


def search(  # noqa: PLR0913 - the parameters of the standard's item search
    scope: Scope,
    *,
    url: str,
    collections: list[str] | None = None,
    ids: list[str] | None = None,
    intersects: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
    sortby: list[str] | str | None = None,
    method: Literal["GET", "POST"] | None = None,
    page: int = 250,
    counted: bool = True,
) -> Iterator[Found]:
    """Search an API for items, until its last page.

    Every item is given once, however the pages repeat it: the first that came. Pages that go in a
    circle are an error. So are fewer items than the API says that there are (`numberMatched`):
    the number is asked for again first, as items may have been deleted meanwhile, and then the
    whole search with pages of another size, for those that fell between two pages.

    Place and time go to the API; the CQL2 filter, too, if the API has the Filter extension. What
    changed is asked for by the property `updated`, with the Filter or the Query extension; items
    without that property are always looked at with the Filter extension, and never with the
    Query extension. An API with neither extension, or that refuses the condition, lists
    everything, and the harvest compares it with what it knows.

    Args:
        scope: What the harvest asks for; its mapping is not used.
        url: Landing page of the API.
        collections: Ids of the API's collections; all of them, if none is said.
        ids: Ids of items.
        intersects: GeoJSON geometry in degrees, longitude first. The box of the source, if there
            is one, is then held against the items by the harvest.
        query: Conditions of the Query extension; conditions in CQL2 are then held against the
            items by the harvest.
        sortby: Order (Sort extension), as `-properties.datetime`.
        method: `GET` or `POST`; unsaid: POST where the API offers it.
        page: Items per page, asked of the server.
        counted: Whether the number of items that the API tells is exact. Say `false` for one that
            estimates it, such as pgstac with `context: auto`.

    Raises:
        Unreachable: the API does not answer, or breaks off.
        Unreadable: the address is no STAC API with item search, it refuses the search, its pages
            go in a circle, or it lists fewer items than it says that it has.
    """
    api = land(scope.http, url, method)
    parameters = {
        "limit": page,
        "collections": collections,
        "ids": ids,
        "intersects": intersects,
        "query": query,
        "sortby": _order(sortby),
    }
    parameters = {key: value for key, value in parameters.items() if value is not None}
    asking, stream = _understood(scope, api, parameters)
    scope.pushed.update(asking.pushed)
    once = Once()
    told, size = yield from _listed(scope, api, stream, once)
    if counted and told is not None and once.versions < told:
        yield from _again(scope, api, asking.sized(size - 1 or 2), once, told)


def _order(sortby: list[str] | str | None) -> list[dict[str, str]] | None:
    """An order as POST has it."""
    if sortby is None:
        return None
    names = sortby.split(",") if isinstance(sortby, str) else sortby
    return [
        {"field": name.lstrip("+-"), "direction": "desc" if name.startswith("-") else "asc"}
        for name in names
    ]


def _understood(
    scope: Scope, api: Api, parameters: dict[str, Any]
) -> tuple[Asking, Iterator[Page]]:
    """The most exact way to ask that the API does not refuse, and its answer."""
    *exact, plain = askings(scope, api, parameters)
    for asking in exact:
        stream = pages(scope.http, api.url, asking.request(api))
        try:
            first = next(stream)
        except Unreadable:
            continue
        return asking, chain([first], stream)
    return plain, pages(scope.http, api.url, plain.request(api))


def _listed(
    scope: Scope, api: Api, stream: Iterator[Page], once: Once
) -> Generator[Found, None, tuple[int | None, int]]:
    """What is new on each page; the least number of items that the API told, and a page's size."""
    least, size, idle = None, 1, 0
    for page in ahead(stream, AHEAD):
        if _forgets(page):
            scope.pushed.discard("filter")  # the harvest holds it against the items
        if page.matched is not None:
            least = page.matched if least is None else min(least, page.matched)
        size = max(size, len(page.features))
        fresh = [record for record in map(found, page.features) if once.new(record)]
        idle = 0 if fresh else idle + 1
        if idle == IDLE:
            raise Unreadable(f"{api.url}: {IDLE} pages of the search have nothing new on them")
        yield from fresh
    return least, size


def _forgets(page: Page) -> bool:
    """Whether the next page is asked for without the condition, which some servers then drop."""
    following = page.following
    return following is not None and page.request.says("filter") and not following.says("filter")


def _again(scope: Scope, api: Api, asking: Asking, once: Once, told: int) -> Iterator[Found]:
    """What a listing that ended short left out, asked for in pages that end elsewhere."""
    now = fetch(scope.http, api.url, asking.sized(1).request(api)).matched
    told = told if now is None else min(told, now)
    if once.versions >= told:
        return
    yield from _listed(scope, api, pages(scope.http, api.url, asking.request(api)), once)
    if once.versions < told:
        raise Unreadable(
            f"STAC API {api.url} says that it has {told} items and lists {once.versions};"
            " set `counted: false` if its number is an estimate"
        )
