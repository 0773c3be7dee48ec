"""Jobs: harvests, registrations and deregistrations, as OGC API - Processes 1.0 tells of jobs.

The id of a job is that of its flow run in Prefect.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import HTTPException
from stac_fastapi.types.requests import get_base_url

from api.paging import Paged
from api.security import writer
from api.status import STATUS, rfc3339, status_info
from infrastructure.database import Database
from infrastructure.errors import Invalid, NotFound
from infrastructure.job_states import cancel, observed
from infrastructure.jobs import Choice, Jobs, Result
from infrastructure.ledger import HELD
from infrastructure.settings import DatabaseSettings

KINDS = ("harvest", "register", "deregister")
NAMES = tuple(dict.fromkeys(STATUS.values()))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    with Database(DatabaseSettings()) as database:
        app.state.jobs = Jobs(database)
        yield


router = APIRouter(tags=["Jobs"], lifespan=_lifespan)


@router.get("/jobs")
def jobs(  # noqa: PLR0913, PLR0917 - one for each parameter of the address
    request: Request,
    paging: Paged,
    state: Annotated[
        list[str] | None, Query(alias="status", description=f"Only these: {', '.join(NAMES)}.")
    ] = None,
    process: Annotated[
        list[str] | None, Query(alias="processID", description=f"Only of: {', '.join(KINDS)}.")
    ] = None,
    collection: Annotated[str | None, Query(description="Only about this collection.")] = None,
    prefix: Annotated[
        str | None,
        Query(pattern="^[0-9A-Fa-f-]{4,36}$", description="Only those whose id begins with this."),
    ] = None,
) -> dict[str, Any]:
    """The jobs, the newest first: the `jobList` of OGC 18-062r2, 11.

    Several values of a parameter are given with commas between, or by several parameters.
    """
    store: Jobs = request.app.state.jobs
    choice = Choice(_kinds(process), _states(state), collection, prefix)
    found = store.jobs(choice, paging.limit, paging.offset)
    if observed(store, found) != found:  # some had ended without a word: they may not belong here
        found = store.jobs(choice, paging.limit, paging.offset)
    entries = [status_info(job, request) for job in found]
    return paging.page("jobs", entries, store.count(choice))


@router.get("/jobs/{job_id}")
def job(job_id: str, request: Request) -> dict[str, Any]:
    """One job: the `statusInfo` of OGC 18-062r2, 7.12."""
    store: Jobs = request.app.state.jobs
    (found,) = observed(store, [store.job(_id(job_id))])
    return status_info(found, request)


@router.get("/jobs/{job_id}/results")
def results(job_id: str, request: Request, paging: Paged) -> dict[str, Any]:
    """What became of each product and record that the job was the last to touch, with reasons.

    Unlike in the standard, a job that runs or failed has results, too: those that there are.
    """
    store: Jobs = request.app.state.jobs
    run = store.job(_id(job_id)).id
    found, total = store.results(run, paging.limit, paging.offset)
    return paging.page("items", [_result(result, request) for result in found], total)


@router.delete("/jobs/{job_id}", dependencies=[Depends(writer)])
def dismiss(job_id: str, request: Request) -> dict[str, Any]:
    """Cancel a job that has not ended (OGC 18-062r2, 13); what it did before stays.

    A job that has ended is kept as it is: 409.
    """
    job = cancel(request.app.state.jobs, _id(job_id))
    if job.state != "cancelled":
        raise HTTPException(409, f"job {job_id} has ended already: {STATUS[job.state]}")
    return status_info(job, request)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(f"no job {text}") from error


def _kinds(given: list[str] | None) -> list[str] | None:
    return _known(given, "processID", KINDS)


def _states(given: list[str] | None) -> list[str] | None:
    wanted = _known(given, "status", NAMES)
    return wanted and [state for state, name in STATUS.items() if name in wanted]


def _known(given: list[str] | None, name: str, known: Sequence[str]) -> list[str] | None:
    values = [value for text in given or () for value in text.split(",")]
    if unknown := sorted(set(values) - set(known)):
        raise Invalid(f"{name}: no '{unknown[0]}'; there are: {', '.join(known)}")
    return values or None


def _result(result: Result, request: Request) -> dict[str, Any]:
    told = {
        "upstreamId": result.upstream_id,
        "source": result.source,
        "collection": result.collection,
        "item": result.item_id,
        "state": result.state,
        "reason": result.reason,
        "successor": result.successor,
        "updated": rfc3339(result.last_changed),
    }
    entry: dict[str, Any] = {key: value for key, value in told.items() if value is not None}
    if result.state in HELD:
        path = f"collections/{result.collection}/items/{quote(result.item_id or '', safe='')}"
        href = f"{get_base_url(request)}{path}"
        entry["links"] = [{"rel": "item", "href": href, "type": "application/geo+json"}]
    return entry
