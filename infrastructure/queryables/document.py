"""Queryables as a JSON Schema (STAC API - Filter; OGC 19-079r2, 6): pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from infrastructure.queryables.known import ALWAYS, KNOWN, MOMENT, TEXT, Definition

DRAFT = "https://json-schema.org/draft/2020-12/schema"
GEOMETRY = "https://geojson.org/schema/Geometry.json"

CORE: dict[str, Definition] = {
    "id": {"title": "Id", **TEXT},
    "collection": {"title": "Collection", **TEXT},
    "geometry": {"title": "Footprint", "$ref": GEOMETRY},
    "datetime": {"title": "Time", "description": "Its beginning, if it is a range.", **MOMENT},
    "end_datetime": {"title": "End of the time", **MOMENT},
}

Seen = Mapping[str, Any]
"""`types` and `values` of `swath.summary.seen`."""


def document(
    address: str, title: str, seen: Iterable[Seen], others: Mapping[str, Definition]
) -> dict[str, Any]:
    """The schema.

    Args:
        address: Where it stands.
        title: Of what.
        seen: What was seen of the items of each collection; `{}` if nobody looked.
        others: Definitions that pgstac has from elsewhere; they go first.
    """
    looked = [part for part in seen if part]
    names = {name for part in looked for name in (*part.get("types", ()), *part["values"], *ALWAYS)}
    told = {name: _definition(name, looked) for name in sorted(names - CORE.keys())}
    return {
        "$schema": DRAFT,
        "$id": address,
        "type": "object",
        "title": title,
        "properties": {**CORE, **told, **others},
        "additionalProperties": True,
    }


def _definition(name: str, seen: list[Seen]) -> Definition:
    kinds = {k for part in seen for k in (ALWAYS | part.get("types", {})).get(name, ())}
    base = KNOWN.get(name) or {"title": _title(name), **_typed(sorted(kinds))}
    having = [part["values"].get(name) for part in seen if name in _named(part)]
    return _limited(base, having)


def _named(part: Seen) -> set[str]:
    return {*part.get("types", ()), *part["values"]}


def _title(name: str) -> str:
    prefix, colon, rest = name.rpartition(":")
    words = rest.replace("_", " ")
    return f"{words.capitalize()} ({prefix})" if colon else words.capitalize()


def _typed(kinds: list[str]) -> Definition:
    """A property whose items differ is compared as text, but its values are what they are."""
    if kinds == ["date-time"]:
        return MOMENT
    json = sorted({"string" if kind == "date-time" else kind for kind in kinds})
    return {"type": json[0] if len(json) == 1 else json} if json else {}


def _limited(base: Definition, having: list[Any]) -> Definition:
    """With the values or the range that the items have, if every collection tells them."""
    if not having or not all(having):
        return base
    if all(isinstance(values, dict) for values in having):
        low = min(values["minimum"] for values in having)
        return {**base, "minimum": low, "maximum": max(values["maximum"] for values in having)}
    if not all(isinstance(values, list) for values in having):
        return base
    values = sorted({value for part in having for value in part})
    if base.get("type") == "array":
        return {**base, "items": {**base.get("items", {}), "enum": values}}
    return {**base, "enum": values}
