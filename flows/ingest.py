"""The flows that carry out the orders of the registration API.

What was asked for stands in the row of the job, which has the id of the flow run; see
`infrastructure/acceptance.py`. A registration goes the same way as a harvest: read, enrich,
validate, register, or quarantine.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from flows.harvest import DELAYS, seed_tiles
from flows.job import Job
from flows.log import without_traces
from flows.registration.job import Dismissed, Ingest, ensure_wanted
from flows.registration.removal import Removal
from flows.showcase import publish
from flows.tally import Lot
from infrastructure.catalogue import Catalogue
from infrastructure.errors import SwathError, Transient
from infrastructure.jobs import Jobs, alive
from infrastructure.orders import Deregistration, Registration
from infrastructure.settings import DatabaseSettings, HarvestSettings

Order = TypeVar("Order", Registration, Deregistration)
Work = TypeVar("Work", Ingest, Removal)

NOBODY = "Nobody waits for this run: its job was cancelled, or never accepted."


@flow(name="register")
def register() -> State:
    """Register what the order of this run's job names.

    Raises:
        Unreachable: the database does not answer.
    """
    return _carry_out(Registration, Ingest, _register)


@flow(name="deregister")
def deregister() -> State:
    """Deregister what the order of this run's job names, everywhere.

    Raises:
        Unreachable: the database does not answer.
    """
    return _carry_out(Deregistration, Removal, _deregister)


def _carry_out(
    model: type[Order],
    make: Callable[[Order, Catalogue, HarvestSettings, UUID], Work],
    work: Callable[[Work], str | None],
) -> State:
    """Open the job, do its work, and close it with what made it fail, if anything.

    A process that is stopped from outside closes nothing: whoever asks for the job sees that it
    is gone, and Prefect knows why.
    """
    without_traces()
    run, database = UUID(runtime.flow_run.id), DatabaseSettings()
    with alive(database, run), Catalogue(database) as catalogue:
        jobs = Jobs(catalogue)
        request = jobs.begin(run)
        if request is None:
            return Cancelled(message=NOBODY)
        doing = make(model.model_validate(request), catalogue, HarvestSettings(), run)
        try:
            error = work(doing)
        except Dismissed as dismissed:
            return Cancelled(message=str(dismissed))
        except SwathError as failure:
            error = str(failure)
        except Exception as bug:
            jobs.end(run, doing.counts, f"{type(bug).__name__}: {bug}")
            raise
        jobs.end(run, doing.counts, error)
    return Failed(message=error) if error else Completed(message=_summary(doing.counts))


def _register(work: Ingest) -> str | None:
    """Do it all; what made the job fail, if anything."""
    late: list[str] = []
    find(work)
    for job, lot in work.batches():
        late += take_in(work, job, lot)
    if work.job:
        if work.job.tally.changed and work.job.story.seed:
            seed_tiles(work.job)
        publish(work.job, last=True)
    close(work)
    return late[0] if late else work.error()


def _deregister(work: Removal) -> str | None:
    """Do it all; what made the job fail, if anything."""
    for collection, items in work.batches():
        remove_batch(work, collection, items)
    return work.error()


PATIENT: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "retries": len(DELAYS),
    "retry_delay_seconds": DELAYS,
    "retry_condition_fn": lambda _task, _run, state: isinstance(
        state.result(raise_on_failure=False), Transient
    ),
}
"""Tasks that are tried again a little later when something does not answer."""


@task(task_run_name="find", **PATIENT)
def find(work: Ingest) -> None:
    """Find what the order names."""
    work.open()


@task(task_run_name="register", **PATIENT)
def take_in(work: Ingest, job: Job, lot: Lot) -> list[str]:
    """Read, enrich and register a batch; what did not answer, after the last attempt."""
    late = job.prepare(lot)
    if late and runtime.task_run.run_count <= len(DELAYS):
        raise late[0]
    ensure_wanted(work.jobs, work.run)
    for outcome in job.register(lot):
        get_run_logger().warning("quarantined %s: %s", outcome.upstream_id, outcome.error)
    return [str(error) for error in late]


@task(task_run_name="close", **PATIENT)
def close(work: Ingest) -> None:
    """Remove what is no more, and name in the results what was found."""
    work.close()


@task(task_run_name="deregister {collection}", **PATIENT)
def remove_batch(work: Removal, collection: str, items: list[str]) -> None:
    """Remove items everywhere."""
    work.remove(collection, items)


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number)
