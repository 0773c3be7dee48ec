"""Registering and deregistering: item, record, ledger, extent and event in one transaction.

A batch is committed whole or not at all. There is one writer per collection at a time (advisory
lock), so that pgstac's loader, which is not safe against itself, never meets another.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from uuid import UUID

import psycopg
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from infrastructure import duplicates, journal
from infrastructure.catalogue import Catalogue, lock_collection
from infrastructure.database import Connection
from infrastructure.duplicates import Rule
from infrastructure.entry import Entry, Key, Packed, pack, renewed
from infrastructure.errors import Invalid
from infrastructure.ledger import mark_seen, returning


@dataclass
class Registration:
    """What registering did, by source and upstream id; `Key` of infrastructure/entry.py."""

    registered: list[Key] = field(default_factory=list)
    updated: list[Key] = field(default_factory=list)
    unchanged: list[Key] = field(default_factory=list)
    superseded: list[Key] = field(default_factory=list)
    """They lost to a duplicate."""
    removed: list[str] = field(default_factory=list)
    """Item ids that gave way, because their product has another item id now."""
    refused: dict[Key, str] = field(default_factory=dict)
    """The reason why it was not registered."""

    def add(self, other: "Registration") -> None:
        """Take in what another batch did."""
        self.registered += other.registered
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.superseded += other.superseded
        self.removed += other.removed
        self.refused |= other.refused

    def state(self, key: Key) -> str:
        """What became of an entry: the name of one of the lists above."""
        return self._states[key]

    @cached_property
    def _states(self) -> dict[Key, str]:
        kinds = ("registered", "updated", "unchanged", "superseded")
        told = {key: kind for kind in kinds for key in getattr(self, kind)}
        return {**told, **dict.fromkeys(self.refused, "refused")}


@dataclass(frozen=True)
class Target:
    """Where a batch goes."""

    catalogue: Catalogue
    collection: str
    run: UUID | None
    rule: Rule


def register(  # noqa: PLR0913 - what, where to, for whom and how
    catalogue: Catalogue,
    collection: str,
    entries: Iterable[Entry | Packed],
    run: UUID | None = None,
    *,
    batch: int = 5000,
    rule: Rule = "newest",
) -> Registration:
    """Register a stream of items, one transaction per batch; two batches are held at most.

    An item whose content is what the catalogue has already is left alone. An item that pgstac
    does not take is refused with the reason, and the others of its batch are registered. What
    becomes of an item that shows the same as another is told in infrastructure/duplicates.py.

    Raises:
        NotFound: there is no such collection.
        Unreachable: the database does not answer; nothing of the batch was registered.
    """
    catalogue.collection(collection)
    done = Registration()
    target = Target(catalogue, collection, run, rule)
    for chunk in _ahead(_packed(entries, done), batch):
        done.add(_register(target, chunk))
    return done


def deregister(
    catalogue: Catalogue,
    collection: str,
    ids: Sequence[str],
    *,
    for_good: bool = True,
    rule: Rule = "newest",
) -> list[str]:
    """Remove items with their records; the ids that there were. The ledger remembers them.

    Args:
        catalogue: The catalogue.
        collection: Id of the collection.
        ids: Ids of items.
        for_good: The same version of a product does not come back with the next harvest.
        rule: Of two duplicates of what goes, which one takes its place.

    Raises:
        Unreachable: the database does not answer; nothing was removed.
    """
    with catalogue.transaction() as connection:
        lock_collection(connection, collection)
        granules = duplicates.granules_of(connection, collection, ids)
        removed = journal.remove(connection, collection, ids, for_good=for_good)
        duplicates.release(connection, collection, removed)
        _settle(Target(catalogue, collection, None, rule), connection, granules)
        return removed


def _ahead(stream: Iterator[Packed], size: int) -> Iterator[list[Packed]]:
    """The stream in batches; while PostgreSQL writes one, the next is made ready in a thread."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(lambda: list(islice(stream, size)))
        while chunk := following.result():
            following = thread.submit(lambda: list(islice(stream, size)))
            yield chunk


def _packed(entries: Iterable[Entry | Packed], done: Registration) -> Iterator[Packed]:
    for entry in entries:
        try:
            yield entry if isinstance(entry, Packed) else pack(entry)
        except Invalid as error:
            done.refused[entry.source, entry.upstream_id] = str(error)


def _register(target: Target, entries: list[Packed]) -> Registration:
    """Register one batch; if pgstac refuses it, halve it until the culprits stand alone."""
    try:
        with target.catalogue.transaction() as connection:
            lock_collection(connection, target.collection)
            return _write(target, connection, entries)
    except Invalid as error:
        if len(entries) == 1:
            return Registration(refused={entries[0].key: str(error)})
    middle = len(entries) // 2
    result = _register(target, entries[:middle])
    result.add(_register(target, entries[middle:]))
    return result


def _write(target: Target, connection: Connection, entries: list[Packed]) -> Registration:
    collection = target.collection
    entries = [*{entry.key: entry for entry in entries}.values()]  # the last of each record
    known = journal.former(connection, collection, entries)
    removed = _give_way(connection, collection, entries, known)
    batch = duplicates.sort_out(connection, collection, entries, target.rule)
    with _refusals():
        journal.write(connection, collection, batch, known, target.run)
        _load(target.catalogue, connection, batch.new, Methods.insert)
        _load(target.catalogue, connection, batch.changed, Methods.delsert)
    _count(connection, collection, batch.written)
    lost = _settle(target, connection, {e.granule for e in batch.all if e.granule})
    return Registration(
        registered=[entry.key for entry in batch.new if entry.key not in lost],
        updated=[entry.key for entry in batch.changed if entry.key not in lost],
        unchanged=[entry.key for entry in batch.same],
        superseded=[entry.key for entry in batch.beaten]
        + [entry.key for entry in batch.written if entry.key in lost],
        removed=removed,
    )


def _give_way(
    connection: Connection, collection: str, entries: list[Packed], known: dict[Key, str | None]
) -> list[str]:
    """Remove the items of products whose item has another id now; before it is judged who wins."""
    now = {entry.key: entry.id for entry in entries}
    gone = [
        item
        for key, item in known.items()
        if item and item != now[key] and not item.startswith(f"{now[key]}{duplicates.APART}")
    ]
    if not gone:
        return []
    removed = journal.remove(connection, collection, gone, for_good=False)
    duplicates.release(connection, collection, removed)
    return removed


def see(
    catalogue: Catalogue,
    collection: str,
    source: str,
    upstream_ids: Sequence[str],
    rule: Rule = "newest",
) -> None:
    """Remember that upstream still has these; the duplicates of what was missing are judged anew.

    Raises:
        Unreachable: the database does not answer; nothing was changed.
    """
    with catalogue.transaction() as connection:
        granules = returning(connection, collection, source, upstream_ids)
        if granules:
            lock_collection(connection, collection)
        mark_seen(connection, collection, source, upstream_ids)
        _settle(Target(catalogue, collection, None, rule), connection, granules)


def _settle(target: Target, connection: Connection, granules: Collection[str]) -> set[Key]:
    """Give the items of granules the links of their standing; the keys of those that lost."""
    if not granules:
        return set()
    told = duplicates.standings(connection, target.collection, granules, target.rule)
    standing = {member.item_id: (successor, rest) for member, successor, rest in told}
    items = journal.items(connection, target.collection, [*standing])
    changed = [
        pack(Entry(after, "", ""))
        for item in items
        if (after := duplicates.linked(item, *standing[item["id"]])) != item
    ]
    if changed:
        journal.rewrite(connection, target.collection, changed)
        _load(target.catalogue, connection, changed, Methods.delsert)
    return {member.key for member, successor, _ in told if successor}


def _load(
    catalogue: Catalogue, connection: Connection, entries: list[Packed], method: Methods
) -> None:
    """Write items by pgstac's own loader, inside the open transaction."""
    if entries:
        updated = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        loader = Loader(PgstacDB(pool=catalogue.pool, connection=connection))
        loader.load_items((renewed(entry, updated) for entry in entries), method)


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
