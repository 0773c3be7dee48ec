"""The API: STAC, the files of the store, records in other standards, and the page for people.

Run it with `uvicorn api.app:create_app --factory`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from brotli_asgi import BrotliMiddleware
from fastapi import Depends, FastAPI, Request
from stac_fastapi.extensions.query import QueryConformanceClasses
from stac_fastapi.pgstac.app import instantiate_api
from stac_fastapi.pgstac.config import Settings
from stac_fastapi.pgstac.db import close_db_connection, get_connection
from stac_fastapi.pgstac.models.extensions import Extensions
from starlette.middleware import Middleware

from api import freetext, queryables, searches
from api.client import CatalogueClient
from api.conditional import Conditional, HeadAsGet
from api.description import describe
from api.errors import add_error_handlers
from api.pool import open_pool
from api.routers import (
    aggregation,
    assets,
    browse,
    eoepca,
    events,
    jobs,
    notifications,
    ogc_records,
    page,
    quarantine,
    records,
    registration,
    subscriptions,
)
from api.search.query import QueryExtension
from api.search.rows import Planner
from api.surroundings import Surroundings
from infrastructure.errors import Invalid
from infrastructure.settings import ApiSettings, DatabaseSettings, StorageSettings, TilesSettings
from infrastructure.storage import asset_store

ASKED = ("Content-Type", "Range", "If-Range", "If-None-Match", "Last-Event-ID")
"""Request headers that a page elsewhere may send: a browser needs leave for those of a range."""

UNCOMPRESSED = [r"^.*/assets/.*", r"^.*/events$"]
"""A range is one of the file's own bytes, and a stream of events must not wait in a buffer."""

ROUTERS = (
    aggregation, browse, assets, ogc_records, records, events, subscriptions, registration,
    notifications, jobs, quarantine, eoepca, page,
)  # fmt: skip


class StacSettings(Settings):  # type: ignore[misc]  # stac-fastapi is untyped
    """stac-fastapi's settings as we make them: no variable and no `.env` file changes them."""

    @classmethod
    def settings_customise_sources(
        cls,
        _settings_cls: Any,
        init_settings: Any,
        *_environment: Any,
        **_more: Any,
    ) -> tuple[Any, ...]:
        """Take what `_stac_settings` says and nothing else."""
        return (init_settings,)


def create_app() -> FastAPI:
    """Build the application from the settings of the environment."""
    own = ApiSettings()
    settings = _stac_settings(own)
    api = instantiate_api(
        client=CatalogueClient,
        settings=settings,
        extensions=_extensions(settings),
        lifespan=_lifespan,
    )
    api.add_route_dependencies(
        [{"path": "/search", "method": "POST"}], [Depends(_search_is_an_object)]
    )
    api.client.base_conformance_classes = [
        *api.client.base_conformance_classes,
        *aggregation.CONFORMANCE,
        *browse.CONFORMANCE,
    ]
    api.client.landing_page_id = "swath"
    api.client.stac_version = "1.1.0"
    api.client.title = own.title
    api.client.description = own.description
    app: FastAPI = api.app
    setattr(app.state, searches.MODEL, api.search_post_request_model)
    app.state.stac_client = api.client
    storage = StorageSettings()
    app.state.surroundings = Surroundings(asset_store(storage), storage, TilesSettings().url, own)
    app.state.planner = Planner()
    for module in ROUTERS:
        app.include_router(module.router)
    app.add_middleware(page.PageForPeople)
    app.add_middleware(HeadAsGet)
    app.user_middleware.append(Middleware(Conditional))
    _compress(app)
    add_error_handlers(app)
    describe(app)
    return app


async def _search_is_an_object(request: Request) -> None:
    """stac-pydantic takes this for granted."""
    told = request.headers.get("content-type", "application/json")
    if "json" not in told:
        raise Invalid(f"the body of a search is JSON, not {told}")
    if not isinstance(await request.json(), dict):
        raise Invalid("the body of a search is a JSON object")


def _extensions(settings: StacSettings) -> Extensions:
    return Extensions(
        settings=settings,
        search_map={
            "query": QueryExtension(),
            "filter": queryables.search(),
            "free_text": freetext.extension(freetext.SEARCH),
        },
        item_collection_map={
            "query": QueryExtension(conformance_classes=[QueryConformanceClasses.ITEMS]),
            "filter": queryables.items(),
            "free_text": freetext.extension(freetext.ITEMS),
        },
        collection_search_map={"filter": queryables.collections()},
    )


def _compress(app: FastAPI) -> None:
    """Compress in half of the usual time, to an eighth more; some answers would break by it."""
    for middleware in app.user_middleware:
        if getattr(middleware.cls, "__name__", "") == BrotliMiddleware.__name__:
            middleware.kwargs["excluded_handlers"] = UNCOMPRESSED
            middleware.kwargs["quality"] = 3


def _stac_settings(own: ApiSettings) -> StacSettings:
    return StacSettings(
        stac_fastapi_title=own.title,
        stac_fastapi_description=own.description,
        stac_fastapi_landing_id="swath",
        stac_fastapi_version=version("swath"),
        use_api_hydrate=True,
        enable_transactions_extensions=False,  # items are written by infrastructure.register
        cors_methods=("GET", "HEAD", "POST", "OPTIONS"),
        cors_headers=ASKED,
        docs_url="",  # routers/page.py has one that loads nothing from elsewhere
        openapi_url="/api",
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.readpool = await open_pool(DatabaseSettings(), ApiSettings().search_timeout)
    app.state.get_connection = get_connection
    yield
    await close_db_connection(app)
