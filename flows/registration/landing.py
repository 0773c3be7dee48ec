"""What services that speak JSON tell on their landing page: STAC, and the OGC APIs."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from flows.registration.services import Process, Service
from flows.stac.web import absolute
from infrastructure.catalogue import BBox
from infrastructure.errors import Unreadable
from infrastructure.http import Http

ACCEPT = {"Accept": "application/json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"}
OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
MOST = 10_000
"""Processes of one service, at most."""

OGC_API = re.compile(r"/spec/ogcapi-([a-z]+)-\d")
STAC_API = "https://api.stacspec.org/"
PROCESSES = "OGC API - Processes"


def service(document: dict[str, Any], url: str, http: Http) -> Service:
    """The service of a landing page, or the static catalog that the document is.

    Raises:
        Unreachable: it does not answer.
        Unreadable: it is no landing page, or its pages go in a circle.
    """
    conformance = _conformance(document, url, http)
    kinds = tuple(_kinds(document, conformance))
    if not kinds:
        raise Unreadable(f"{url}: JSON of neither STAC nor an OGC API")
    return Service(
        url=url,
        kinds=kinds,
        title=_text(document.get("title")) or _text(document.get("id")),
        description=_text(document.get("description")),
        keywords=_words(document.get("keywords")),
        version=_text(document.get("stac_version")),
        bbox=_extent(document, url, http),
        conformance=conformance,
        processes=tuple(_processes(document, url, http)) if PROCESSES in kinds else (),
    )


def _kinds(document: dict[str, Any], conformance: tuple[str, ...]) -> Iterator[str]:
    searches = any(link.get("rel") == "search" for link in _links(document))
    if any(each.startswith(STAC_API) for each in conformance) or (
        "stac_version" in document and searches  # before 1.0 there were no conformance classes
    ):
        yield "STAC API"
    elif "stac_version" in document and document.get("type", "Catalog") in {
        "Catalog",
        "Collection",
    }:
        yield "STAC"
    names = (found[1] for each in conformance if (found := OGC_API.search(each)))
    for name in dict.fromkeys(names):
        if name != "common":
            yield f"OGC API - {name.capitalize()}"


def _conformance(document: dict[str, Any], url: str, http: Http) -> tuple[str, ...]:
    if "conformsTo" not in document and "links" in document:
        href = _link(document, url, "conformance", f"{OGC}conformance")
        document = (parsed(http.get(href, headers=ACCEPT).content) or {}) if href else {}
    return _words(document.get("conformsTo"))


def _extent(document: dict[str, Any], url: str, http: Http) -> BBox | None:
    """Around a collection, or all collections of a service; None if there are more pages."""
    if "extent" in document:
        return _around([document])
    href = _link(document, url, "data", f"{OGC}data")
    page = (parsed(http.get(href, headers=ACCEPT).content) or {}) if href else {}
    if not isinstance(page.get("collections"), list) or _link(page, url, "next"):
        return None
    return _around(page["collections"])


def _around(collections: list[Any]) -> BBox | None:
    """The box around the extents; None if one has none. One across ±180 takes the whole belt."""
    boxes = []
    for collection in collections:
        try:
            bbox = list(map(float, collection["extent"]["spatial"]["bbox"][0]))
            west, south, east, north = bbox if len(bbox) == 4 else (*bbox[:2], *bbox[3:5])
        except (KeyError, TypeError, ValueError, IndexError):
            return None
        boxes.append((west, south, east, north) if west <= east else (-180, south, 180, north))
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _processes(document: dict[str, Any], url: str, http: Http) -> Iterator[Process]:
    """The processes of all pages."""
    first = _link(document, url, f"{OGC}processes", "processes")
    href: str | None = first or f"{url.rstrip('/')}/processes"
    base, seen, count = href, set(), 0
    while href:
        if href in seen:
            raise Unreadable(f"{href}: the pages of processes go in a circle")
        seen.add(href)
        page = parsed(http.get(href, headers=ACCEPT).content) or {}
        for told in page.get("processes") or ():
            if isinstance(told, dict) and _text(told.get("id")):
                count += 1
                yield _process(told, base or url)
        if count > MOST:
            raise Unreadable(f"{url}: more than {MOST} processes")
        href = _link(page, href, "next")


def _process(told: dict[str, Any], base: str) -> Process:
    name = _text(told["id"])
    own = _link(told, base, "self", "process")
    return Process(
        id=name,
        title=_text(told.get("title")),
        description=_text(told.get("description")),
        keywords=_words(told.get("keywords")),
        version=_text(told.get("version")),
        href=own or f"{base.partition('?')[0].rstrip('/')}/{name}",
    )


def _link(document: dict[str, Any], base: str, *relations: str) -> str | None:
    """The address of the first link of one of the relations; JSON before other types."""
    found = [link for link in _links(document) if link.get("rel") in relations]
    found.sort(key=lambda link: "json" not in str(link.get("type", "json")))
    hrefs = (href for link in found if isinstance(href := link.get("href"), str))
    return next((absolute(href, base) for href in hrefs), None)


def _links(document: dict[str, Any]) -> list[dict[str, Any]]:
    links = document.get("links")
    return [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []


def parsed(content: bytes) -> dict[str, Any] | None:
    """The JSON object of an answer, if it is one."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _words(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(word for part in parts if (word := _text(part))))
