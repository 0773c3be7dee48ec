"""Following a run that will never end."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Running as RunningState

from flows.follow import follow
from infrastructure import orchestrator
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Unavailable
from infrastructure.ledger import Ledger
from infrastructure.settings import DatabaseSettings

if TYPE_CHECKING:
    from tests.platform.conftest import Running

pytestmark = pytest.mark.platform


@pytest.fixture
def client(platform: "Running", monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncPrefectClient]:
    """A client of the platform's Prefect, and the platform's environment."""
    for line in platform.swath("env").stdout.splitlines():
        (assignment,) = shlex.split(line.removeprefix("export "))
        name, _, value = assignment.partition("=")
        monkeypatch.setenv(name, value)
    url = orchestrator._api_url()
    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def waiting(client: SyncPrefectClient) -> Iterator[UUID]:
    """A run in a work pool that has no worker."""
    client.create_work_pool(WorkPoolCreate(name="idle", type="process"))
    flow = client.read_deployment_by_name("harvest/landsat8-itaipu").flow_id
    client.create_deployment(flow, "idle", work_pool_name="idle", enforce_parameter_schema=False)
    run = orchestrator.run_deployment("harvest/idle", {"collection": "idle"})
    yield run
    client.delete_work_pool("idle")


def test_a_run_that_no_worker_will_start_is_not_waited_for(waiting: UUID) -> None:
    assert not orchestrator.has_worker(waiting)
    with pytest.raises(Unavailable, match=r"no worker is alive .* `swath logs worker`"):
        follow(waiting, quiet=True, patience=1)


def test_a_run_that_has_a_worker_is_waited_for(client: SyncPrefectClient) -> None:  # noqa: ARG001
    run = orchestrator.run_deployment("harvest/landsat8-itaipu", {"collection": "landsat8-itaipu"})
    assert orchestrator.has_worker(run)
    assert follow(run, quiet=True, patience=0.1).completed


def test_a_run_whose_process_died_is_not_waited_for(
    client: SyncPrefectClient, waiting: UUID
) -> None:
    client.set_flow_run_state(waiting, RunningState(), force=True)
    with Catalogue(DatabaseSettings()) as catalogue:
        ledger = Ledger(catalogue)
        ledger.begin(waiting, "landsat8-itaipu")
        with catalogue.transaction() as connection:
            connection.execute(
                "UPDATE swath.run SET state = 'crashed', ended = now() WHERE id = %s", [waiting]
            )
    ended = follow(waiting, quiet=True)
    assert (ended.state, ended.completed) == ("Crashed", False)
