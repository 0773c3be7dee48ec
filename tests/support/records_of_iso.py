"""Real records of ISO, and the items that they are."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from scripts.iso_elements import Element, elements
from scripts.iso_table import WRITERS, of_iso
from scripts.round_trips import read


@cache
def records(shared_data: Path) -> tuple[bytes, ...]:
    """All different ones."""
    return tuple(of_iso(shared_data))


def items(shared_data: Path) -> Iterator[dict[str, Any]]:
    """The items of those that tell enough for one."""
    return (item for record in records(shared_data) if (item := read(record)))


@cache
def observed(shared_data: Path) -> dict[str, Element]:
    """What becomes of each of their elements."""
    return elements(list(records(shared_data)), WRITERS)
