"""How what is registered by hand is read and enriched: the story of the collection it goes to."""

from pathlib import Path
from typing import Any

from flows import collection as collections
from flows.collection import CollectionFile
from flows.origin import Source
from flows.product import check
from infrastructure import plugins
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid, NotFound

SOURCE = "registration"
"""Name of the source in the ledger, beside those of the collection file."""

APPLICATIONS, SERVICES = "applications", "services"

ON_DEMAND = {
    APPLICATIONS: ("Applications", "Processing of Earth-observation data, described in CWL."),
    SERVICES: ("Services", "Catalogues, map and processing services elsewhere."),
}
"""Collections that are made when something goes there first: id -> title and description."""

DOCUMENTS = ("stac", "iso", "dublin_core", "fgdc", "dif")
"""Readers of documents, which every collection takes."""


def story(catalogue: Catalogue, folder: Path, collection: str) -> CollectionFile:
    """The story of a collection: its file, or what its document in the catalogue says.

    Args:
        catalogue: The catalogue.
        folder: Where the collection files are.
        collection: Id of the collection.

    Raises:
        NotFound: there is no such collection.
        Misconfigured: its file is wrong.
        Invalid: its id is none that addresses can hold.
    """
    found = _of_file(catalogue, folder, collection) or _of_document(catalogue, collection)
    known = plugins.names("flows.readers")
    documents = [name for name in DOCUMENTS if name in known and name not in found.readers]
    return found.model_copy(
        update={
            "source": None,
            "sources": {SOURCE: Source(type=SOURCE)},
            "readers": [*found.readers, *documents],
        }
    )


def has_file(folder: Path, collection: str) -> bool:
    """Whether a collection file tells the story of a collection."""
    try:
        collections.find(folder, collection)
    except NotFound:
        return False
    return True


def _of_file(catalogue: Catalogue, folder: Path, collection: str) -> CollectionFile | None:
    try:
        found = collections.find(folder, collection)
    except NotFound:
        return None
    check(found)
    catalogue.put_collection(found.stac())
    return found


def _of_document(catalogue: Catalogue, collection: str) -> CollectionFile:
    """Read plainly, with no steps; see `ON_DEMAND`."""
    try:
        document = catalogue.collection(collection)
    except NotFound:
        if collection not in ON_DEMAND:
            raise
        document = _plain(collection, *ON_DEMAND[collection]).stac()
        catalogue.put_collection(document)
    title = str(document.get("title") or collection)
    return _plain(collection, title, str(document.get("description") or title))


def _plain(collection: str, title: str, description: str) -> CollectionFile:
    values: dict[str, Any] = {"id": collection, "title": title, "description": description}
    try:
        return CollectionFile(**values, source=Source(type=SOURCE))
    except ValueError as error:
        raise Invalid(f"'{collection}' is no id that a registration can name") from error
