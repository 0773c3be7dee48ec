"""Registering and deregistering: item, record, ledger, extent and event in one transaction.

A batch is committed whole or not at all. There is one writer per collection at a time (advisory
lock), so that pgstac's loader, which is not safe against itself, never meets another.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import psycopg
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from infrastructure import journal
from infrastructure.catalogue import Catalogue, lock_collection
from infrastructure.database import Connection
from infrastructure.entry import Entry, Packed, pack, unpack
from infrastructure.errors import Invalid
from infrastructure.journal import Batch, Held


@dataclass
class Registration:
    """What registering did, by item id."""

    registered: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Items that gave way, because their product has another item id now."""
    refused: dict[str, str] = field(default_factory=dict)
    """Upstream id -> the reason why it was not registered."""

    def add(self, other: "Registration") -> None:
        """Take in what another batch did."""
        self.registered += other.registered
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.removed += other.removed
        self.refused |= other.refused


def register(
    catalogue: Catalogue,
    collection: str,
    entries: Iterable[Entry],
    run: UUID | None = None,
    batch: int = 5000,
) -> Registration:
    """Register a stream of items, one transaction per batch; two batches are held at most.

    An item whose content is what the catalogue has already is left alone. An item whose id
    another upstream record of the collection holds, or that pgstac does not take, is refused
    with the reason, and the others of its batch are registered.

    Raises:
        NotFound: there is no such collection.
        Unreachable: the database does not answer; nothing of the batch was registered.
    """
    catalogue.collection(collection)
    done = Registration()
    for chunk in _ahead(_packed(entries, done), batch):
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


def _ahead(stream: Iterator[Packed], size: int) -> Iterator[list[Packed]]:
    """The stream in batches; while PostgreSQL writes one, the next is made ready in a thread."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(lambda: list(islice(stream, size)))
        while chunk := following.result():
            following = thread.submit(lambda: list(islice(stream, size)))
            yield chunk


def _packed(entries: Iterable[Entry], done: Registration) -> Iterator[Packed]:
    for entry in entries:
        try:
            yield pack(entry)
        except Invalid as error:
            done.refused[entry.upstream_id] = str(error)


def _register(
    catalogue: Catalogue, collection: str, entries: list[Packed], run: UUID | None
) -> Registration:
    """Register one batch; if pgstac refuses it, halve it until the culprits stand alone."""
    result = Registration()
    try:
        with catalogue.transaction() as connection:
            lock_collection(connection, collection)
            held = journal.held(connection, collection, [entry.id for entry in entries])
            batch = _sort_out(held, entries, result)
            known = journal.former(connection, collection, batch)
            now = {entry.upstream_id: entry.id for entry in batch.written}
            if gone := [i for u, i in known.items() if i and i != now.get(u, i)]:
                result.removed = journal.remove(connection, collection, gone)
            with _refusals():
                journal.write(connection, collection, batch, known, run)
                _load(catalogue, connection, batch.new, Methods.insert)
                _load(catalogue, connection, batch.changed, Methods.delsert)
            _count(connection, collection, batch.written)
            return result
    except Invalid as error:
        if len(entries) == 1:
            return Registration(refused={entries[0].upstream_id: str(error)})
    middle = len(entries) // 2
    result = _register(catalogue, collection, entries[:middle], run)
    result.add(_register(catalogue, collection, entries[middle:], run))
    return result


def _sort_out(held: dict[str, Held], entries: list[Packed], result: Registration) -> Batch:
    """Tell new from changed and unchanged items, and refuse those that another product holds."""
    accepted: dict[str, Packed] = {}
    for entry in entries:
        owner = (accepted.get(entry.id) or held.get(entry.id, Held())).upstream_id
        if owner in {None, entry.upstream_id}:
            accepted[entry.id] = entry
        else:
            reason = f"item id '{entry.id}' belongs to {owner} already"
            result.refused[entry.upstream_id] = reason
    new = [entry for entry in accepted.values() if entry.id not in held]
    there = [entry for entry in accepted.values() if entry.id in held]
    changed = [entry for entry in there if held[entry.id].content_hash != entry.content_hash]
    unchanged = [entry for entry in there if held[entry.id].content_hash == entry.content_hash]
    result.registered = [entry.id for entry in new]
    result.updated = [entry.id for entry in changed]
    result.unchanged = [entry.id for entry in unchanged]
    same = [entry for entry in unchanged if held[entry.id].fingerprint != entry.fingerprint]
    return Batch(new, changed, same)


def _load(
    catalogue: Catalogue, connection: Connection, entries: list[Packed], method: Methods
) -> None:
    """Write items by pgstac's own loader, inside the open transaction."""
    if entries:
        updated = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        loader = Loader(PgstacDB(pool=catalogue.pool, connection=connection))
        loader.load_items((unpack(entry, updated) for entry in entries), method)


def _count(connection: Connection, collection: str, entries: list[Packed]) -> None:
    arrived = journal.count(connection, collection, [entry.id for entry in entries])
    if arrived != len(entries):
        raise Invalid(f"{len(entries)} items were sent to pgstac and {arrived} arrived")


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever is wrong with the items themselves becomes Invalid."""
    try:
        yield
    except psycopg.errors.ProgramLimitExceeded as error:  # psycopg has it as operational
        raise Invalid(f"pgstac does not take it: {error}") from error
    except psycopg.OperationalError:
        raise
    except Exception as error:  # pypgstac raises bare Exceptions
        raise Invalid(f"pgstac does not take it: {error}") from error
