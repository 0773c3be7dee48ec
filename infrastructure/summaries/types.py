"""Types of the items' properties, widened batch by batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

LIMIT = 300
"""Properties of a collection whose types are kept."""

JSON = {
    bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object",
}  # fmt: skip

MOMENT = "date-time"


def widened(seen: Mapping[str, list[str]], batch: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What was seen, with the properties of more items; null says nothing.

    Args:
        seen: Name -> JSON types, `date-time` for texts that are times.
        batch: The properties of the items.
    """
    found = defaultdict[str, set[type]](set)
    for properties in batch:
        for name, value in properties.items():
            found[name].add(value.__class__)
    result = dict(seen)
    for name, classes in found.items():
        if name in result or len(result) < LIMIT:
            kinds = {JSON[kind] for kind in classes if kind in JSON}
            if "string" in kinds and _are_moments(seen.get(name), batch, name):
                kinds = kinds - {"string"} | {MOMENT}
            if kinds := kinds | set(result.get(name, ())):
                result[name] = sorted(kinds)
    return result


def _are_moments(before: list[str] | None, batch: Iterable[dict[str, Any]], name: str) -> bool:
    """Whether every text is a time in full; not asked again once one was not."""
    if before is not None and MOMENT not in before:
        return False
    return all(_is_moment(v) for p in batch if isinstance(v := p.get(name), str))


def _is_moment(text: str) -> bool:
    try:
        return len(text) >= 20 and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
