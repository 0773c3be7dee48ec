"""Values and ranges of the items' properties, widened batch by batch."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

SETS = (
    "platform", "constellation", "mission", "instruments", "proj:code",
    "processing:level", "product:type", "sar:instrument_mode", "sar:frequency_band",
    "sar:polarizations", "sar:product_type", "sat:orbit_state", "landsat:collection_category",
)  # fmt: skip
"""Properties whose texts are listed."""

NUMBERS = ("gsd",)
"""Properties whose numbers are listed."""

RANGES = (
    "eo:cloud_cover", "eo:snow_cover", "view:off_nadir", "view:incidence_angle", "view:azimuth",
    "view:sun_azimuth", "view:sun_elevation",
)  # fmt: skip
"""Properties whose smallest and largest number is told."""

LIMIT = 50
"""Values that are listed; a property that has more is left out for good."""

Seen = Mapping[str, Any]


def widened(seen: Seen, properties: list[dict[str, Any]]) -> dict[str, Any]:
    """What was seen, with the properties of more items; values of an odd type are left out.

    Args:
        seen: Name -> sorted values, or None if there are too many; or `{minimum, maximum}`.
        properties: The properties of the items of a batch.
    """
    result = dict(seen)
    there = set[str]().union(*properties)
    for name in there.intersection(SETS + NUMBERS):
        found = [p[name] for p in properties if name in p]
        if result.get(name, ()) is not None:
            values = _values(found, name in NUMBERS) | set(result.get(name, ()))
            result[name] = sorted(values) if len(values) <= LIMIT else None
    for name in there.intersection(RANGES):
        numbers = [n for p in properties if name in p and _is_number(n := p[name])]
        if numbers:
            numbers += result.get(name, {}).values()
            result[name] = {"minimum": min(numbers), "maximum": max(numbers)}
    return result


def summaries(seen: Seen) -> dict[str, Any]:
    """The STAC Summaries of what was seen: none of what has too many values."""
    return {name: value for name, value in seen.items() if value}


def _values(found: Iterable[Any], numbers: bool) -> set[Any]:
    """The different numbers or texts; those of lists one by one, as summaries list them."""
    parts = (part for value in found for part in (value if isinstance(value, list) else (value,)))
    return {part for part in parts if (_is_number(part) if numbers else isinstance(part, str))}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
