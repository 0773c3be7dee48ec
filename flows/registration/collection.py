"""Collections that are registered by hand: STAC's own, and metadata records of series."""

import re
from typing import Any

import pystac
from pystac.errors import STACError, STACTypeError

from flows import extensions
from flows.found import Found
from flows.product import OWN_LINKS
from flows.records.collection import collection as of_item
from flows.registration.found import fetched, parsed
from flows.registration.story import DOCUMENTS, has_file
from flows.validate import check_collection
from infrastructure import plugins
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid, NotFound, Unreadable
from infrastructure.http import Http
from infrastructure.orders import Registration
from infrastructure.settings import HarvestSettings

ID = re.compile(r"[A-Za-z0-9_.-]+")
"""What the addresses of the API can hold as it is."""


def put(
    order: Registration, catalogue: Catalogue, settings: HarvestSettings, http: Http
) -> tuple[str, str]:
    """Put the collection of an order into the catalogue.

    Returns:
        Its id, and what became of it: `registered`, `updated` or `unchanged`.

    Raises:
        Unreachable: the server or the database does not answer.
        Unreadable: it is no STAC Collection.
        Invalid: it breaks the standard, or its story is told by a collection file.
    """
    collection = _read(order, http)
    if not ID.fullmatch(collection.id):
        raise Invalid(
            f"'{collection.id}' is no id for a collection: letters, digits, '_', '.', '-'"
        )
    if order.collection not in {None, collection.id}:
        raise Invalid(f"the collection's id is '{collection.id}', not '{order.collection}'")
    if has_file(settings.collections, collection.id):
        raise Invalid(f"collection '{collection.id}' has a file, which tells all of it")
    document = collection.to_dict(include_self_link=False, transform_hrefs=False)
    document["links"] = [link for link in document["links"] if link["rel"] not in OWN_LINKS]
    check_collection(document)
    known = _is_known(catalogue, collection.id)
    changed = catalogue.put_collection(document)
    return collection.id, ("updated" if known else "registered") if changed else "unchanged"


def _is_known(catalogue: Catalogue, collection: str) -> bool:
    try:
        catalogue.collection(collection)
    except NotFound:
        return False
    return True


def _read(order: Registration, http: Http) -> pystac.Collection:
    """The collection in STAC 1.1, with absolute addresses.

    Raises:
        Unreachable: the server does not answer.
        Unreadable: it is neither a STAC Collection nor a metadata record of one.
        Invalid: it breaks the standard.
    """
    content = fetched(order, http)
    document = _of_record(order, content) or _with_extents(parsed(content, order.label()))
    try:
        collection = pystac.Collection.from_dict(
            document, href=order.url, migrate=True, preserve_dict=False
        )
        collection.make_asset_hrefs_absolute()
    except (STACError, STACTypeError, KeyError, TypeError, ValueError, AttributeError) as error:
        if str(document.get("stac_version")).startswith("1."):  # the schema may tell it in words
            check_collection({**document, "stac_version": "1.1.0"})
        reason = f"a part of it lacks {error}" if isinstance(error, KeyError) else repr(error)
        raise Unreadable(f"{order.label()}: no STAC Collection: {reason}") from error
    for link in collection.links:
        link.target = link.get_absolute_href() or link.target
    return collection


def _of_record(order: Registration, content: bytes) -> dict[str, Any] | None:
    """The collection that a metadata record describes, with a link to it; None if it is none."""
    found = Found(order.collection or order.url or "", "", record=content)
    readers = (plugins.load("flows.readers", name) for name in DOCUMENTS)
    reader = next((reader for reader in readers if reader.recognises(found)), None)
    if reader is None:
        return None
    item = reader.read(found).to_dict(include_self_link=False, transform_hrefs=False)
    document = of_item(extensions.declare(item))
    if order.collection:
        document["id"] = order.collection
    if order.url:
        via = {"rel": "via", "href": order.url, "type": "application/xml", "title": "The record"}
        document["links"].append(via)
    return document


def _with_extents(document: dict[str, Any]) -> dict[str, Any]:
    """The collection with extents as of STAC 0.8: before, they were one box and one interval."""
    extent = document.get("extent")
    if not isinstance(extent, dict):
        return document
    keys = {"spatial": "bbox", "temporal": "interval"}
    own = {
        name: {keys[name]: [value]} if name in keys and isinstance(value, list) else value
        for name, value in extent.items()
    }
    return {**document, "extent": own}
