"""Which events somebody asks for: by collection, by box and by condition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infrastructure.catalogue import BBox
from infrastructure.conditions import cql2, holds
from infrastructure.errors import Invalid


@dataclass(frozen=True)
class Selection:
    """What an event must meet; what is None does not matter."""

    collections: list[str] | None = None
    bbox: BBox | None = None
    """Degrees; west > east crosses the antimeridian."""
    filter: dict[str, Any] | None = None
    """CQL2 JSON about the item as it is when the event is read, or was when it was removed."""

    def may_take(self, collection: str, bbox: list[float] | None) -> bool:
        """Whether an event of this collection and this box can be one of them."""
        if self.collections is not None and collection not in self.collections:
            return False
        return self.bbox is None or (bbox is not None and _meet(bbox, self.bbox))

    def needs_item(self, bbox: list[float] | None) -> bool:
        """Whether the item itself must be looked at, too."""
        return self.filter is not None or (self.bbox is not None and _is_belt(bbox))

    def takes(self, item: dict[str, Any] | None) -> bool:
        """Whether the item of an event is one of them; one that is not there any more is not."""
        if item is None:
            return False
        bbox = item.get("bbox")
        if self.bbox is not None and (bbox is None or not _meet(bbox, self.bbox)):
            return False
        return self.filter is None or holds(self.filter, item)


EVERYTHING = Selection()


def selection(
    collections: Sequence[str] | None = None,
    bbox: Sequence[float] | str | None = None,
    condition: dict[str, Any] | str | None = None,
) -> Selection:
    """A selection from what somebody wrote.

    Args:
        collections: Ids of collections; None: every collection.
        bbox: Four or six numbers, or their text with commas (west, south, [lowest,] east, north
            [, highest]; degrees and metres); heights do not matter (OGC 17-069r4, 7.15.3).
        condition: CQL2, text or JSON.

    Raises:
        Invalid: a collection has no name, the box is no box, or the condition is no CQL2.
    """
    if collections is not None and not all(collections or [""]):
        raise Invalid("a collection has an id")
    return Selection(
        collections=None if collections is None else list(collections),
        bbox=None if bbox is None else _box(bbox),
        filter=None if condition is None else cql2(condition),
    )


def _box(bbox: Sequence[float] | str) -> BBox:
    parts = bbox.split(",") if isinstance(bbox, str) else bbox
    try:
        numbers = [float(part) for part in parts]
        west, south, east, north = numbers if len(numbers) == 4 else _flat(numbers)
    except (TypeError, ValueError) as error:
        raise Invalid("a bbox is four or six numbers: west,south,east,north") from error
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid("a bbox has longitudes in ±180, latitudes in ±90, and south below north")
    return west, south, east, north


def _flat(numbers: list[float]) -> list[float]:
    west, south, _, east, north, _ = numbers
    return [west, south, east, north]


def _is_belt(bbox: list[float] | None) -> bool:
    """Whether a box goes round the earth, as that of an item across ±180 does."""
    return bbox is not None and bbox[0] <= -180 and bbox[2] >= 180


def _meet(one: Sequence[float], other: BBox) -> bool:
    west, south, east, north = one if len(one) == 4 else _flat(list(one))
    if north < other[1] or south > other[3]:
        return False
    return any(
        left <= end and begin <= right
        for left, right in _spans(west, east)
        for begin, end in _spans(other[0], other[2])
    )


def _spans(west: float, east: float) -> list[tuple[float, float]]:
    return [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
