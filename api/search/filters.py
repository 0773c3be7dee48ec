"""Filters in CQL2, checked and brought to the form that pgstac understands (OGC 21-065r2)."""

from typing import Any

import cql2
import orjson

from api.search.rewrites import TEMPORAL, Filter, polygon, rewritten
from infrastructure.errors import Invalid

DEEPEST = 32
"""How deep operators may stand in each other."""

MOST = 2000
"""How many operands a filter may have: one of more is a list of ids, which is `ids`."""

CONDITIONS = {
    "and", "or", "not", "between", "in", "like", "ilike", "isnull", "intersects", "anyinteracts",
    *TEMPORAL, "eq", "ne", "neq", "!=", "lt", "lte", "le", "gt", "gte", "ge",
}  # fmt: skip
"""Operators that are true or false, besides those of space, time and arrays."""


def read_text(told: str) -> Filter:
    """A filter in CQL2 text, as JSON.

    Raises:
        Invalid: it is none.
    """
    try:
        parsed = cql2.Expr(told).to_json()
    except Exception as error:
        raise Invalid(f"filter: {_first(error)}") from error
    return read_json(parsed)


def read_json_text(told: str) -> Filter:
    """A filter in CQL2 JSON that stands in an address.

    Raises:
        Invalid: it is none.
    """
    try:
        return read_json(orjson.loads(told))
    except orjson.JSONDecodeError as error:
        raise Invalid(f"filter: it is no JSON: {error}") from error


def read_json(told: Any) -> Filter:
    """A filter in CQL2 JSON, in the form that pgstac understands.

    Raises:
        Invalid: it is none, or deeper or larger than we answer.
    """
    _check_condition(told)
    read: Filter = _Reader().read(told, 1)
    return read


def _check_condition(node: Any) -> None:
    name = str(node.get("op", "")).lower() if isinstance(node, dict) else ""
    if not (name in CONDITIONS or name.startswith(("s_", "t_", "a_"))):
        raise Invalid(f"filter: {_shown(node)} is no condition, such as eo:cloud_cover < 10")


class _Reader:
    """Reads one filter and counts its operands."""

    def __init__(self) -> None:
        self.operands = 0

    def read(self, node: Any, depth: int) -> Any:
        self.operands += 1
        if depth > DEEPEST or self.operands > MOST:
            raise Invalid(f"filter: more than {DEEPEST} levels or {MOST} operands")
        if isinstance(node, list):
            return [self.read(part, depth + 1) for part in node]
        if not isinstance(node, dict):
            return node
        if "op" in node:
            return self._operation(node, depth)
        if "bbox" in node:
            return polygon(node["bbox"])
        return node

    def _operation(self, node: Filter, depth: int) -> Any:
        name, args = str(node["op"]), node.get("args")
        if not isinstance(args, list):
            raise Invalid(f"filter: operator '{name}' has no list of args")
        lower = name.lower()
        if lower in ("and", "or", "not"):
            for part in args:
                _check_condition(part)
        args = [self.read(part, depth + 1) for part in args]
        return rewritten(lower, args)


def _shown(node: Any) -> str:
    text = str(node)
    return text if len(text) <= 100 else f"{text[:100]} ..."


def _first(error: Exception) -> str:
    """What a parser says, in one line."""
    return " ".join(str(error).split())[:300]
