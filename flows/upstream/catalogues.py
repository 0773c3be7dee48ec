"""Catalogues of OGC API - Records, by OWSLib's client."""

from collections.abc import Iterator
from typing import Any

from owslib.ogcapi.records import Records

from flows.stac.documents import parse
from flows.stac.web import absolute, ask
from infrastructure.errors import Unreadable
from infrastructure.http import Http

Json = dict[str, Any]

ACCEPT = {"Accept": "application/geo+json, application/json;q=0.9"}

FILTERS = ("/conf/filter", "/conf/features-filter", "/conf/cql2-text")
"""Ends of the conformance classes of servers that take conditions in CQL2 (OGC 19-079r2)."""


class Catalogues(Records):  # type: ignore[misc]  # OWSLib has no types
    """OWSLib's client, that asks by our door."""

    def __init__(self, http: Http, url: str) -> None:
        self.http = http
        landing = http.get(url, headers=ACCEPT)
        _document(landing.content, url)
        super().__init__(url, json_=landing.text)

    def _request(
        self,
        method: str = "GET",
        path: str = "",
        data: str | None = None,
        as_dict: bool = True,
        kwargs: Json | None = None,
    ) -> Json:
        """The door of all that OWSLib asks."""
        del data, as_dict  # of transactions
        url = self._build_url(path)
        answer = self.http.request(method, url, params=kwargs or {}, headers=ACCEPT)
        self.request, self.response_headers = answer.url, answer.headers
        return _document(answer.content, answer.url)

    def names(self) -> list[str]:
        """Ids of the collections whose items are records."""
        document = self.collections()
        entries = [c for c in document.get("collections") or () if isinstance(c, dict)]
        kinds = {str(c["id"]): str(c.get("itemType", "")).lower() for c in entries if "id" in c}
        return [name for name, kind in kinds.items() if kind == "record"]

    def queryables(self, name: str) -> set[str]:
        """What conditions in CQL2 may have in them; nothing, of a server that takes none."""
        try:
            classes = self.conformance().get("conformsTo") or []
            if not all(any(str(c).endswith(end) for c in classes) for end in FILTERS):
                return set()
            return set(self.collection_queryables(name).get("properties") or ())
        except Unreadable:  # it has no such page
            return set()

    def pages(self, name: str, asked: Json) -> Iterator[tuple[list[Any], int | None, str]]:
        """Pages of records: the records, how many there are in all, and the page's address.

        A page that does not name the next is followed by `offset` while records are missing.

        Raises:
            Unreachable: the server does not answer, or breaks off.
            Unreadable: it answers no records, or its pages go in a circle.
        """
        document: Json | None = self.collection_items(name, **asked)
        given, seen = 0, set()
        while document is not None:
            url, told = str(self.request), document.get("numberMatched")
            if url in seen:
                raise Unreadable(f"{self.url}: the pages of '{name}' go in a circle")
            seen.add(url)
            features = document.get("features")
            if not isinstance(features, list):
                raise Unreadable(f"{url}: the answer has no list of records")
            total = told if isinstance(told, int) else None
            given += len(features)
            yield features, total, url
            missing = bool(features) and total is not None and given < total
            document = self._following(document, name, {**asked, "offset": given}, missing)

    def _following(self, document: Json, name: str, asked: Json, missing: bool) -> Json | None:
        """The next page, if there is one."""
        links = [k for k in document.get("links") or () if isinstance(k, dict)]
        href = next((k.get("href") for k in links if k.get("rel") == "next"), None)
        if isinstance(href, str) and href:
            following = absolute(href, str(self.request))
            answer = ask(self.http, self.url, following, headers=ACCEPT)
            self.request = following
            return _document(answer.content, following)
        return self.collection_items(name, **asked) if missing else None


def _document(content: bytes, url: str) -> Json:
    document = parse(content, url)
    if not isinstance(document, dict):
        raise Unreadable(f"{url}: the answer is no JSON object")
    return document
