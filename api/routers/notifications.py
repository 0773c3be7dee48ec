"""Messages of upstreams: a bucket tells that objects came or went, and is harvested at once."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response
from pydantic import BaseModel, Field

from api.security import writer
from infrastructure import orchestrator

router = APIRouter(tags=["Registration"])


class Started(BaseModel):
    """The job that was started."""

    job_id: UUID = Field(alias="jobID", description="Its id, which is that of its flow run.")


@router.post(
    "/notifications/{collection_id}",
    status_code=201,
    dependencies=[Depends(writer)],
    responses={404: {"description": "No such collection is harvested"}},
)
def notify(
    collection_id: str, message: Annotated[dict[str, Any], Body()], response: Response
) -> Started:
    """Harvest what a message of the collection's source is about.

    Buckets of AWS S3, MinIO and Ceph send such messages (`Records`) when they are told this
    address. A message that names nothing of the source harvests nothing.
    """
    run = orchestrator.run_deployment(
        f"harvest/{collection_id}", {"collection": collection_id, "notice": message}
    )
    response.headers["Location"] = f"../jobs/{run}"
    return Started(jobID=run)
