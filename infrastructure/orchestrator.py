"""The door to Prefect's API outside the flows: start a deployment, ask how its run is.

The rooms that read never import a flow; they name its deployment.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import httpx

from infrastructure.errors import Invalid, Misconfigured, NotFound, Unreachable

if TYPE_CHECKING:  # importing Prefect takes a second; who never starts a flow does not wait
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import State


PAGE = 200
"""Runs that Prefect tells of at a time, at most."""


class RunState(NamedTuple):
    """The state of a flow run."""

    type: str
    """`SCHEDULED`, `RUNNING`, `CRASHED` ..."""
    name: str
    """`Running`, `Retrying` ..."""
    message: str


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


def state(flow_run_id: UUID) -> RunState:
    """The state of a run.

    Raises:
        NotFound: Prefect knows no such run.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    with _client(f"flow run {flow_run_id}") as client:
        return _told(client.read_flow_run(flow_run_id).state)


def reserve(name: str, label: str, hold: timedelta) -> UUID:
    """Create a run of a deployment that starts after `hold`, unless it is released before.

    Args:
        name: The deployment, `flow/deployment`.
        label: Name of the run, for people.
        hold: How long it waits.

    Raises:
        NotFound: Prefect knows no deployment of that name.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    from prefect.states import Scheduled

    with _client(f"deployment '{name}'") as client:
        deployment = client.read_deployment_by_name(name)
        held: State = Scheduled(scheduled_time=datetime.now(UTC) + hold)
        return client.create_flow_run_from_deployment(deployment.id, state=held, name=label).id


def release(flow_run_id: UUID) -> None:
    """Let a run start now.

    Raises:
        NotFound: Prefect knows no such run.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    from prefect.states import Scheduled

    with _client(f"flow run {flow_run_id}") as client:
        now: State = Scheduled(scheduled_time=datetime.now(UTC))
        client.set_flow_run_state(flow_run_id, now)


def cancel(flow_run_id: UUID) -> None:
    """Have a run cancelled: at once if it has not started, else as soon as its worker looks.

    Raises:
        NotFound: Prefect knows no such run.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    from prefect.states import Cancelling

    with _client(f"flow run {flow_run_id}") as client:
        stopping: State = Cancelling()
        client.set_flow_run_state(flow_run_id, stopping)


def crash(flow_run_id: UUID, message: str) -> None:
    """Tell Prefect that the process of a run died; what waits for its slot may start.

    Raises:
        NotFound: Prefect knows no such run.
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    from prefect.states import Crashed

    with _client(f"flow run {flow_run_id}") as client:
        dead: State = Crashed(message=message)
        client.set_flow_run_state(flow_run_id, dead, force=True)


def states(flow_run_ids: Sequence[UUID]) -> dict[UUID, RunState]:
    """The states of runs, of those that Prefect knows.

    Raises:
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.client.schemas.sorting import FlowRunSort

    found: dict[UUID, RunState] = {}
    with _client("flow runs") as client:
        for start in range(0, len(flow_run_ids), PAGE):
            ids = list(flow_run_ids[start : start + PAGE])
            wanted = FlowRunFilter(id=FlowRunFilterId(any_=ids))
            # without an order, the client asks for one that the server does not know
            runs = client.read_flow_runs(
                flow_run_filter=wanted, sort=FlowRunSort.ID_DESC, limit=PAGE
            )
            found |= {run.id: _told(run.state) for run in runs}
    return found


def has_deployment(name: str) -> bool:
    """Whether Prefect knows the deployment `flow/deployment`.

    Raises:
        Unreachable: Prefect's API does not answer.
        Misconfigured: PREFECT_API_URL is not set.
    """
    try:
        with _client(f"deployment '{name}'") as client:
            client.read_deployment_by_name(name)
    except NotFound:
        return False
    return True


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


def secret(block: str) -> str:
    """The value of a Secret block.

    Raises:
        Misconfigured: Prefect has no such block, or PREFECT_API_URL is not set.
        Unreachable: Prefect's API does not answer.
    """
    try:
        with _client(f"block 'secret/{block}'") as client:
            document = client.read_block_document_by_name(block, "secret")
    except NotFound as error:
        raise Misconfigured(str(error)) from error
    return str(document.data["value"])


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


def _told(state: "State | None") -> RunState:
    if state is None:
        return RunState("PENDING", "Pending", "")
    return RunState(
        state.type.value, state.name or state.type.value.capitalize(), state.message or ""
    )


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
