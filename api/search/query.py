"""The Query extension of STAC API, with all of its operators: queries become filters in CQL2."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import orjson
from pydantic import BaseModel, field_validator
from stac_fastapi.extensions.query import QueryExtension as Base

from api.search.filters import read_json
from api.search.rewrites import Filter


class Operator(StrEnum):
    """The operators of the extension; `ne` is an old spelling of `neq`."""

    EQ = "eq"
    NEQ = "neq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    CONTAINS = "contains"
    IN = "in"


class QueryRequest(BaseModel):
    """What a search by POST may have besides."""

    query: dict[str, dict[Operator, Any]] | None = None

    @field_validator("collections", "ids", mode="before", check_fields=False)
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        """One name stands for a list of one, as clients write it."""
        return [value] if isinstance(value, str) else value


class QueryExtension(Base):  # type: ignore[misc]  # stac-fastapi is untyped
    """The extension, with requests that know all of its operators."""

    POST = QueryRequest


COMPARISONS = {"eq": "=", "neq": "<>", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
PATTERNS = {"startsWith": "{}%", "endsWith": "%{}", "contains": "%{}%"}


def body_of(search: BaseModel, *, read: bool) -> dict[str, Any]:
    """A search as the specification has it, its query and its filter as one filter.

    Args:
        search: The request model of stac-fastapi's search.
        read: Whether its filter was read before; see filters.py.

    Raises:
        Invalid: a filter that was not read before is none.
    """
    body: dict[str, Any] = orjson.loads(search.model_dump_json(exclude_none=True, by_alias=True))
    told = body.pop("filter", None)
    if told and not read and body.get("filter-lang") != "cql-json":
        told = read_json(told)
    if query := body.pop("query", None):
        asked = as_filter(query)
        told = {"op": "and", "args": [told, asked]} if told else asked
    return {**body, "filter": told} if told else body


def as_filter(query: dict[str, dict[str, Any]]) -> Filter:
    """The filter that says the same as a query: all of it holds."""
    return {"op": "and", "args": [*_conditions(query)]}


def _conditions(query: dict[str, dict[str, Any]]) -> Iterator[Filter]:
    for name, operations in query.items():
        for operator, value in operations.items():
            yield _condition({"property": name}, operator, value)


def _condition(place: dict[str, str], operator: str, value: Any) -> Filter:
    if operator in PATTERNS:
        literal = str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return {"op": "like", "args": [place, PATTERNS[operator].format(literal)]}
    if operator == "in":
        return {"op": "in", "args": [place, value if isinstance(value, list) else [value]]}
    return {"op": COMPARISONS[operator], "args": [place, value]}
