"""Indexes of properties, made by pgstac's own functions on the partitions of a collection.

A small collection needs none: 10,000 items are read in milliseconds, and every index costs at each
item and at the planning of each search. See decision 0019.
"""

from collections.abc import Iterable

from infrastructure.database import Connection
from infrastructure.queryables.known import ALWAYS, wrapper

LARGE = 10_000
"""Items from which on a collection has indexes."""

USUAL = ("eo:cloud_cover", "platform", "sat:relative_orbit", "grid:code", "updated")
"""Properties that are indexed where items have them."""

KEY = "swath:indexed"
"""Member of a collection that names further properties, or fewer: it replaces the usual ones."""

WANTED = """
SELECT s.seen -> 'types', c.content -> 'swath:indexed' FROM swath.summary s
JOIN collections c ON c.id = s.collection
WHERE s.collection = %s AND s.items >= %s
"""

KEPT = """
SELECT property_path[2] FROM queryables
WHERE collection_ids = ARRAY[%s] AND definition ? 'swath:index'
"""

MADE = """
SELECT upsert_queryable(%s, '{"swath:index": true}', %s, %s, ARRAY[%s], ARRAY['properties', %s])
"""
"""A second name of the property: its first one has its type, for searches of all collections."""


def keep(connection: Connection, collection: str) -> list[str]:
    """Make the indexes that a large collection lacks, and drop those that it names no more.

    Returns:
        The properties whose indexes were made, in the transaction of the connection.
    """
    row = connection.execute(WANTED, [collection, LARGE]).fetchone()
    if row is None:
        return []
    types, named = {**ALWAYS, **(row[0] or {})}, row[1]
    names = [name for name in (USUAL if named is None else named) if name in types]
    kept = {name for (name,) in connection.execute(KEPT, [collection]).fetchall()}
    missing = [name for name in names if name not in kept]
    for name in missing:
        read_by, method = _read(name, types[name])
        alias = _alias(collection, name)
        connection.execute(MADE, [alias, read_by, method, collection, name])
    _drop(connection, collection, kept.difference(names))
    return missing


def _drop(connection: Connection, collection: str, names: Iterable[str]) -> None:
    gone = [_alias(collection, name) for name in names]
    for alias in gone:
        connection.execute("SELECT delete_queryable(%s, ARRAY[%s])", [alias, collection])
    if gone:
        connection.execute(
            "SELECT maintain_partitions(format('_items_%%s', key), true) FROM collections"
            " WHERE id = %s AND to_regclass(format('pgstac._items_%%s', key)) IS NOT NULL",
            [collection],
        )


def _alias(collection: str, name: str) -> str:
    return f"index/{collection}/{name}"


def _read(name: str, kinds: list[str]) -> tuple[str, str]:
    """Pgstac's function that reads the property, and the access method of its index."""
    if kinds == ["array"]:
        return "to_text_array", "GIN"
    return wrapper(name, kinds), "BTREE"
