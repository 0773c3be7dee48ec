"""What a harvest asks for, in the words of a STAC API's item search."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from cql2 import Expr

from flows.scope import Scope
from flows.stac.api import Api
from flows.stac.paging import Request

Json = dict[str, Any]

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Asking:
    """A search, and which bounds of the harvest it has in it."""

    parameters: Json
    """Parameters of item search, as its POST has them."""
    pushed: frozenset[str]

    def sized(self, limit: int) -> "Asking":
        """The same with pages of another size."""
        return Asking({**self.parameters, "limit": limit}, self.pushed)

    def request(self, api: Api) -> Request:
        """The request for the first page."""
        method = api.method
        if method == "POST":
            return Request(method, api.search[method], body=self.parameters)
        texts = {key: _text(key, value) for key, value in self.parameters.items()}
        return Request(method, api.search[method], params=texts)


def askings(scope: Scope, api: Api, parameters: Json) -> Iterator[Asking]:
    """Ways to ask, the most exact first; the last has only what every STAC API understands.

    An API may refuse what it says that it understands, such as a condition on a property that it
    does not know; then the next way is tried, and the harvest applies the rest.

    Args:
        scope: What the harvest asks for.
        api: The API.
        parameters: What the collection file asks for.
    """
    core, pushed = _core(scope, parameters)
    changed = _changed(scope)
    if api.filters(api.method) and "query" not in parameters:
        both = [part for part in (scope.filter, _condition(scope)) if part]
        own = {"filter"} if scope.filter else set()
        if changed:
            yield Asking(_filtered(core, both), pushed | own | changed.keys())
        if scope.filter:
            yield Asking(_filtered(core, [scope.filter]), pushed | own)
    elif changed and api.extends("query"):
        query = {**parameters.get("query", {}), "updated": _bounds(changed)}
        yield Asking({**core, "query": query}, pushed | changed.keys())
    yield Asking(core, pushed)


def _core(scope: Scope, parameters: Json) -> tuple[Json, frozenset[str]]:
    """Place and time, which every API understands."""
    core = {key: value for key, value in parameters.items() if value is not None}
    pushed = set()
    if scope.bbox and "intersects" not in core:
        core |= _place(scope.bbox)
        pushed.add("bbox")
    if scope.time:
        core["datetime"] = "/".join(rfc3339(end) if end else ".." for end in scope.time)
        pushed.add("time")
    return core, frozenset(pushed)


def _place(bbox: tuple[float, float, float, float]) -> Json:
    """A box; across the antimeridian two polygons, as servers take such a box the wrong way."""
    west, south, east, north = bbox
    if west <= east:
        return {"bbox": list(bbox)}
    rings = [
        [[[w, south], [e, south], [e, north], [w, north], [w, south]]]
        for w, e in ((west, 180.0), (-180.0, east))
    ]
    return {"intersects": {"type": "MultiPolygon", "coordinates": rings}}


def _changed(scope: Scope) -> dict[str, str]:
    """Bounds of `updated`, a second wider than asked.

    Some servers compare times as texts, where 00:00:00.5Z is before 00:00:00Z.
    """
    bounds = {}
    if scope.since:
        bounds["since"] = rfc3339(scope.since.replace(microsecond=0) - SECOND)
    if scope.until:
        bounds["until"] = rfc3339(scope.until.replace(microsecond=0) + SECOND)
    return bounds


def _condition(scope: Scope) -> Json | None:
    """The bounds in CQL2; an item without `updated` may have changed at any time."""
    operators = {"since": ">=", "until": "<="}
    parts: list[Json] = [
        {"op": operators[name], "args": [{"property": "updated"}, time]}
        for name, time in _changed(scope).items()
    ]
    if not parts:
        return None
    unknown = {"op": "isNull", "args": [{"property": "updated"}]}
    return {"op": "or", "args": [_all(parts), unknown]}


def _bounds(changed: dict[str, str]) -> dict[str, str]:
    """The bounds in the language of the Query extension."""
    operators = {"since": "gte", "until": "lte"}
    return {operators[name]: time for name, time in changed.items()}


def _filtered(core: Json, conditions: list[Json]) -> Json:
    return {**core, "filter": _all(conditions), "filter-lang": "cql2-json"}


def _all(conditions: list[Json]) -> Json:
    return conditions[0] if len(conditions) == 1 else {"op": "and", "args": conditions}


def rfc3339(moment: datetime) -> str:
    """A moment in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(key: str, value: Any) -> str:
    """A parameter as it stands in an address."""
    if key == "filter":
        return str(Expr(value).to_text())
    if key == "filter-lang":
        return "cql2-text"
    if key == "sortby":
        return ",".join(f"{_SIGNS[field['direction']]}{field['field']}" for field in value)
    if isinstance(value, list):
        return ",".join(map(str, value))
    return orjson.dumps(value).decode() if isinstance(value, dict) else str(value)


_SIGNS = {"asc": "+", "desc": "-"}
