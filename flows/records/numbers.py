"""Numbers and names as records write them."""

import re
from collections.abc import Iterable
from math import isfinite

METRES = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0, "9001": 1.0,
    "km": 1e3, "kilometer": 1e3, "kilometers": 1e3, "kilometre": 1e3, "kilometres": 1e3,
    "cm": 0.01, "ft": 0.3048, "feet": 0.3048, "foot": 0.3048, "9002": 0.3048,
}  # fmt: skip
"""Name of a unit, or its code at EPSG -> metres."""


def number(said: str | None) -> float | None:
    """A number; None if it is none, such as `Unknown`."""
    try:
        found = float((said or "").strip().rstrip("%").replace(",", "."))
    except ValueError:
        return None
    return found if isfinite(found) else None


def metres(said: str | None, unit: str | None) -> float | None:
    """A length in metres; None if it is none, or has a unit that is no length."""
    length = number(said)
    name = re.split(r"[#:/]", (unit or "").strip())[-1].lower()
    return length * METRES[name] if length and length > 0 and name in METRES else None


def finest(lengths: Iterable[tuple[str | None, str | None]]) -> float | None:
    """The least of lengths with their units, in metres."""
    found = [length for said, unit in lengths if (length := metres(said, unit)) is not None]
    return min(found, default=None)


def word(name: str) -> str:
    """The name of a platform or instrument as STAC writes it: in lower case, with hyphens."""
    return re.sub(r"[\s_]+", "-", name.strip().lower())
