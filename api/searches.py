"""What a request searches for, as pgstac's functions take it.

Of pgstac's own ways two are left out: boxes of six numbers, which it cannot place, and boxes
across the antimeridian, which it takes for the rest of the globe.
"""

from typing import Any

import orjson
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from stac_fastapi.pgstac.core import clean_search_args
from stac_fastapi.types.search import str2bbox

from api.search.filters import read_json_text, read_text
from api.search.query import body_of
from api.search.rewrites import Filter
from infrastructure.errors import Invalid

MODEL = "search_model"
"""Where the application keeps stac-fastapi's model of a search, in its state."""


class Filters(BaseModel):
    """The filters of a search by GET."""

    model_config = ConfigDict(populate_by_name=True)

    collections: str | None = Field(None, description="Ids of collections, with commas between.")
    ids: str | None = Field(None, description="Ids of items, with commas between.")
    bbox: str | None = Field(
        None, description="West, south, east, north in degrees (CRS84), with commas between."
    )
    intersects: str | None = Field(None, description="A GeoJSON geometry.")
    datetime: str | None = Field(None, description="A time or an interval (RFC 3339).")
    query: str | None = Field(None, description="A JSON object of the Query extension.")
    filter: str | None = Field(None, description="A condition in CQL2.")
    filter_lang: str = Field(
        "cql2-text", alias="filter-lang", pattern="^cql2-(text|json)$", description="Its form."
    )
    q: str | None = Field(None, description="Free text: terms with commas between.")

    def body(self) -> dict[str, Any]:
        """The body of the search by POST that asks for the same.

        Raises:
            HTTPException: 400, a filter cannot be read.
        """
        bbox = str2bbox(self.bbox) if self.bbox else None
        told = {"collections": _list(self.collections), "ids": _list(self.ids), "bbox": bbox}
        clean: dict[str, Any] = clean_search_args(
            {**told, "query": _object(self.query)},
            intersects=self.intersects,
            datetime=self.datetime,
            q=self.q,
        )
        return {**clean, "filter": self._filter()} if self.filter else clean

    def _filter(self) -> Filter:
        told = self.filter or ""
        return read_text(told) if self.filter_lang == "cql2-text" else read_json_text(told)


def search(request: Request, body: dict[str, Any]) -> str:
    """A search as pgstac's functions take it, in JSON; its `q` is an array of terms.

    Raises:
        Invalid: the body is no search; the message says why.
    """
    model: type[BaseModel] = getattr(request.app.state, MODEL)
    try:
        checked = model.model_validate({**body, **_placed(body)})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise Invalid(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    return orjson.dumps(body_of(checked, read=False)).decode()


def _placed(body: dict[str, Any]) -> dict[str, Any]:
    """The box without heights, or two boxes if it crosses the antimeridian."""
    match body.get("bbox"):
        case [west, south, _, east, north, _] | [west, south, east, north]:
            box = [west, south, east, north]
        case _:
            return {}
    if body.get("intersects") or not _crosses(west, east):
        return {"bbox": box}
    halves = [(west, south, 180, north), (-180, south, east, north)]
    shape = {"type": "MultiPolygon", "coordinates": [[_ring(*half)] for half in halves]}
    return {"bbox": None, "intersects": shape}


def _crosses(west: Any, east: Any) -> bool:
    return isinstance(west, int | float) and isinstance(east, int | float) and west > east


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _list(text: str | None) -> list[str] | None:
    return [part for part in text.split(",") if part] if text else None


def _object(text: str | None) -> Any:
    return orjson.loads(text) if text else None
