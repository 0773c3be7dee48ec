"""What goes into the catalogue, and the form in which it waits for its batch."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from infrastructure.digests import hexadecimal
from infrastructure.errors import Invalid

Key = tuple[str, str]
"""Source and upstream id: one row of a collection's ledger."""

Rank = tuple[str | float | None, ...]
"""How new an item is among its duplicates; see `order` in infrastructure/duplicates.py."""


@dataclass(frozen=True)
class Entry:
    """An item on its way into the catalogue."""

    item: dict[str, Any]
    """STAC Item."""
    upstream_id: str
    """The name of the product or record at its source."""
    fingerprint: str
    """The version of it at its source."""
    records: dict[str, bytes] = field(default_factory=dict)
    """Standard -> metadata record, such as `iso19139` -> XML."""
    source: str = "main"
    """The source of the collection that it comes from; upstream ids are unique in one source."""
    granule: str | None = None
    """What it shows, where several items may show the same: duplicates have it in common."""
    rank: Rank = ()
    """Of two duplicates, that of the larger rank is the newer one."""

    @property
    def id(self) -> str:
        """The item's id."""
        return str(self.item["id"])


@dataclass(frozen=True, slots=True)
class Packed:
    """An entry with what the ledger and the events need of it."""

    id: str
    upstream_id: str
    fingerprint: str
    item: dict[str, Any]
    """The STAC Item, whose `updated` is set when it is written."""
    content_hash: str
    """A digest of body and records: the same for the same content, whenever it was written."""
    records: dict[str, bytes]
    """Standard -> metadata record, zlib."""
    bbox: list[float]
    """West, south, east, north in degrees, of its box and its geometry; across ±180 the whole
    belt. Searches leave out collections by it, so nothing of the item may lie outside."""
    start: datetime
    end: datetime
    source: str
    granule: str | None
    rank: Rank

    @property
    def key(self) -> Key:
        """Its name in the ledger of the collection."""
        return self.source, self.upstream_id


def pack(entry: Entry) -> Packed:
    """Pack an entry.

    Raises:
        Invalid: the item lacks an id, a box or a time, or they are no such thing.
    """
    try:
        item = entry.item
        start, end = _times(item["properties"])
        records = {name: zlib.compress(text, 1) for name, text in entry.records.items()}
        return Packed(
            id=entry.id,
            upstream_id=entry.upstream_id,
            fingerprint=entry.fingerprint,
            item=item,
            content_hash=digest(item, records),
            records=records,
            bbox=_bbox(item["bbox"], item.get("geometry") or {}),
            start=start,
            end=end,
            source=entry.source,
            granule=entry.granule,
            rank=entry.rank,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"no usable STAC Item: {error!r}") from error


def digest(item: dict[str, Any], records: dict[str, bytes]) -> str:
    """The content hash of an item, whatever its `updated`, and of its packed records."""
    properties = {key: value for key, value in item["properties"].items() if key != "updated"}
    body = orjson.dumps({**item, "properties": properties}, option=orjson.OPT_SORT_KEYS)
    named = (part for name in sorted(records) for part in (name.encode(), records[name]))
    return hexadecimal(body, *named)


def renewed(packed: Packed, updated: str) -> dict[str, Any]:
    """The STAC Item of a packed entry, with `updated` set."""
    return {**packed.item, "properties": {**packed.item["properties"], "updated": updated}}


def _bbox(bbox: list[float], geometry: dict[str, Any]) -> list[float]:
    west, south, east, north = map(float, bbox if len(bbox) == 4 else (*bbox[:2], *bbox[3:5]))
    if west > east:
        west, east = -180.0, 180.0
    positions = [*_positions(geometry.get("coordinates", ()))]
    positions += [(west, south), (east, north)]
    longitudes, latitudes = zip(*(position[:2] for position in positions), strict=True)
    corners = (min(longitudes), min(latitudes), max(longitudes), max(latitudes))
    return [float(number) for number in corners]


def _positions(coordinates: Any) -> Iterator[Any]:
    """The positions of a geometry of any depth (RFC 7946, 3.1.1)."""
    if coordinates and not isinstance(coordinates[0], list | tuple):
        yield coordinates
        return
    for part in coordinates:
        yield from _positions(part)


def _times(properties: dict[str, Any]) -> tuple[datetime, datetime]:
    instant = properties["datetime"]
    start, end = properties.get("start_datetime"), properties.get("end_datetime")
    return datetime.fromisoformat(start or instant), datetime.fromisoformat(end or instant)
