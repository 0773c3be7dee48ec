"""From a product found to an entry for the catalogue: read, enrich, validate, describe."""

import inspect
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pystac
from jsonschema import ValidationError
from pystac.errors import STACError, STACValidationError
from pystac.validation.stac_validator import JsonSchemaSTACValidator

from flows.collection import CollectionFile
from flows.found import Found
from infrastructure import plugins
from infrastructure.addresses import public_href
from infrastructure.entry import Entry
from infrastructure.errors import Invalid, Misconfigured, Unreadable
from infrastructure.iso import iso19139
from infrastructure.settings import ApiSettings, StorageSettings
from infrastructure.storage import Shelf, Store

OWN_LINKS = {"self", "root", "parent", "collection", "items"}
"""Relations that the API makes itself; those of another catalogue would lead users away."""

Say = Callable[[str, str], None]
"""Called with the product's name and what is being done to it."""


def check(story: CollectionFile) -> None:
    """Check that the plug-ins of a collection file exist and take its options.

    Raises:
        Misconfigured: the message names the file, the plug-in and what is wrong.
    """
    calls: list[tuple[str, str, str, dict[str, Any]]] = [
        ("sources", story.source.type, "search", {"base": Path(), **story.source.options()}),
        *(("readers", name, "read", story.reader_options.get(name, {})) for name in story.readers),
        *(("enrich", step.name, "enrich", step.options) for step in story.steps()),
    ]
    for package, name, function, options in calls:
        try:
            module = plugins.load(f"flows.{package}", name)
            positional = [None] * (2 if function == "enrich" else 1)
            inspect.signature(getattr(module, function)).bind(*positional, **options)
        except TypeError as error:
            raise Misconfigured(f"{story.path}: {name}: {error}") from error
        except Misconfigured as error:
            raise Misconfigured(f"{story.path}: {error}") from error


def prepare(found: Found, story: CollectionFile, store: Store, say: Say) -> Entry:
    """Turn a product or record into an entry; files that steps make are in the store after it.

    Raises:
        Unreadable: no reader understands it.
        Invalid: what came of it is no valid STAC Item.
        Transient: something that it needs does not answer just now.
    """
    say(found.upstream_id, "read")
    item = _read(found, story)
    item.collection_id = story.id
    item.properties = {**story.properties, **item.properties}
    with TemporaryDirectory(prefix="swath-") as scratch:
        shelf = Shelf(store, place(story.id, item.id, found), Path(scratch))
        for step in story.steps():
            say(item.id, step.name)
            enrich = plugins.load("flows.enrich", step.name).enrich
            item = enrich(item, shelf, **step.options)
    say(item.id, "describe")
    document = _document(item)
    record = iso19139(_public(document, store), story.stac())
    return Entry(document, found.upstream_id, found.fingerprint, {"iso19139": record})


def place(collection: str, item_id: str, found: Found) -> str:
    """Where the files of one version of a product lie: never where those of another version do.

    So that a version that turns out to be damaged leaves the files of the one before untouched.
    """
    version = f"{found.upstream_id}\0{found.fingerprint}".encode()
    return f"{collection}/{item_id}/{blake2b(version, digest_size=6).hexdigest()}"


def _read(found: Found, story: CollectionFile) -> pystac.Item:
    if found.error:
        raise Unreadable(f"{found.upstream_id}: {found.error}")
    if found.document is None and not found.files:
        raise Unreadable(f"{found.upstream_id}: the folder is empty")
    for name in story.readers:
        reader = plugins.load("flows.readers", name)
        if reader.recognises(found):
            item: pystac.Item = reader.read(found, **story.reader_options.get(name, {}))
            return item
    raise Unreadable(f"{found.upstream_id}: none of {', '.join(story.readers)} recognises it")


def _document(item: pystac.Item) -> dict[str, Any]:
    """The item as the catalogue keeps it: valid against the STAC 1.1 core schema."""
    document = item.to_dict(include_self_link=False, transform_hrefs=False)
    document["links"] = [link for link in document["links"] if link["rel"] not in OWN_LINKS]
    link = {"rel": "collection", "href": f"../{item.collection_id}", "type": "application/json"}
    try:
        JsonSchemaSTACValidator().validate_core(
            {**document, "links": [*document["links"], link]},
            pystac.STACObjectType.ITEM,
            document["stac_version"],
        )
    except (STACError, STACValidationError, ValidationError) as error:
        raise Invalid(f"{item.id}: no valid STAC Item: {_first_line(error)}") from error
    return document


def _public(document: dict[str, Any], store: Store) -> dict[str, Any]:
    """The item as clients see it: a record travels far, and its addresses must open there."""
    api, storage = ApiSettings().url.rstrip("/"), StorageSettings()
    assets = {
        key: {**asset, "href": public_href(asset["href"], store, storage, api)}
        for key, asset in document["assets"].items()
    }
    href = f"{api}/collections/{document['collection']}/items/{document['id']}"
    itself = {"rel": "self", "href": href, "type": "application/geo+json"}
    return {**document, "assets": assets, "links": [*document["links"], itself]}


def _first_line(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error.__cause__, ValidationError) else error
    message = cause.message if isinstance(cause, ValidationError) else str(cause)
    return message.splitlines()[0][:300]
