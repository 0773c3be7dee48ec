"""The truth about open jobs: what their rows say, and what Prefect knows beyond that."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from infrastructure import orchestrator
from infrastructure.errors import Misconfigured, NotFound, Transient
from infrastructure.jobs import OPEN, Choice, Jobs
from infrastructure.ledger import Run
from infrastructure.orchestrator import RunState

ENDED = {"FAILED": "failed", "CRASHED": "crashed", "CANCELLED": "cancelled"}
"""Prefect's type of a state -> ours, of runs that did not close their row themselves."""

DIED = "The process of this run died."


def observed(jobs: Jobs, found: Sequence[Run]) -> list[Run]:
    """The jobs as they are; what is found out about open ones is written down.

    If Prefect does not answer, the rows' own word is all there is.
    """
    waiting = [job for job in found if job.state in OPEN]
    if not waiting:
        return list(found)
    try:
        states = orchestrator.states([job.id for job in waiting])
    except (Transient, Misconfigured):
        return list(found)
    settled = {job.id for job in waiting if _settle(jobs, job, states.get(job.id))}
    return [jobs.job(job.id) if job.id in settled else job for job in found]


def _settle(jobs: Jobs, job: Run, state: RunState | None) -> bool:
    """Close a job that ended without a word; whether its row is another one now."""
    if state is None:
        jobs.settle(job.id, "crashed", "Prefect does not know the run of this job any more.")
    elif state.type in ENDED:
        jobs.settle(job.id, ENDED[state.type], state.message or None)
    elif job.state == "running" and not jobs.is_alive(job):
        jobs.settle(job.id, "crashed", DIED)
    else:
        return state.type == "COMPLETED"
    return True


def bury(runs: Iterable[UUID]) -> None:
    """Tell Prefect of runs whose process died; what waits for their slots may start.

    Prefect finds it out itself only when their leases run out, after five minutes.

    Raises:
        Unreachable: Prefect does not answer.
    """
    for run in runs:
        with suppress(NotFound):  # somebody deleted it
            orchestrator.crash(run, DIED)


def bury_harvests(jobs: Jobs, collection: str) -> None:
    """Bury the harvests of a collection whose process died.

    Raises:
        Unreachable: Prefect or the database does not answer.
    """
    running = jobs.jobs(Choice(["harvest"], ["running"], collection), limit=100, offset=0)
    states = orchestrator.states([job.id for job in running])
    bury(
        job.id
        for job in running
        if job.id in states
        and states[job.id].type == "RUNNING"
        and not jobs.is_alive(job)
        and jobs.settle(job.id, "crashed", DIED)  # unless it came to its end just now
    )


def cancel(jobs: Jobs, run: UUID) -> Run:
    """Cancel a job, unless it has ended otherwise; the job. What it did before stays.

    Raises:
        NotFound: there is no such job.
        Unreachable: Prefect or the database does not answer; nothing was cancelled.
    """
    (job,) = observed(jobs, [jobs.job(run)])
    if job.state in OPEN:
        orchestrator.cancel(run)
        jobs.settle(run, "cancelled")
        job = jobs.job(run)
    return job
