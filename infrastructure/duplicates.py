"""Duplicates: items of one collection that show the same, from two sources or in two versions.

Two records with the same item id are duplicates, and so are two items of the same granule (see
`duplicates` of the collection file). The collection's rule says what becomes of them:

- `newest`: that of the larger rank wins, and of two equals the one that was there first;
- `first`: the one that was there first wins;
- `both`: both are kept; the id of the later one gets `~~` and a digest where the ids are the same.

The loser stays in the ledger as superseded. If it has an item id of its own, its item stays too:
deprecated, with a link `successor-version` to the winner's (STAC Version extension 1.2.0), and it
comes back when the winner goes.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

from infrastructure import journal
from infrastructure.database import Connection
from infrastructure.entry import Key, Packed, Rank, digest
from infrastructure.journal import Batch, Held
from infrastructure.ledger import reset_cursors

Rule = Literal["newest", "first", "both"]

VERSION = "https://stac-extensions.github.io/version/v1.2.0/schema.json"
RELATIONS = ("successor-version", "predecessor-version")

APART = "~~"
"""Between an id and the digest that sets a second item of that id apart; no quoted id has it."""


@dataclass(frozen=True)
class Member:
    """An item of a granule, as the ledger knows it."""

    granule: str
    item_id: str
    key: Key
    rank: Rank
    first_seen: datetime
    state: str
    successor: str | None
    missing: bool
    """Whether upstream has it no more."""


def sort_out(connection: Connection, collection: str, entries: list[Packed], rule: Rule) -> Batch:
    """Tell new from changed and unchanged items, and winners from losers of the same item id."""
    held = journal.held(connection, collection, [entry.id for entry in entries])
    if rule == "both":
        entries = [*_apart(held, entries)]
        held |= journal.held(connection, collection, [e.id for e in entries if e.id not in held])
    accepted: dict[str, Packed] = {}
    beaten: list[Packed] = []
    for entry in entries:
        rival = accepted.get(entry.id)
        owner = Held(rival.key, rank=rival.rank) if rival else held.get(entry.id, Held())
        if owner.key in {None, entry.key} or (
            rule == "newest" and order(entry.rank) > order(owner.rank)
        ):
            accepted[entry.id] = entry
            beaten += [rival] if rival and rival.key != entry.key else []
        else:
            beaten.append(entry)
    return _batch(held, accepted, beaten)


def _batch(held: dict[str, Held], accepted: dict[str, Packed], beaten: list[Packed]) -> Batch:
    there = [entry for entry in accepted.values() if entry.id in held]
    owners = ((held[entry.id].key, entry) for entry in there)
    return Batch(
        new=[entry for entry in accepted.values() if entry.id not in held],
        changed=[e for e in there if held[e.id].content_hash != e.content_hash],
        same=[e for e in there if held[e.id].content_hash == e.content_hash],
        beaten=beaten,
        ousted=[key for key, entry in owners if key and key != entry.key],
    )


def _apart(held: dict[str, Held], entries: Iterable[Packed]) -> Iterable[Packed]:
    """Give those whose id another record has an id of their own, always the same."""
    owners: dict[str, Key | None] = {name: known.key for name, known in held.items()}
    for entry in entries:
        if owners.setdefault(entry.id, entry.key) in {None, entry.key}:
            yield entry
        else:
            mark = blake2b("\0".join(entry.key).encode(), digest_size=4).hexdigest()
            name = f"{entry.id}{APART}{mark}"
            item = {**entry.item, "id": name}
            yield replace(entry, id=name, item=item, content_hash=digest(item, entry.records))


def order(rank: Rank) -> list[tuple[int, str | float]]:
    """What the ranks of duplicates are compared by: nothing before numbers before text."""
    return [(0, 0) if p is None else (2, p) if isinstance(p, str) else (1, p) for p in rank]


def granules_of(connection: Connection, collection: str, ids: Sequence[str]) -> set[str]:
    """The granules that these items show."""
    rows = connection.execute(
        "SELECT DISTINCT granule FROM swath.ledger"
        " WHERE collection = %s AND item_id = ANY(%s) AND granule IS NOT NULL",
        [collection, list(ids)],
    )
    return {granule for (granule,) in rows}


def release(connection: Connection, collection: str, gone: Sequence[str]) -> None:
    """Let records that had lost their item id to items that are gone be harvested again."""
    rows = connection.execute(
        "UPDATE swath.ledger SET state = 'deregistered', successor = NULL, fingerprint = '',"
        " missing_since = NULL, last_changed = now()"
        " WHERE collection = %s AND successor = ANY(%s) AND item_id IS NULL RETURNING source",
        [collection, list(gone)],
    ).fetchall()
    # an incremental source would not tell of them again
    reset_cursors(connection, collection, {source for (source,) in rows})


def standings(
    connection: Connection, collection: str, granules: Collection[str], rule: Rule
) -> list[tuple[Member, str | None, list[str]]]:
    """Each item of these granules, the item that it gives way to, and those that give way to it.

    The ledger is brought to this state, too.
    """
    rows = connection.execute(
        "SELECT granule, item_id, source, upstream_id, rank, first_seen, state, successor,"
        " missing_since IS NOT NULL FROM swath.ledger"
        " WHERE collection = %s AND granule = ANY(%s) AND item_id IS NOT NULL"
        " AND state IN ('registered', 'superseded', 'missing')"
        " ORDER BY granule, first_seen, source, upstream_id",
        [collection, list(granules)],
    ).fetchall()
    groups: dict[str, list[Member]] = {}
    for granule, item, source, upstream, rank, *rest in rows:
        member = Member(granule, item, (source, upstream), tuple(rank or ()), *rest)
        groups.setdefault(granule, []).append(member)
    told = [standing for group in groups.values() for standing in _judge(group, rule)]
    for member, successor, _ in told:
        if successor != member.successor:
            _set_successor(connection, collection, member, successor)
    return told


def _judge(group: list[Member], rule: Rule) -> Iterable[tuple[Member, str | None, list[str]]]:
    present = [member for member in group if not member.missing]
    best = max(present, key=lambda member: order(member.rank), default=None)
    winner = present[0] if present and rule == "first" else best
    if winner is None or rule == "both":
        return [(member, None, []) for member in group]
    losers = [m.item_id for m in present if m is not winner]
    return [
        (m, None, losers if m is winner else [])
        if m is winner or (m.missing and m.state != "superseded")
        else (m, winner.item_id, [])
        for m in group
    ]


def _set_successor(
    connection: Connection, collection: str, member: Member, successor: str | None
) -> None:
    connection.execute(
        "UPDATE swath.ledger SET state = %s, successor = %s, last_changed = now()"
        " WHERE collection = %s AND source = %s AND upstream_id = %s",
        [_state(member, successor), successor, collection, *member.key],
    )


def _state(member: Member, successor: str | None) -> str:
    if successor:
        return "superseded"
    return "missing" if member.missing else "registered"


def linked(
    item: dict[str, Any], successor: str | None, predecessors: Sequence[str]
) -> dict[str, Any]:
    """An item with the links and the flag of its standing, and without those that it had."""
    base = f"collections/{item['collection']}/items/"
    links = [link for link in item["links"] if not _is_ours(link, base)]
    ours = [("successor-version", successor)] if successor else []
    ours += [("predecessor-version", name) for name in predecessors]
    links += [{"rel": r, "href": base + name, "type": "application/geo+json"} for r, name in ours]
    properties, extensions = dict(item["properties"]), list(item.get("stac_extensions") or [])
    if successor:
        properties["deprecated"] = True
    elif any(link["rel"] == "successor-version" and _is_ours(link, base) for link in item["links"]):
        properties.pop("deprecated", None)
    if ours and VERSION not in extensions:
        extensions.append(VERSION)
    return {**item, "links": links, "properties": properties, "stac_extensions": extensions}


def _is_ours(link: dict[str, Any], base: str) -> bool:
    return link.get("rel") in RELATIONS and str(link.get("href", "")).startswith(base)
