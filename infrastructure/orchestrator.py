"""The door to Prefect's API outside the flows: start a deployment, ask how its run is.

The rooms that read never import a flow; they name its deployment.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from infrastructure.errors import Invalid, Misconfigured, NotFound, Unreachable

if TYPE_CHECKING:  # importing Prefect takes a second; who never starts a flow does not wait
    from prefect.client.orchestration import SyncPrefectClient


def run_deployment(name: str, parameters: dict[str, Any]) -> UUID:
    """Create a run of the deployment `flow/deployment` and return its id at once.

    Raises:
        NotFound: Prefect knows no deployment of that name.
        Invalid: the parameters do not fit the flow's.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    with _client(f"deployment '{name}'") as client:
        deployment = client.read_deployment_by_name(name)
        run = client.create_flow_run_from_deployment(deployment.id, parameters=parameters)
        return run.id


def state(flow_run_id: UUID) -> tuple[str, str, str]:
    """Type (`RUNNING` ...), name (`Running`, `Retrying` ...) and message of a run's state.

    Raises:
        NotFound: Prefect knows no such run.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    with _client(f"flow run {flow_run_id}") as client:
        found = client.read_flow_run(flow_run_id).state
    if found is None:
        return "PENDING", "Pending", ""
    return found.type.value, found.name or found.type.value.capitalize(), found.message or ""


def has_worker(flow_run_id: UUID) -> bool:
    """Whether a worker that could start the run is alive: one of its work pool is online.

    Raises:
        NotFound: Prefect knows no such run, or its work pool is gone.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    with _client(f"flow run {flow_run_id}") as client:
        pool = client.read_flow_run(flow_run_id).work_pool_name
        workers = client.read_workers_for_work_pool(pool, offset=0, limit=200) if pool else []
    return any(worker.status == "ONLINE" for worker in workers)


def is_cron(text: str) -> bool:
    """Whether Prefect takes it as a cron expression."""
    from prefect.client.schemas.schedules import CronSchedule
    from pydantic import ValidationError

    try:
        CronSchedule(cron=text)
    except ValidationError:
        return False
    return True


def ui_url(flow_run_id: UUID) -> str:
    """The page of a run in Prefect's user interface.

    Raises:
        Misconfigured: PREFECT_API_URL is not set.
    """
    root = os.environ.get("PREFECT_UI_URL") or _api_url().removesuffix("/api")
    return f"{root.rstrip('/')}/runs/flow-run/{flow_run_id}"


def _api_url() -> str:
    url = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    if not url:
        raise Misconfigured("PREFECT_API_URL is not set: no Prefect server to ask")
    return url


@contextmanager
def _client(subject: str) -> "Iterator[SyncPrefectClient]":
    """A client of the server of PREFECT_API_URL, whose errors are ours."""
    url = _api_url()  # without it, Prefect would start a server of its own
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound
    from prefect.settings import PREFECT_API_URL, temporary_settings

    try:
        with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
            yield client
    except ObjectNotFound as error:
        raise NotFound(f"Prefect knows no {subject}") from error
    except httpx.HTTPStatusError as error:
        if error.response.status_code in (409, 422):
            raise Invalid(
                f"Prefect refuses the parameters for {subject}: {_detail(error)}"
            ) from error
        raise Unreachable(f"Prefect answered: {_detail(error)}") from error
    except (httpx.HTTPError, RuntimeError) as error:
        raise Unreachable(f"Prefect does not answer at {url}: {error}") from error


def _detail(error: httpx.HTTPStatusError) -> str:
    return f"{error.response.status_code} {error.response.text[:300]}"
