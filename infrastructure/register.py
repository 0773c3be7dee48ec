"""Registering and deregistering: item, record, ledger, extent and event in one transaction.

A batch is committed whole or not at all. There is one writer per collection at a time (advisory
lock), so that pgstac's loader, which is not safe against itself, never meets another.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
import psycopg
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from infrastructure import journal
from infrastructure.catalogue import Catalogue, lock_collection
from infrastructure.database import Connection
from infrastructure.errors import Invalid
from infrastructure.journal import Change, Entry, Held, Registration

VOLATILE = ("created", "updated")
"""Properties that say when a document was written, not what it says."""


def register(
    catalogue: Catalogue,
    collection: str,
    entries: Iterable[Entry],
    run: UUID | None = None,
    batch: int = 5000,
) -> Registration:
    """Register a stream of items, one transaction per batch; the stream is never held whole.

    An item whose content is what the catalogue has already is left alone. An item whose id
    another upstream record of the collection holds, or that pgstac does not take, is refused
    with the reason, and the others of its batch are registered.

    Raises:
        NotFound: there is no such collection.
        Unreachable: the database does not answer; nothing of the batch was registered.
    """
    catalogue.collection(collection)
    done = Registration()
    stream = iter(entries)
    while chunk := list(islice(stream, batch)):
        done.add(_register(catalogue, collection, chunk, run))
    return done


def deregister(catalogue: Catalogue, collection: str, ids: Sequence[str]) -> list[str]:
    """Remove items with their records; the ids that there were. The ledger remembers them.

    Raises:
        Unreachable: the database does not answer; nothing was removed.
    """
    with catalogue.transaction() as connection:
        lock_collection(connection, collection)
        return journal.remove(connection, collection, ids)


def hash_content(item: dict[str, Any]) -> str:
    """A digest of what an item says, whatever the order of its keys and whenever it was written."""
    properties = {k: v for k, v in item["properties"].items() if k not in VOLATILE}
    document = orjson.dumps({**item, "properties": properties}, option=orjson.OPT_SORT_KEYS)
    return blake2b(document, digest_size=16).hexdigest()


def _register(
    catalogue: Catalogue, collection: str, entries: list[Entry], run: UUID | None
) -> Registration:
    """Register one batch; if pgstac refuses it, halve it until the culprits stand alone."""
    try:
        with catalogue.transaction() as connection:
            lock_collection(connection, collection)
            result = Registration()
            held = journal.held(connection, collection, [entry.id for entry in entries])
            changes, same = _sort_out(held, entries, result)
            if same:
                journal.remember(connection, collection, same, run)
            if changes:
                with _refusals():
                    journal.write(connection, collection, changes, run)
                    _load(catalogue, connection, collection, changes)
            return result
    except Invalid as error:
        if len(entries) == 1:
            return Registration(refused=[(entries[0], str(error))])
    middle = len(entries) // 2
    result = _register(catalogue, collection, entries[:middle], run)
    result.add(_register(catalogue, collection, entries[middle:], run))
    return result


def _sort_out(
    held: dict[str, Held], entries: list[Entry], result: Registration
) -> tuple[list[Change], list[Change]]:
    """Put each entry into one list of the result; those to be written, and to be remembered."""
    batch: dict[str, Entry] = {}
    for entry in entries:
        owner = (batch.get(entry.id) or held.get(entry.id, Held())).upstream_id
        if owner in {None, entry.upstream_id}:
            batch[entry.id] = entry
        else:
            result.refused.append((entry, f"item id '{entry.id}' belongs to {owner} already"))
    changes, same = [], []
    for item_id, entry in batch.items():
        change = Change(entry, hash_content(entry.item), item_id not in held)
        if change.new:
            result.registered.append(item_id)
            changes.append(change)
        elif held[item_id].content_hash != change.content_hash:
            result.updated.append(item_id)
            changes.append(change)
        else:
            result.unchanged.append(item_id)
            if held[item_id].fingerprint != entry.fingerprint:
                same.append(change)
    return changes, same


def _load(
    catalogue: Catalogue, connection: Connection, collection: str, changes: list[Change]
) -> None:
    """Write the items by pgstac's own loader, inside the open transaction, and count them."""
    loader = Loader(PgstacDB(pool=catalogue.pool, connection=connection))
    new = [change.entry.item for change in changes if change.new]
    old = [change.entry.item for change in changes if not change.new]
    for items, mode in ((new, Methods.insert), (old, Methods.delsert)):
        if items:
            loader.load_items(iter(items), mode)
    arrived = journal.count(connection, collection, [change.entry.id for change in changes])
    if arrived != len(changes):
        raise Invalid(f"{len(changes)} items were sent to pgstac and {arrived} arrived")


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever is wrong with the items themselves becomes Invalid."""
    try:
        yield
    except (Invalid, psycopg.OperationalError):
        raise
    except Exception as error:  # pypgstac raises bare Exceptions
        raise Invalid(f"pgstac does not take it: {error}") from error
