"""The messages of EOEPCA's registration APIs, for clients that speak them already.

`/eoepca/register` and its neighbours take the bodies of its first registration API (before 2.0),
`/eoepca/processes/.../execution` those of its second, an OGC API - Processes. Both become the
jobs of `/registration` and `/deregistration`; nothing is said to be done before it is.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.body import checked, described, parsed
from api.executions import Document, Execution, kind
from api.orders import accepted, whereabouts
from infrastructure.errors import Invalid
from infrastructure.orders import Deregistration, Registration

router = APIRouter(prefix="/eoepca", tags=["EOEPCA"])

TYPES = {
    "stac-item": "stac-item",
    "ades": "service",
    "oaproc": "service",
    "application": "application",
    "catalogue": "catalogue",
    "xml": "iso",
}
"""Type of EOEPCA's message -> ours."""


class Message(BaseModel):
    """The body of `register` and `deregister`."""

    type: str = Field(description=f"One of {', '.join(TYPES)}; case is ignored.")
    url: str | None = Field(None, description="Address of what is registered.")
    parent_identifier: str | None = Field(None, description="Id of the collection.")
    identifier: str | None = Field(None, description="Of `deregister`: id of the item.")

    def kind(self) -> str:
        """Our type."""
        known = TYPES.get(self.type.lower())
        if known is None:
            raise Invalid(f"no type '{self.type}'; there are: {', '.join(TYPES)}")
        return known


Messages = Annotated[Message, Depends(parsed(Message))]
Documents = Annotated[Document, Depends(parsed(Document))]
Executions = Annotated[Execution, Depends(parsed(Execution))]


@router.post("/register", status_code=202, openapi_extra=described(Message))
def register(message: Messages, request: Request, response: Response) -> dict[str, Any]:
    """Register by address; an address of a `stac-item` that ends in `/` is that of a catalog."""
    url = message.url
    if url and message.kind() == "stac-item" and url.endswith("/"):
        url = f"{url}catalog.json"
    wanted = {"type": message.kind(), "url": url, "collection": message.parent_identifier}
    return _told(accepted(checked(Registration, wanted), request, response))


@router.post("/deregister", status_code=202, openapi_extra=described(Message))
def deregister(message: Messages, request: Request, response: Response) -> dict[str, Any]:
    """Deregister by identifier, or by the address that was registered."""
    message.kind()
    wanted: dict[str, Any] = {"url": message.url}
    if message.identifier is not None:
        wanted = whereabouts(request, message.identifier, message.parent_identifier)
    return _told(accepted(checked(Deregistration, wanted), request, response))


@router.post("/register-collection", status_code=202, openapi_extra=described(Document))
def register_collection(
    document: Documents, request: Request, response: Response
) -> dict[str, Any]:
    """Register the STAC Collection that is the body."""
    wanted = {"type": "stac-collection", "content": document.model_dump()}
    return _told(accepted(checked(Registration, wanted), request, response))


@router.post("/register-json", status_code=202, openapi_extra=described(Document))
def register_json(document: Documents, request: Request, response: Response) -> dict[str, Any]:
    """Register the STAC Item or Collection that is the body."""
    wanted = {"type": kind(document), "content": document.model_dump()}
    return _told(accepted(checked(Registration, wanted), request, response))


@router.post("/processes/register/execution", status_code=201, openapi_extra=described(Execution))
def execute_register(execution: Executions, request: Request, response: Response) -> dict[str, Any]:
    """Register by the process of that name; always asynchronous."""
    response.headers["Preference-Applied"] = "respond-async"
    wanted = checked(Registration, execution.registration())
    return accepted(wanted, request, response)


@router.post("/processes/deregister/execution", status_code=201, openapi_extra=described(Execution))
def execute_deregister(
    execution: Executions, request: Request, response: Response
) -> dict[str, Any]:
    """Deregister by the process of that name; always asynchronous."""
    response.headers["Preference-Applied"] = "respond-async"
    wanted: dict[str, Any] = {"url": execution.source.href}
    if execution.inputs.id is not None:
        wanted = whereabouts(request, execution.inputs.id, execution.collection())
    return accepted(checked(Deregistration, wanted), request, response)


def _told(job: dict[str, Any]) -> dict[str, Any]:
    """EOEPCA's answer, with the job beside it."""
    return {"message": f"{job['processID']} is accepted as job {job['jobID']}", **job}
