"""Telling pgstac the types of properties that no standard defines, as items have them.

pgstac compares a number as the text that it is written as unless it is told its type, and one
item with a text among numbers makes every comparison fail for everybody: such a property is
compared as text.
"""

from collections.abc import Iterable

from infrastructure.database import Connection
from infrastructure.queryables.known import KNOWN, wrapper

MARK = "swath:learnt"
"""What the definitions of our rows have; rows of others are left alone."""

SEEN = """
SELECT told.key, array_agg(DISTINCT kind ORDER BY kind)
FROM swath.summary, jsonb_each(seen -> 'types') AS told, jsonb_array_elements_text(told.value) kind
WHERE told.key = ANY(%s) GROUP BY told.key ORDER BY told.key
"""

FORGET = """
DELETE FROM queryables WHERE definition ? 'swath:learnt' AND name = %s AND property_wrapper <> %s
"""

TELL = """
INSERT INTO queryables (name, definition, property_wrapper)
SELECT told.name, jsonb_build_object('title', told.name, 'swath:learnt', true), told.wrapper
FROM unnest(%s::text[], %s::text[]) AS told (name, wrapper)
WHERE NOT EXISTS (SELECT FROM queryables q WHERE q.name = told.name)
"""
"""One statement: pgstac looks at every partition after each."""


def declare(connection: Connection, names: Iterable[str]) -> None:
    """Tell pgstac the types of properties, in the transaction of the items that changed them.

    Args:
        connection: In a transaction that has written `swath.summary`.
        names: Properties of new or changed types.
    """
    unknown = [name for name in names if name not in KNOWN and "." not in name]
    seen = connection.execute(SEEN, [unknown]).fetchall() if unknown else []
    wrappers = {name: wrapper(name, kinds) for name, kinds in seen if kinds != ["string"]}
    for name, read_by in wrappers.items():
        connection.execute(FORGET, [name, read_by])
    told = [(name, read_by) for name, read_by in wrappers.items() if _matters(read_by, name, seen)]
    if told:
        connection.execute(TELL, [[name for name, _ in told], [read_by for _, read_by in told]])


def _matters(read_by: str, name: str, seen: list[tuple[str, list[str]]]) -> bool:
    """Whether pgstac would read it in another way if it were not told."""
    return read_by != "to_text" or len(dict(seen)[name]) > 1
