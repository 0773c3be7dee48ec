"""What items can be counted by, and the answer that tells it (STAC API - Aggregation 0.3.0).

All that is asked for is counted by one statement in one pass; see migration 0007.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

from api.status import rfc3339

MOST = 10_000
"""Buckets of one aggregation; items of rarer ones are told as `overflow`."""

Interval = Literal["year", "quarter", "month", "week", "day", "hour"]

Bucket = dict[str, Any]
Counts = list[tuple[str, int]]
"""Key and number of items, most first."""


class Precisions(BaseModel):
    """How fine buckets are."""

    datetime_frequency_interval: Interval | None = Field(
        None,
        description="Interval of `datetime_frequency`, in UTC. Left out: days for up to three"
        " months, months for up to twelve years, else years.",
    )
    centroid_geohash_grid_frequency_precision: int = Field(
        4, ge=1, le=12, description="Letters of the geohashes."
    )
    centroid_geotile_grid_frequency_precision: int = Field(
        5, ge=0, le=29, description="Zoom level of the web map tiles."
    )


@dataclass(frozen=True)
class Single:
    """An aggregation of one value, of the row that tells of all items."""

    data_type: str
    value: Callable[[Any], Any]

    def description(self) -> dict[str, Any]:
        """What `/aggregations` tells of it."""
        return {"data_type": self.data_type}


@dataclass(frozen=True)
class Frequency:
    """An aggregation of buckets."""

    key: Callable[[Precisions], dict[str, Any]]
    """What items are counted by, for `swath.aggregation_key`."""
    data_type: str = "string"
    """Type of the buckets' keys."""
    buckets: Callable[[Counts, Precisions], list[Bucket]] = field(
        default=lambda counts, _: [_bucket(*count) for count in counts]
    )

    def description(self) -> dict[str, Any]:
        """What `/aggregations` tells of it."""
        return {
            "data_type": "frequency_distribution",
            "frequency_distribution_data_type": self.data_type,
        }


def _bucket(key: str, frequency: int, data_type: str = "string", **more: float) -> Bucket:
    return {"key": key, "data_type": data_type, "frequency": frequency, **more}


def _of_time(counts: Counts, precisions: Precisions) -> list[Bucket]:
    if not precisions.datetime_frequency_interval:
        counts = _coarser(counts)
    return [_bucket(key, number, "datetime") for key, number in sorted(counts)]


def _coarser(counts: Counts) -> Counts:
    """Days as they are, or put together to months or years."""
    if not counts:
        return []
    moments = [datetime.fromisoformat(key) for key, _ in counts]
    days = (max(moments) - min(moments)).days
    kept, rest = (10, "T00:00:00Z") if days <= 92 else (7, "-01T00:00:00Z")
    if days > 12 * 366:
        kept, rest = 4, "-01-01T00:00:00Z"
    merged = Counter[str]()
    for key, number in counts:
        merged[key[:kept] + rest] += number
    return [*merged.items()]


PERCENT = {"minimum": 0, "maximum": 100, "width": 10}


def _of_percent(counts: Counts, _precisions: Precisions) -> list[Bucket]:
    """Ten ranges from 0 to 100; each begins with `from` and ends before `to`, the last with it."""
    found = {int(key): number for key, number in counts}
    width = PERCENT["width"]
    edges = [(place * width, (place + 1) * width) for place in range(10)]
    return [
        _bucket(f"{low}-{high}", found.get(place, 0), "numeric", **{"from": low, "to": high})
        for place, (low, high) in enumerate(edges)
    ]


def _of_lists(counts: Counts, _precisions: Precisions) -> list[Bucket]:
    """An item counts in the bucket of each text of its list."""
    merged = Counter[str]()
    for key, number in counts:
        try:
            told = orjson.loads(key)
        except orjson.JSONDecodeError:
            told = key
        for text in {text for text in (told if isinstance(told, list) else [key]) if text}:
            merged[str(text)] += number
    return [_bucket(*count) for count in sorted(merged.items(), key=lambda c: (-c[1], c[0]))]


def _property(name: str) -> Callable[[Precisions], dict[str, Any]]:
    return lambda _: {"by": "property", "name": name}


KINDS: dict[str, Single | Frequency] = {
    "total_count": Single("integer", lambda row: row["frequency"]),
    "datetime_min": Single("datetime", lambda row: row["earliest"] and rfc3339(row["earliest"])),
    "datetime_max": Single("datetime", lambda row: row["latest"] and rfc3339(row["latest"])),
    "datetime_frequency": Frequency(
        lambda p: {"by": "datetime", "interval": p.datetime_frequency_interval or "day"},
        "datetime",
        _of_time,
    ),
    "cloud_cover_frequency": Frequency(
        lambda _: {"by": "range", "name": "eo:cloud_cover", **PERCENT}, "numeric", _of_percent
    ),
    "collection_frequency": Frequency(lambda _: {"by": "collection"}),
    "platform_frequency": Frequency(_property("platform")),
    "instrument_frequency": Frequency(_property("instruments"), buckets=_of_lists),
    "centroid_geohash_grid_frequency": Frequency(
        lambda p: {"by": "geohash", "precision": p.centroid_geohash_grid_frequency_precision}
    ),
    "centroid_geotile_grid_frequency": Frequency(
        lambda p: {"by": "geotile", "precision": p.centroid_geotile_grid_frequency_precision}
    ),
}


def offered(collection: str | None) -> dict[str, Single | Frequency]:
    """Aggregations of the catalogue, or those that make sense in one collection."""
    return {
        name: kind
        for name, kind in KINDS.items()
        if not (collection and name == "collection_frequency")
    }


def keys(names: Iterable[str], precisions: Precisions) -> list[dict[str, Any]]:
    """What the aggregations of these names count by, for `swath.aggregate`."""
    return [kind.key(precisions) for kind in map(KINDS.get, names) if isinstance(kind, Frequency)]


def told(names: Sequence[str], precisions: Precisions, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The aggregations of these names, of the rows of `swath.aggregate`."""
    total = next(row for row in rows if row["place"] == -1)
    frequencies = [name for name in names if isinstance(KINDS[name], Frequency)]
    answer = []
    for name in names:
        kind = KINDS[name]
        if isinstance(kind, Single):
            part: dict[str, Any] = {"value": kind.value(total)}
        else:
            place = frequencies.index(name)
            counts = [(r["key"], r["frequency"]) for r in rows if r["place"] == place]
            overflow = total["frequency"] - sum(number for _, number in counts)
            part = {"buckets": kind.buckets(counts, precisions), "overflow": overflow}
        answer.append({"name": name, **kind.description(), **part})
    return answer
