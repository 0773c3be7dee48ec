"""Which items of a collection show the same, and which of them is newer."""

import re
from typing import Any

from flows.rules import Duplicates
from infrastructure.entry import Rank


def granule(item: dict[str, Any], rules: Duplicates) -> str | None:
    """What an item shows: the same for duplicates with different ids; None without a rule."""
    parts: list[str] = []
    if rules.id:
        match = re.search(rules.id, item["id"])
        if match is None:
            return None
        parts += [group or "" for group in match.groups()]
    for name in rules.properties:
        value = item["properties"].get(name)
        if value is None:
            return None
        parts.append(str(value))
    return "|".join(parts) or None


def rank(item: dict[str, Any], rules: Duplicates) -> Rank:
    """How new an item is: the values of the properties that tell, None for what it lacks."""
    values = (item["properties"].get(name) for name in rules.order)
    return tuple(value if isinstance(value, (str, int, float)) else None for value in values)
