"""Accepting what a request asks to be registered or deregistered."""

from typing import Any

from fastapi import Request, Response

from api.status import status_info
from infrastructure.acceptance import accept, is_known, located
from infrastructure.errors import Invalid, NotFound
from infrastructure.jobs import Jobs
from infrastructure.orders import Deregistration, Registration

MADE_ON_DEMAND = {"application", "catalogue", "service", "stac-collection"}
"""Types whose collection need not be there yet, unless the request names one."""


def accepted(
    order: Registration | Deregistration, request: Request, response: Response
) -> dict[str, Any]:
    """Accept an order: its job, whose address is the answer's `Location`.

    Raises:
        NotFound: there is no such collection.
        Unreachable: Prefect or the database does not answer.
    """
    jobs: Jobs = request.app.state.jobs
    _ensure_known(jobs, _home(order))
    told = status_info(jobs.job(accept(jobs, order)), request)
    response.headers["Location"] = told["links"][0]["href"]
    return told


def whereabouts(request: Request, item: str, collection: str | None) -> dict[str, Any]:
    """The order that deregisters an item by its id alone, or that with `.SAFE` after it.

    Raises:
        NotFound: there is no such item.
        Invalid: several collections have one.
    """
    found = located(request.app.state.jobs, [item, f"{item}.SAFE"], collection)
    if not found:
        raise NotFound(f"no item '{item}'" + (f" in '{collection}'" if collection else ""))
    if len(found) > 1:
        names = ", ".join(f"{home}/{name}" for home, name in found)
        raise Invalid(f"'{item}' is not one item but several, say which collection: {names}")
    home, name = found[0]
    return {"collection": home, "items": [name]}


def _home(order: Registration | Deregistration) -> str | None:
    if isinstance(order, Registration) and order.type not in MADE_ON_DEMAND:
        return order.home()
    return order.collection


def _ensure_known(jobs: Jobs, collection: str | None) -> None:
    if collection is not None and not is_known(jobs, collection):
        raise NotFound(f"no collection '{collection}'")
