"""Searches as clients send them, and the pages that come of it."""

import json
import re
from pathlib import Path
from typing import Any

import httpx

from api.surroundings import ISO_19139

Document = dict[str, Any]


def as_query(body: Document) -> dict[str, str]:
    """The same search for GET."""
    query = {}
    for name, value in body.items():
        if name == "sortby":
            signs = {"asc": "+", "desc": "-"}
            query[name] = ",".join(signs[s["direction"]] + s["field"] for s in value)
        elif name in {"query", "filter"}:
            query[name] = json.dumps(value)
        else:
            query[name] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return query


async def follow(client: httpx.AsyncClient, link: Document) -> Document:
    answer = await client.request(link["method"], link["href"], json=link.get("body"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    page: Document = answer.json()
    return page


def link_to(page: Document, rel: str) -> Document | None:
    return next((link for link in page["links"] if link["rel"] == rel), None)


async def walk(client: httpx.AsyncClient, start: Document) -> list[Document]:
    """Two pages onwards, and all the way back."""
    visited = [await follow(client, start)]
    for rel in ("next", "next", "previous", "previous", "previous"):
        if link := link_to(visited[-1], rel):
            visited.append(await follow(client, link))
    return visited


async def crawl(client: httpx.AsyncClient, url: str) -> list[str]:
    """The ids of all items, page by page."""
    link: Document | None = {"method": "GET", "href": url}
    found = []
    while link:
        page = await follow(client, link)
        found += [feature["id"] for feature in page["features"]]
        link = link_to(page, "next")
    return found


def plain(told: Document, store: Path) -> Document:
    """An answer of ours without what we add: times in tokens, records, addresses of the store."""
    text = TIMED.sub(r"\1", json.dumps(told))
    document: Document = json.loads(text.replace("http://api.example/assets", store.as_uri()))
    for feature in document.get("features", [document]):
        if "links" in feature:
            own = [link for link in feature["links"] if link.get("type") != ISO_19139]
            feature["links"] = own
    return document


TIMED = re.compile("((?:next|prev)(?:(?::|%3A)[0-9a-f]+){2})(?::|%3A)-?[0-9]+")
