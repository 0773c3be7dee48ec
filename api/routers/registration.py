"""Registering and deregistering: an order is accepted at once, and its job tells the rest.

Bodies are read only when the bearer token is that of a writer. The answers are `statusInfo` of
OGC API - Processes 1.0 (OGC 18-062r2, 7.12).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.body import described, parsed
from api.orders import accepted
from infrastructure.orders import Deregistration, Registration

router = APIRouter(tags=["Registration"])


@router.post("/registration", status_code=201, openapi_extra=described(Registration))
def register(
    order: Annotated[Registration, Depends(parsed(Registration))],
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Register a product, document or service; the answer is the job that does it."""
    return accepted(order, request, response)


@router.post("/deregistration", status_code=201, openapi_extra=described(Deregistration))
def deregister(
    order: Annotated[Deregistration, Depends(parsed(Deregistration))],
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Remove items from the catalogue, with their records, tiles and files; the answer is the job.

    It is successful when they are gone everywhere.
    """
    return accepted(order, request, response)
