"""Counts of the items that a search finds (STAC API - Aggregation 0.3.0).

The filters are those of `/search`. An answer that takes too long is given up with 503.
"""

from typing import Annotated, Any

import asyncpg  # type: ignore[import-untyped]  # it has no stubs
import orjson
from fastapi import APIRouter, Body, HTTPException, Query, Request
from pydantic import ConfigDict, Field
from stac_fastapi.types.requests import get_base_url

from api import aggregations
from api.aggregations import MOST, Precisions
from api.searches import Filters, search
from api.surroundings import Surroundings
from infrastructure.errors import Invalid, NotFound

CONFORMANCE = [
    f"https://api.stacspec.org/v0.3.0/aggregation{part}" for part in ("", "#query", "#filter")
]

COUNTED = """
SELECT place, key, frequency, earliest, latest
FROM swath.aggregate($1::text::jsonb, $2::text::jsonb, $3)
"""

UNUSABLE = (
    asyncpg.SyntaxOrAccessError,  # the filter compares what has no comparison
    asyncpg.ProgramLimitExceededError,  # it is too deep
    asyncpg.InternalServerError,  # PostGIS has no other word for a shape that it cannot use
)

router = APIRouter(tags=["Aggregation"])


class AskedByGet(Precisions, Filters):
    """The parameters of a GET."""

    aggregations: str = Field(
        "", description="Names of aggregations, with commas between; see `/aggregations`."
    )


class AskedByPost(Precisions):
    """The body of a POST; its other members are the filters of `POST /search`."""

    model_config = ConfigDict(extra="allow")

    aggregations: list[str] = Field(
        default_factory=list, description="Names of aggregations; see `/aggregations`."
    )


@router.get("/aggregations")
async def offered(request: Request) -> dict[str, Any]:
    """The aggregations that can be asked for."""
    return _offered(request, None)


@router.get("/collections/{collection_id}/aggregations")
async def offered_of_collection(request: Request, collection_id: str) -> dict[str, Any]:
    """The aggregations that can be asked for of a collection's items."""
    await _check(request, collection_id)
    return _offered(request, collection_id)


@router.get("/aggregate")
async def by_get(request: Request, asked: Annotated[AskedByGet, Query()]) -> dict[str, Any]:
    """Counts of the items that a search finds."""
    return await _counted(request, asked.aggregations.split(","), asked, asked.body())


@router.post("/aggregate")
async def by_post(request: Request, asked: Annotated[AskedByPost, Body()]) -> dict[str, Any]:
    """Counts of the items that a search finds."""
    return await _counted(request, asked.aggregations, asked, asked.model_extra or {})


@router.get("/collections/{collection_id}/aggregate")
async def of_collection_by_get(
    request: Request, collection_id: str, asked: Annotated[AskedByGet, Query()]
) -> dict[str, Any]:
    """Counts of the items of a collection that a search finds."""
    names = asked.aggregations.split(",")
    return await _counted(request, names, asked, asked.body(), collection_id)


@router.post("/collections/{collection_id}/aggregate")
async def of_collection_by_post(
    request: Request, collection_id: str, asked: Annotated[AskedByPost, Body()]
) -> dict[str, Any]:
    """Counts of the items of a collection that a search finds."""
    filters = asked.model_extra or {}
    return await _counted(request, asked.aggregations, asked, filters, collection_id)


async def _counted(
    request: Request,
    wanted: list[str],
    precisions: Precisions,
    filters: dict[str, Any],
    collection: str | None = None,
) -> dict[str, Any]:
    names = _known(wanted, collection)
    if collection:
        await _check(request, collection)
        filters = {**filters, "collections": [collection]}
    keys = orjson.dumps(aggregations.keys(names, precisions)).decode()
    rows = await _rows(request, search(request, filters), keys)
    return _answer(request, aggregations.told(names, precisions, rows))


def _known(wanted: list[str], collection: str | None) -> list[str]:
    """The names, each once.

    Raises:
        Invalid: there are none, or there is no such aggregation.
    """
    kinds = aggregations.offered(collection)
    names = [*dict.fromkeys(name.strip() for name in wanted if name.strip())]
    unknown = [name for name in names if name not in kinds]
    if unknown or not names:
        told = f"no aggregation {', '.join(unknown)}" if unknown else "aggregations: name some"
        raise Invalid(f"{told}; there are {', '.join(kinds)}")
    return names


async def _rows(request: Request, body: str, keys: str) -> list[Any]:
    surroundings: Surroundings = request.app.state.surroundings
    patience = f"{surroundings.api.aggregation_timeout}s"
    try:
        async with (
            request.app.state.get_connection(request, "r") as connection,
            connection.transaction(readonly=True),
        ):
            await connection.execute("SELECT set_config('statement_timeout', $1, true)", patience)
            rows: list[Any] = await connection.fetch(COUNTED, body, keys, MOST)
            return rows
    except asyncpg.QueryCanceledError as error:
        detail = f"counting took longer than {patience}: narrow the search"
        raise HTTPException(503, detail, {"Retry-After": "60"}) from error
    except UNUSABLE as error:
        raise Invalid(f"the filter cannot be followed: {error}") from error


async def _check(request: Request, collection: str) -> None:
    """Raise NotFound unless there is such a collection."""
    async with request.app.state.get_connection(request, "r") as connection:
        known = "SELECT EXISTS (SELECT FROM pgstac.collections WHERE id = $1)"
        if not await connection.fetchval(known, collection):
            raise NotFound(f"no collection '{collection}' in the catalogue")


def _offered(request: Request, collection: str | None) -> dict[str, Any]:
    kinds = aggregations.offered(collection)
    return _answer(request, [{"name": name, **kinds[name].description()} for name in kinds])


def _answer(request: Request, told: list[dict[str, Any]]) -> dict[str, Any]:
    """An AggregationCollection."""
    json = "application/json"
    links = [
        {"rel": "root", "type": json, "href": get_base_url(request)},
        {"rel": "self", "type": json, "href": str(request.url)},
    ]
    return {"type": "AggregationCollection", "aggregations": told, "links": links}


def links(base_url: str) -> list[dict[str, str]]:
    """Links to the aggregations, of the landing page or a collection (its address)."""
    base = base_url.rstrip("/")
    return [
        {"rel": rel, "type": "application/json", "title": title, "href": f"{base}/{rel}", **method}
        for rel, title, methods in (
            ("aggregations", "What items can be counted by", ({},)),
            ("aggregate", "Counts of items", ({"method": "GET"}, {"method": "POST"})),
        )
        for method in methods
    ]
