"""Remove items everywhere: from the catalogue, then the files that were made for them."""

from collections.abc import Sequence

from flows import collection as collections
from infrastructure.catalogue import Catalogue
from infrastructure.duplicates import Rule
from infrastructure.errors import SwathError
from infrastructure.register import deregister
from infrastructure.settings import DatabaseSettings, HarvestSettings, StorageSettings
from infrastructure.storage import asset_store


def remove(collection: str, items: Sequence[str], *, for_good: bool = True) -> list[str]:
    """Deregister items and delete their files; the ids that there were.

    The catalogue comes first, so that it never points at files that are gone. Files that an
    earlier call left behind, because it was stopped, go with the next.

    Args:
        collection: Id of the collection.
        items: Ids of items.
        for_good: The same version of a product does not come back with the next harvest.

    Raises:
        Unreachable: database or store do not answer.
    """
    with Catalogue(DatabaseSettings()) as catalogue:
        removed = deregister(
            catalogue, collection, items, for_good=for_good, rule=_rule(collection)
        )
    store = asset_store(StorageSettings())
    for item in items:
        store.delete(f"{collection}/{item}/")
    return removed


def _rule(collection: str) -> Rule:
    """What the collection file says of duplicates, if there is one."""
    try:
        return collections.find(HarvestSettings().collections, collection).duplicates.rule
    except SwathError:
        return "newest"
