"""Prefect deployments, one per collection file: `swath deploy`, or `python -m flows.deploy`."""

import os
import sys

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.types.entrypoint import EntrypointType

from flows import collection as collections
from flows.harvest import harvest
from flows.product import check
from infrastructure.errors import Misconfigured
from infrastructure.settings import HarvestSettings


def deploy() -> list[str]:
    """Make or renew the deployments; their names.

    Raises:
        Misconfigured: collection files are wrong; the message names each. The others are deployed.
    """
    settings = HarvestSettings()
    stories, faults = collections.survey(settings.collections, check)
    _make_pool(settings.work_pool)
    for story in stories.values():
        RunnerDeployment.from_flow(
            harvest,
            name=story.id,
            description=story.description,
            parameters={"collection": story.id},
            cron=story.schedule,
            tags=["harvest"],
            work_pool_name=settings.work_pool,
            entrypoint_type=EntrypointType.MODULE_PATH,
        ).apply()
    if faults:
        raise Misconfigured("; ".join(faults))
    return [f"harvest/{name}" for name in stories]


def _make_pool(name: str) -> None:
    with get_client(sync_client=True) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name=name, type="process"))
        except ObjectAlreadyExists:
            return


if __name__ == "__main__":
    try:
        deploy()
    except Misconfigured as error:
        print(error, file=sys.stderr)  # noqa: T201 - a program of its own, called by `swath up`
        sys.exit(os.EX_CONFIG)
