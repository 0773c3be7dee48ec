"""The landing page of a STAC API: where it is searched, and what it understands."""

from dataclasses import dataclass
from typing import Any

from flows.stac.documents import parse
from flows.stac.web import absolute
from infrastructure.errors import Unreadable
from infrastructure.http import Http


@dataclass(frozen=True)
class Api:
    """A STAC API with item search."""

    url: str
    """Its landing page."""
    search: dict[str, str]
    """Method of HTTP -> address of item search."""
    classes: tuple[str, ...]
    """Conformance classes."""

    @property
    def method(self) -> str:
        """How it is best asked: POST has no limit of length; but a filter may need GET."""
        methods = [method for method in ("POST", "GET") if method in self.search]
        return next(filter(self.filters, methods), methods[0])

    def filters(self, method: str) -> bool:
        """Whether it takes CQL2 by this method: as JSON by POST, as text by GET.

        The Filter extension of STAC API 1.0, from its release candidates on; the CQL of before
        was another language.
        """
        language = "/cql2-json" if method == "POST" else "/cql2-text"
        return self.extends("filter") and any(uri.endswith(language) for uri in self.classes)

    def extends(self, extension: str) -> bool:
        """Whether its item search has an extension: `filter`, `query`, `sort` ..."""
        return any(uri.endswith(f"/item-search#{extension}") for uri in self.classes)


def land(http: Http, url: str, method: str | None = None) -> Api:
    """Read the landing page.

    Before STAC API 1.0 a landing page may tell neither conformance classes nor where the search
    is; it is at `/search` then.

    Args:
        http: The door to the web.
        url: The landing page.
        method: `GET` or `POST`, if the operator wants it so.

    Raises:
        Unreadable: it is no landing page of a STAC API with item search.
        Unreachable: it does not answer.
    """
    page = parse(http.get(url, headers={"Accept": "application/json"}).content, url)
    if not isinstance(page, dict) or not isinstance(page.get("links"), list):
        raise Unreadable(f"{url} is no STAC API with item search: it has no links")
    told = page.get("conformsTo")
    classes = tuple(uri for uri in told if isinstance(uri, str)) if isinstance(told, list) else ()
    search = _search(page, url, classes)
    if method:
        search = {method: search.get(method) or next(iter(search.values()))}
    return Api(url, search, classes)


def _search(page: dict[str, Any], url: str, classes: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    old = not classes
    for link in page["links"]:
        if not isinstance(link, dict) or link.get("rel") != "search":
            continue
        if isinstance(link.get("href"), str) and "json" in str(link.get("type") or "json"):
            by = link.get("method") or ("POST" if old else "GET")
            found.setdefault(str(by).upper(), absolute(link["href"], url))
    if found:
        return found
    if any("/item-search" in uri for uri in classes) or _before_1(page.get("stac_version")):
        return {"POST": absolute("search", f"{url.partition('?')[0].rstrip('/')}/")}
    raise Unreadable(f"{url} is no STAC API with item search: no link says where it is")


def _before_1(version: Any) -> bool:
    return isinstance(version, str) and (version.startswith("0.") or "1.0.0-" in version)
