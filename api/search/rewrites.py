"""Filters that pgstac takes amiss become others that mean the same (OGC 21-065r2).

It compares what it is told to compare: a date with a moment, a box where it expects a geometry, a
property without a type with a time.
"""

import operator
from collections.abc import Callable
from typing import Any

from infrastructure.errors import Invalid

Filter = dict[str, Any]
Rewrite = Callable[[str, list[Any]], Any]
"""An operator and its operands, read already -> what pgstac understands."""

TEMPORAL = {
    "=": ("t_equals", False), "<>": ("t_equals", True),
    "<": ("t_before", False), ">=": ("t_before", True),
    ">": ("t_after", False), "<=": ("t_after", True),
}  # fmt: skip
"""Comparison -> the temporal operator that says the same, and whether it is negated."""

TURNED = {"s_within": "s_contains", "s_contains": "s_within"}
"""What a spatial operator becomes when its operands change places; the others are symmetric."""


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "%": operator.mod, "div": operator.floordiv, "^": operator.pow,
}  # fmt: skip


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


def polygon(box: Any) -> Filter:
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


REWRITES: dict[str, Rewrite] = {
    **dict.fromkeys(TEMPORAL, _comparison),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    "between": _between,
    "a_containedby": _contained,
}


def rewritten(name: str, args: list[Any]) -> Any:
    """An operation as pgstac understands it.

    Args:
        name: The operator, in small letters.
        args: Its operands, read already.

    Raises:
        Invalid: these are no operands of that operator.
    """
    usual: Rewrite = _spatial if name.startswith("s_") else _plain
    return REWRITES.get(name, usual)(name, args)
