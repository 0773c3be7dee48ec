"""Follow a harvest from outside: its state from Prefect, its progress from the ledger."""

from dataclasses import dataclass
from time import monotonic, sleep
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from flows.tally import OUTCOMES
from infrastructure import orchestrator
from infrastructure.catalogue import Catalogue
from infrastructure.errors import NotFound, Unavailable
from infrastructure.job_states import DIED
from infrastructure.ledger import Ledger, Run
from infrastructure.settings import DatabaseSettings

INTERVAL = 0.5
"""Seconds between two looks."""

PATIENCE = 60.0
"""Seconds that a run may wait to be started before its workers are looked at."""

WAITING = {"SCHEDULED", "PENDING"}

FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class Ended:
    """How a harvest ended."""

    state: str
    message: str
    counts: dict[str, int]

    @property
    def completed(self) -> bool:
        """Whether it did what it could."""
        return self.state == "Completed"


def follow(run_id: UUID, quiet: bool = False, patience: float = PATIENCE) -> Ended:
    """Show a run until it ends, or until it is clear that it never will.

    Args:
        run_id: The run.
        quiet: Show nothing.
        patience: Seconds that it may wait to be started before its workers are looked at.

    Raises:
        Unreachable: Prefect or the database does not answer.
        Unavailable: the run waits, and no worker is alive that could start it.
    """
    columns = (
        SpinnerColumn(),
        BarColumn(24),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    console = Console(quiet=quiet, highlight=False)
    with (
        Catalogue(DatabaseSettings()) as catalogue,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        ledger, task = Ledger(catalogue), progress.add_task("waiting for the worker", total=None)
        look = monotonic() + patience
        while True:
            kind, name, message = orchestrator.state(run_id)
            run = _run(ledger, run_id)
            _show(progress, task, run)
            if ended := _ended(kind, name, message, run):
                return ended
            if kind not in WAITING:
                look = monotonic() + patience
            elif monotonic() > look:
                _ensure_worker(run_id)
                look = monotonic() + patience
            sleep(INTERVAL)


def _ended(kind: str, name: str, message: str, run: Run | None) -> Ended | None:
    counts = run.counts if run else {}
    if kind in FINAL:
        return Ended(name, message, counts)
    if kind == "RUNNING" and run and run.state == "crashed":
        return Ended("Crashed", DIED, counts)
    return None


def _ensure_worker(run_id: UUID) -> None:
    if not orchestrator.has_worker(run_id):
        raise Unavailable(
            f"run {run_id} waits and no worker is alive to start it; look with"
            " `swath status` and `swath logs worker`"
        )


def _run(ledger: Ledger, run_id: UUID) -> Run | None:
    try:
        return ledger.run(run_id)
    except NotFound:
        return None


def _show(progress: Progress, task: TaskID, run: Run | None) -> None:
    if run is None or not run.counts:
        return
    found = run.counts.get("found")
    done = sum(run.counts.get(outcome, 0) for outcome in OUTCOMES)
    told = f"{done} of {found} found  {run.activity or ''}"
    progress.update(task, total=found, completed=done, description=told)
