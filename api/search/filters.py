"""Filters in CQL2, checked and brought to the form that pgstac understands (OGC 21-065r2).

pgstac compares what it is told to compare: a date with a moment, a box where it expects a geometry,
a property without a type with a time. Here such filters become others that mean the same.
"""

import operator
from collections.abc import Callable
from typing import Any

import cql2
import orjson

from infrastructure.errors import Invalid

Filter = dict[str, Any]
Rewrite = Callable[[str, list[Any]], Any]
"""An operator and its operands, read already -> what pgstac understands."""

DEEPEST = 32
"""How deep operators may stand in each other."""

MOST = 2000
"""How many operands a filter may have: one of more is a list of ids, which is `ids`."""

TEMPORAL = {
    "=": ("t_equals", False), "<>": ("t_equals", True),
    "<": ("t_before", False), ">=": ("t_before", True),
    ">": ("t_after", False), "<=": ("t_after", True),
}  # fmt: skip
"""Comparison -> the temporal operator that says the same, and whether it is negated."""

TURNED = {"s_within": "s_contains", "s_contains": "s_within"}
"""What a spatial operator becomes when its operands change places; the others are symmetric."""


CONDITIONS = {
    "and", "or", "not", "between", "in", "like", "ilike", "isnull", "intersects", "anyinteracts",
    *TEMPORAL, "eq", "ne", "neq", "!=", "lt", "lte", "le", "gt", "gte", "ge",
}  # fmt: skip
"""Operators that are true or false, besides those of space, time and arrays."""

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "%": operator.mod, "div": operator.floordiv, "^": operator.pow,
}  # fmt: skip


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
            return _polygon(node["bbox"])
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
        usual: Rewrite = _spatial if lower.startswith("s_") else _plain
        return REWRITES.get(lower, usual)(lower, args)


def _plain(name: str, args: list[Any]) -> Filter:
    return {"op": name, "args": args}


def _comparison(name: str, args: list[Any]) -> Filter:
    """Times are compared as times, whatever type the property is known to have."""
    if any(isinstance(part, dict) and "timestamp" in part for part in args):
        temporal, negated = TEMPORAL[name]
        compared = _plain(temporal, args)
        return _plain("not", [compared]) if negated else compared
    return _plain(name, [_day(part) for part in args])


def _between(name: str, args: list[Any]) -> Filter:
    """`BETWEEN` of what is computed or a time is two comparisons."""
    computed = ("op", "timestamp")
    if len(args) == 3 and any(isinstance(p, dict) and any(k in p for k in computed) for p in args):
        value, low, high = args
        both = [_comparison(">=", [value, low]), _comparison("<=", [value, high])]
        return _plain("and", both)
    return _plain(name, args)


def _arithmetic(name: str, args: list[Any]) -> Any:
    """What is computed of numbers alone is a number."""
    if len(args) == 2 and all(map(_number, args)):
        try:
            return float(ARITHMETIC[name](*map(float, args)))
        except (ArithmeticError, TypeError) as error:
            raise Invalid(f"filter: {args[0]} {name} {args[1]} is no number") from error
    return _plain(name, args)


def _contained(_name: str, args: list[Any]) -> Filter:
    return _plain("a_contained_by", args)


def _spatial(name: str, args: list[Any]) -> Filter:
    """The property first, as pgstac expects."""
    if len(args) != 2:
        raise Invalid(f"filter: operator '{name}' takes two geometries")
    if isinstance(args[1], dict) and "property" in args[1]:
        return _plain(TURNED.get(name, name), args[::-1])
    return _plain(name, args)


def _day(part: Any) -> Any:
    """A date as properties hold it."""
    return part["date"] if isinstance(part, dict) and "date" in part else part


def _polygon(box: Any) -> Filter:
    """The outline of a box in degrees (EPSG:4326)."""
    if not (isinstance(box, list) and len(box) in (4, 6) and all(map(_number, box))):
        raise Invalid("filter: BBOX takes four or six numbers")
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    if west > east:
        halves = [_ring(west, south, 180.0, north), _ring(-180.0, south, east, north)]
        return {"type": "MultiPolygon", "coordinates": [[ring] for ring in halves]}
    return {"type": "Polygon", "coordinates": [_ring(west, south, east, north)]}


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(node: Any) -> str:
    text = str(node)
    return text if len(text) <= 100 else f"{text[:100]} ..."


def _first(error: Exception) -> str:
    """What a parser says, in one line."""
    return " ".join(str(error).split())[:300]


REWRITES: dict[str, Rewrite] = {
    **dict.fromkeys(TEMPORAL, _comparison),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    "between": _between,
    "a_containedby": _contained,
}
