"""From a product found to an entry for the catalogue: read, enrich, validate, describe."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pystac

from flows import extensions, options
from flows.collection import CollectionFile
from flows.found import Found
from flows.granules import granule, rank
from flows.narrow import outside
from flows.packages.archive import unpacked
from flows.packages.content import read
from flows.records import known, standard
from flows.scope import Scope
from flows.validate import valid
from infrastructure import plugins
from infrastructure.entry import Entry
from infrastructure.errors import Invalid, Misconfigured, Unreadable
from infrastructure.storage import Shelf, Store

OWN_LINKS = {"self", "root", "parent", "collection", "items"}
"""Relations that the API makes itself; those of another catalogue would lead users away."""

RECORDS = {"iso-19115", "fgdc"}
"""Roles of assets that are metadata records: of ISO 19115, in any of its forms, or of the FGDC."""

Say = Callable[[str, str], None]
"""Called with the product's name and what is being done to it."""


def check(story: CollectionFile) -> None:
    """Check that the plug-ins of a collection file exist and take its options.

    Raises:
        Misconfigured: the message names the file, the plug-in and what is wrong.
    """
    calls: list[tuple[str, str, str, dict[str, Any]]] = [
        *(("sources", o.type, "search", o.options()) for o in story.origins().values()),
        *(("readers", name, "read", story.reader_options.get(name, {})) for name in story.readers),
        *(("enrich", step.name, "enrich", step.options) for step in story.steps()),
    ]
    for package, name, function, given in calls:
        try:
            module = plugins.load(f"flows.{package}", name)
        except Misconfigured as error:
            raise Misconfigured(f"{story.path}: {error}") from error
        try:
            options.check(getattr(module, function), 2 if function == "enrich" else 1, given)
        except Misconfigured as error:
            raise Misconfigured(f"{story.path}: {name}: {error}") from error


def prepare(  # noqa: PLR0913 - what, by which rules, where to and for whom
    found: Found,
    story: CollectionFile,
    store: Store,
    say: Say,
    *,
    scope: Scope | None = None,
    source: str = "main",
) -> Entry | None:
    """Turn a product or record into an entry; files that steps make are in the store after it.

    Args:
        found: What the source found.
        story: The collection file.
        store: Where files go.
        say: Told what is being done.
        scope: What the source was asked for.
        source: Name of the source in the ledger.

    Returns:
        The entry; None for what lies outside the scope.

    Raises:
        Unreadable: no reader understands it.
        Invalid: what came of it is no valid STAC Item.
        Transient: something that it needs does not answer just now.
    """
    say(found.upstream_id, "read")
    found = unpacked(found)
    reader = reader_of(found, story)
    document = _clean(_document(found, story, reader), story)
    if scope and _is_outside(document, found, scope):
        return None
    own = _native(document)
    if story.steps():
        document = _clean(_enriched(document, found, story, store, say), story)
    if not getattr(reader, "STAC", False):  # what came as STAC declares its extensions itself
        document = extensions.declare(document)
        extensions.check(document)
    document = valid(document)
    native = _records(found, own)
    document["links"] += [_record_link(document, name) for name in native]
    return Entry(
        item=document,
        upstream_id=found.upstream_id,
        fingerprint=found.fingerprint,
        records=native,
        source=source,
        granule=granule(document, story.duplicates),
        rank=rank(document, story.duplicates),
    )


def reader_of(found: Found, story: CollectionFile) -> ModuleType:
    """The first reader that recognises the product."""
    if found.error:
        raise Unreadable(f"{found.upstream_id}: {found.error}")
    if found.document is None and found.record is None and not found.files:
        raise Unreadable(f"{found.upstream_id}: the folder is empty")
    for name in story.readers:
        reader = plugins.load("flows.readers", name)
        if reader.recognises(found):
            return reader
    raise Unreadable(f"{found.upstream_id}: none of {', '.join(story.readers)} recognises it")


def _document(found: Found, story: CollectionFile, reader: ModuleType) -> dict[str, Any]:
    """The item as a reader reads it."""
    options = story.reader_options.get(reader.__name__.rpartition(".")[2], {})
    if hasattr(reader, "document"):  # it need not be made an object to be read
        return dict(reader.document(found, **options))
    item: pystac.Item = reader.read(found, **options)
    return item.to_dict(include_self_link=False, transform_hrefs=False)


def _is_outside(document: dict[str, Any], found: Found, scope: Scope) -> bool:
    try:
        return bool(outside(document, scope, found.changed))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        valid(document)  # which tells what is wrong with it
        raise Unreadable(f"{found.upstream_id}: nobody can say where and when it is") from error


def _clean(document: dict[str, Any], story: CollectionFile) -> dict[str, Any]:
    """The item as the collection's own, without the links that the API makes."""
    return {
        **document,
        "stac_version": "1.1.0",
        "collection": story.id,
        "properties": {**story.properties, **document["properties"]},
        "links": _links(document),
    }


def _links(document: dict[str, Any]) -> list[dict[str, Any]]:
    links = document["links"] or []
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        raise Invalid(f"{document['id']}: `links` is not a list of objects")
    return [link for link in links if str(link.get("rel")) not in OWN_LINKS]


def _enriched(
    document: dict[str, Any], found: Found, story: CollectionFile, store: Store, say: Say
) -> dict[str, Any]:
    item = pystac.Item.from_dict(document, migrate=False)  # a copy: the record stays as it came
    with TemporaryDirectory(prefix="swath-") as scratch:
        shelf = Shelf(store, place(story.id, item.id, found), Path(scratch))
        for step in story.steps():
            say(item.id, step.name)
            enrich = plugins.load("flows.enrich", step.name).enrich
            item = enrich(item, shelf, **step.options)
    return item.to_dict(include_self_link=False, transform_hrefs=False)


def _native(document: dict[str, Any]) -> list[str]:
    """Where the metadata records lie that a product brings along, such as INSPIRE.xml."""
    assets = document["assets"].values()
    return [asset["href"] for asset in assets if RECORDS.intersection(asset.get("roles") or [])]


def _records(found: Found, own: list[str]) -> dict[str, bytes]:
    """The metadata records that the product came with, as they came."""
    if found.record:
        return {standard(found.record): found.record}
    records = [read(href) for href in own] if found.files else []
    told = [(kind, record) for record in records if (kind := known(record))]
    return dict(reversed(told))  # the first of each standard


def _record_link(document: dict[str, Any], standard: str) -> dict[str, str]:
    """Where the API serves a record; an address relative to its root, as pgstac keeps them."""
    return {
        "rel": "alternate",
        "type": "application/xml",
        "title": f"Metadata as it came ({standard})",
        "href": f"collections/{document['collection']}/items/{document['id']}/records/{standard}",
    }


def place(collection: str, item_id: str, found: Found) -> str:
    """Where the files of one version of a product lie: never where those of another version do.

    So that a version that turns out to be damaged leaves the files of the one before untouched.
    """
    version = f"{found.upstream_id}\0{found.fingerprint}".encode()
    return f"{collection}/{item_id}/{blake2b(version, digest_size=6).hexdigest()}"
