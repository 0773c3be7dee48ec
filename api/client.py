"""stac-fastapi's client over pgstac, with addresses that a client can open and our links."""

import json
from typing import Any, cast

import orjson
from fastapi import Request, Response
from stac_fastapi.pgstac.core import CoreCrudClient
from stac_fastapi.types.requests import get_base_url

from api.browse import Tree
from api.routers import aggregation, browse, ogc_records
from api.search import filters
from api.search.features import Writer, row_of
from api.search.page import page
from api.search.stream import asked_form, stream
from api.surroundings import Link, Surroundings
from infrastructure.errors import Invalid, NotFound
from infrastructure.summaries.document import public

GEOJSON = "application/geo+json"

WRITTEN = "written"
"""Where a search that is answered in another form leaves its answer, on the way through
stac-fastapi."""


def _surroundings(request: Request) -> Surroundings:
    surroundings: Surroundings = request.app.state.surroundings
    return surroundings


class CatalogueClient(CoreCrudClient):  # type: ignore[misc]  # stac-fastapi is untyped
    """The client of STAC API, Features and Item Search."""

    async def landing_page(self, **kwargs: Any) -> Any:
        """The landing page, with links to the other interfaces (STAC API - Core)."""
        landing_page = await super().landing_page(**kwargs)
        landing_page["links"] += _surroundings(kwargs["request"]).landing_links()
        landing_page["links"] += ogc_records.links(get_base_url(kwargs["request"]))
        landing_page["links"] += aggregation.links(get_base_url(kwargs["request"]))
        landing_page["links"] += await browse.landing_links(kwargs["request"])
        return landing_page

    async def all_collections(self, request: Request, **kwargs: Any) -> Any:
        """The collections, with links to their map services (STAC API - Collections)."""
        collections = await super().all_collections(request, **kwargs)
        if isinstance(collections, dict):
            collections["collections"] = [*map(public, collections["collections"])]
            for collection in collections["collections"]:
                _surroundings(request).add_maps(collection)
                collection["links"] += _doors(request, collection["id"])
        return collections

    async def get_collection(self, collection_id: str, request: Request, **kwargs: Any) -> Any:
        """One collection, with links to its map services and metadata records."""
        collection = public(await super().get_collection(collection_id, request=request, **kwargs))
        _surroundings(request).add_maps(collection)
        _surroundings(request).add_records(collection, get_base_url(request))
        collection["links"] += _doors(request, collection_id)
        return collection

    def _clean_search_args(
        self,
        base_args: dict[str, Any],
        fields: list[str] | None = None,
        filter_query: str | None = None,
        filter_lang: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Every GET search comes here; stac-fastapi takes for granted that fields have names.

        Its check of a filter takes 30 ms, so the filter is read here.
        """
        if fields and "" in fields:
            raise Invalid("fields has an empty name")
        args = super()._clean_search_args(base_args, fields=fields, **kwargs)
        if filter_query:
            read = filters.read_text if filter_lang == "cql2-text" else filters.read_json_text
            args |= {"filter": read(filter_query), "filter_lang": "cql2-json"}
        return args

    async def get_search(self, request: Request, **kwargs: Any) -> Response:
        """A page of items of any collections (STAC API - Item Search)."""
        return _written(await super().get_search(request, **kwargs))

    async def post_search(self, search_request: Any, request: Request, **kwargs: Any) -> Response:
        """A page of items of any collections (STAC API - Item Search)."""
        return _written(await super().post_search(search_request, request, **kwargs))

    async def item_collection(
        self, collection_id: str, request: Request, **kwargs: Any
    ) -> Response:
        """A page of the items of a collection (STAC API - Features)."""
        return _written(await super().item_collection(collection_id, request, **kwargs))

    async def get_item(
        self, item_id: str, collection_id: str, request: Request, **_: Any
    ) -> Response:
        """One item (STAC API - Features)."""
        async with request.app.state.get_connection(request, "r") as connection:
            row = await row_of(connection, collection_id, item_id)
            if row is None:
                raise NotFound(f"no item '{item_id}' in collection '{collection_id}'")
            bases = request.app.state.planner.bases
            writer = Writer(connection, _surroundings(request), get_base_url(request), bases)
            return Response(await writer.feature(row), media_type=GEOJSON)

    async def _search_base(self, search_request: Any, request: Request) -> Any:
        """Every way to several items ends here: a search, and the items of a collection."""
        told = (search_request, request, request.app.state.surroundings, request.app.state.planner)
        if form := asked_form(request):
            found = {"links": [], WRITTEN: await stream(*told, form)}
        else:
            found = await page(*told)
        if hasattr(search_request, "fields"):
            search_request.fields = None  # stac-fastapi would write the answer in another way
        return found


def _doors(request: Request, collection: str) -> list[Link]:
    """Links of a collection to counts of its items, and to catalogs of them."""
    tree = Tree(get_base_url(request))
    return [*aggregation.links(tree.address("collections", collection)), tree.door(collection)]


def _written(found: Any) -> Response:
    """The answer in bytes: FastAPI would look at every member first."""
    if answer := found.get(WRITTEN):
        return cast("Response", answer)
    # a link of the next page repeats the body of the search, whose numbers may exceed 64 bits
    links = orjson.Fragment(json.dumps(found["links"]))
    return Response(orjson.dumps({**found, "links": links}), media_type=GEOJSON)
