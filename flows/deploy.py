"""Prefect deployments, one per collection file: `swath deploy`, or `python -m flows.deploy`."""

import os
import sys
from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import DeploymentSort
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.types.entrypoint import EntrypointType

from flows import collection as collections
from flows.harvest import harvest
from flows.ingest import deregister, register
from flows.product import check
from infrastructure.errors import Misconfigured
from infrastructure.settings import HarvestSettings

TAG = "harvest"

BY_NAME = DeploymentSort.NAME_ASC

PAGE = 200
"""Deployments that Prefect gives at a time, at most."""

ONE_AT_A_TIME = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE, grace_period_seconds=60
)
"""Runs of one collection wait for each other; the ledger's lock holds even without Prefect."""


def deploy() -> list[str]:
    """Make or renew the deployments, and remove those whose file is gone; the names of the first.

    Raises:
        Misconfigured: collection files are wrong; the message names each. The others are deployed.
    """
    settings = HarvestSettings()
    stories, faults = collections.survey(settings.collections, check)
    _make_pool(settings.work_pool)
    _deploy_registration(settings)
    for story in stories.values():
        RunnerDeployment.from_flow(
            harvest,
            name=story.id,
            description=story.description,
            parameters={"collection": story.id},
            cron=story.schedule if isinstance(story.schedule, str) else None,
            interval=story.schedule if isinstance(story.schedule, timedelta) else None,
            concurrency_limit=ONE_AT_A_TIME,
            tags=[TAG],
            work_pool_name=settings.work_pool,
            entrypoint_type=EntrypointType.MODULE_PATH,
        ).apply()
    names = collections.names(settings.collections)
    if names is not None:  # else one of those that seem to be gone may be that of a broken file
        _remove_others(names)
    if faults:
        raise Misconfigured("; ".join(faults))
    return [f"harvest/{name}" for name in stories]


def _deploy_registration(settings: HarvestSettings) -> None:
    """The flows that carry out the orders of the API; their runs wait for each other."""
    limit = ConcurrencyLimitConfig(
        limit=settings.registrations, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
    )
    for flow in (register, deregister):
        RunnerDeployment.from_flow(
            flow,
            name=flow.name,
            concurrency_limit=limit,
            tags=["registration"],
            work_pool_name=settings.work_pool,
            entrypoint_type=EntrypointType.MODULE_PATH,
        ).apply()


def _remove_others(names: set[str]) -> None:
    """Delete the deployments of collection files that are no more; their runs stay."""
    wanted = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    with get_client(sync_client=True) as client:
        found: list[DeploymentResponse] = []
        while page := client.read_deployments(
            deployment_filter=wanted, sort=BY_NAME, limit=PAGE, offset=len(found)
        ):
            found += page
        for deployment in found:
            if deployment.name not in names:
                client.delete_deployment(deployment.id)


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
