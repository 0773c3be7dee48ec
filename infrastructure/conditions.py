"""Conditions in CQL2 (OGC 21-065r2), checked and held against items."""

from typing import Any

import orjson
from cql2 import Expr

from infrastructure.errors import Invalid


def cql2(condition: dict[str, Any] | str) -> dict[str, Any]:
    """A condition in CQL2 text or CQL2 JSON, as JSON.

    Raises:
        Invalid: it is no CQL2; the message says why.
    """
    text = condition if isinstance(condition, str) else orjson.dumps(condition).decode()
    try:
        expression = Expr(text)
        expression.validate()
        return dict(expression.to_json())
    except Exception as error:  # the library raises plain `Exception` for what it cannot parse
        raise Invalid(f"no CQL2: {' '.join(str(error).split())[:200]}") from error


def holds(condition: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether a condition is true of a STAC Item; of what the item does not say, it is not."""
    try:
        return bool(Expr(condition).matches({**item, **_top_level(item)}))
    except Exception:  # noqa: BLE001 - the library's word for a condition that comes out as null
        return False


def _top_level(item: dict[str, Any]) -> dict[str, Any]:
    """`id` and `collection` as properties, where conditions look for them."""
    own = {"id": item.get("id"), "collection": item.get("collection")}
    return {"properties": {**own, **(item.get("properties") or {})}}
