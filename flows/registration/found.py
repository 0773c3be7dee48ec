"""What an order names, as the same `Found` that a harvest's sources give."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from flows.found import Found
from flows.identifiers import safe
from flows.product import place
from flows.registration import cwl, services
from flows.registration.detect import detect
from flows.registration.files import product
from flows.registration.story import APPLICATIONS, DOCUMENTS, SERVICES
from flows.scope import Scope
from infrastructure import plugins
from infrastructure.errors import SwathError, Unreadable
from infrastructure.http import Http
from infrastructure.orders import Registration
from infrastructure.settings import HarvestSettings
from infrastructure.storage import Store, gdal_path

ENCODING = re.compile(r"""^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(["']).*?\2""")
"""Of an XML declaration: a text in JSON is Unicode, whatever it was in its file."""


@dataclass(frozen=True)
class Means:
    """What finding needs."""

    http: Http
    settings: HarvestSettings
    store: Store
    time_of: Callable[[str, str], datetime]
    """The time of what has none, by collection and upstream id: when it was registered first."""


@dataclass(frozen=True)
class Finds:
    """What an order names, and where it goes."""

    collection: str
    found: Iterable[Found]
    complete: bool = False
    """Whether it is all that there is of the address: what was registered by it before and is
    not among it now is gone."""


def find(order: Registration, means: Means) -> Finds:
    """Find what an order names.

    Raises:
        Unreachable: a server does not answer.
        Unreadable: it is not what the order says, or tells no collection.
    """
    return MAKERS[order.type](order, means)


def fetched(order: Registration, http: Http) -> bytes:
    """The document of an order, as it is or as it came."""
    if order.url is not None:
        return http.get(order.url, headers={"Accept": "*/*"}).content
    if isinstance(order.content, str):
        return ENCODING.sub(r"\1", order.content, count=1).encode()
    return orjson.dumps(order.content)


def parsed(content: bytes, subject: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Unreadable: it is none.
    """
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"{subject}: no JSON: {error}") from error
    if not isinstance(document, dict):
        raise Unreadable(f"{subject}: no JSON object")
    return document


def _stac(order: Registration, means: Means) -> Finds:
    """An item, the items of a collection of features, or those of a static catalog."""
    document = parsed(fetched(order, means.http), order.label())
    kind = document.get("type")
    if order.url and ("links" in document and kind in {"Catalog", "Collection", None}):
        static = plugins.load("flows.sources", "stac_static")
        return _gathered(order, static.search(Scope(http=means.http), url=order.url))
    if kind == "FeatureCollection":
        features = document.get("features")
        parts = features if isinstance(features, list) else []
        return _gathered(order, (_item(part, order, several=True) for part in parts))
    if kind != "Feature":
        raise Unreadable(f"{order.label()}: no STAC Item but of type '{kind}'")
    return _gathered(order, iter([_item(document, order, several=False)]))


def _gathered(order: Registration, stream: Iterator[Found]) -> Finds:
    """All of them go to the order's collection, or else to that of the first one."""
    first = next(stream, None)
    if first is None:
        raise Unreadable(f"{order.label()}: there are no items in it")
    collection = order.collection or (first.document or {}).get("collection")
    if not isinstance(collection, str):
        raise Unreadable(f"{order.label()}: it names no collection; say one")
    return Finds(collection, _chained(first, stream))


def _chained(first: Found, others: Iterator[Found]) -> Iterator[Found]:
    yield first
    yield from others


def _item(document: Any, order: Registration, several: bool) -> Found:
    """One item; the address that it came from is its own, for what it names beside it."""
    content = orjson.dumps(document)
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        return Found(_digest(content), _digest(content), error="no id", original=content)
    name = document["id"]
    if order.url:
        name = f"{order.url}#{name}" if several else order.url
        document = {**document, "links": _relinked(document, order.url)}
    return Found(name, _digest(content), document=document)


def _relinked(document: dict[str, Any], url: str) -> list[Any]:
    links = document.get("links")
    others = [
        link
        for link in (links if isinstance(links, list) else [])
        if not (isinstance(link, dict) and link.get("rel") == "self")
    ]
    return [{"rel": "self", "href": url, "type": "application/geo+json"}, *others]


def _record(order: Registration, means: Means) -> Finds:
    """A metadata record; one without an address has the name that its item gets."""
    if order.collection is None:
        raise Unreadable(f"{order.label()}: a record names no collection; say one")
    content = fetched(order, means.http)
    found = Found(order.url or _digest(content), _digest(content), record=content)
    if order.url is None:
        found = Found(_name(found), found.fingerprint, record=content)
    return Finds(order.collection, [found])


def _name(found: Found) -> str:
    """The id of the item that a reader makes of a record; its digest, if none can read it."""
    known = plugins.names("flows.readers")
    for name in filter(known.__contains__, DOCUMENTS):
        reader = plugins.load("flows.readers", name)
        if reader.recognises(found):
            try:
                return str(reader.read(found).id)
            except SwathError:
                break
    return found.upstream_id


def _application(order: Registration, means: Means) -> Finds:
    """An application; the CWL itself is kept in the store, beside what steps would make."""
    collection = order.collection or APPLICATIONS
    content = fetched(order, means.http)
    document = cwl.parse(content, order.label())
    name = order.url or cwl.item(document, "application", datetime.now(UTC))["id"]
    item = cwl.item(document, name, means.time_of(collection, name))
    found = Found(name, _digest(content), document=item, original=content)
    key = f"{place(collection, safe(item['id']), found)}/application.cwl"
    asset = {"href": means.store.put(key, content), "type": cwl.MEDIA_TYPE, "title": "The CWL"}
    item["assets"] = {"application": {**asset, "roles": ["data"]}}
    if order.url:
        item["links"].append({"rel": "via", "href": order.url, "type": cwl.MEDIA_TYPE})
    return Finds(collection, [replace(found, root=_folder(means.store))])


def _folder(store: Store) -> str | None:
    """The folder of a local store."""
    return gdal_path(store.root) if store.root.startswith("file:") else None


def _service(order: Registration, means: Means) -> Finds:
    collection = order.collection or SERVICES
    url = order.url or ""
    service = detect(url, means.http)
    found = [
        Found(name, _digest(orjson.dumps(item)), document=item)
        for name, item in services.items(service, means.time_of(collection, url))
    ]
    return Finds(collection, found, complete=True)


def _product(order: Registration, means: Means) -> Finds:
    found = product(order.url or "", means.http, means.settings)
    return Finds(order.collection or "", [found])


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


MAKERS: dict[str, Callable[[Registration, Means], Finds]] = {
    "stac-item": _stac,
    "iso": _record,
    "application": _application,
    "catalogue": _service,
    "service": _service,
    "product": _product,
}
"""Type of an order -> how it is found; a collection is no item, see collection.py beside this."""
