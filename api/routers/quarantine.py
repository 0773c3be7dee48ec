"""The quarantine: what could not be registered, why, and what came as it came."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from stac_fastapi.types.requests import get_base_url

from api.paging import Paged
from api.security import writer
from api.status import rfc3339
from infrastructure.catalogue import Catalogue
from infrastructure.quarantine import Quarantine, Quarantined
from infrastructure.settings import DatabaseSettings


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    with Catalogue(DatabaseSettings()) as catalogue:
        app.state.quarantine = Quarantine(catalogue)
        yield


router = APIRouter(tags=["Quarantine"], lifespan=_lifespan)


@router.get("/quarantine")
def quarantine(
    request: Request,
    paging: Paged,
    collection: Annotated[str | None, Query(description="Only of this collection.")] = None,
) -> dict[str, Any]:
    """What is in quarantine, the newest first, with the reason in words."""
    store: Quarantine = request.app.state.quarantine
    found = store.list(collection, paging.limit + 1, paging.offset)
    return paging.page("quarantine", [_told(entry, request) for entry in found])


@router.get(
    "/quarantine/{collection}/{upstream_id:path}",
    dependencies=[Depends(writer)],
    response_class=Response,
)
def original(collection: str, upstream_id: str, request: Request) -> Response:
    """What came, as it came; only for writers, and never shown by a browser."""
    store: Quarantine = request.app.state.quarantine
    found = store.original(collection, upstream_id)
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(found.content, media_type=found.media_type, headers=headers)


def _told(entry: Quarantined, request: Request) -> dict[str, Any]:
    names = "/".join(quote(name, safe="") for name in (entry.collection, entry.upstream_id))
    href = f"{get_base_url(request)}quarantine/{names}"
    return {
        "collection": entry.collection,
        "source": entry.source,
        "upstreamId": entry.upstream_id,
        "reason": entry.reason,
        **({"item": entry.item_id} if entry.item_id else {}),
        "firstSeen": rfc3339(entry.first_seen),
        "updated": rfc3339(entry.last_changed),
        "links": [{"rel": "original", "href": href, "title": "What came, as it came"}],
    }
