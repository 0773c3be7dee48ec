"""Follow a harvest from outside: its state from Prefect, its progress from the ledger."""

from dataclasses import dataclass
from time import sleep
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from infrastructure import orchestrator
from infrastructure.catalogue import Catalogue
from infrastructure.errors import NotFound
from infrastructure.ledger import Ledger, Run
from infrastructure.settings import DatabaseSettings

INTERVAL = 0.5
"""Seconds between two looks."""

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


def follow(run_id: UUID, quiet: bool = False) -> Ended:
    """Show a run until it ends.

    Raises:
        Unreachable: Prefect or the database does not answer.
    """
    columns = (
        SpinnerColumn(),
        BarColumn(24),
        TextColumn("{task.completed:.0f} of {task.total} found"),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    console = Console(quiet=quiet, highlight=False)
    with (
        Catalogue(DatabaseSettings()) as catalogue,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        ledger, task = Ledger(catalogue), progress.add_task("waiting for the worker", total=None)
        while True:
            kind, name, message = orchestrator.state(run_id)
            run = _run(ledger, run_id)
            _show(progress, task, run)
            if kind in FINAL:
                return Ended(name, message or "", run.counts if run else {})
            sleep(INTERVAL)


def _run(ledger: Ledger, run_id: UUID) -> Run | None:
    try:
        return ledger.run(run_id)
    except NotFound:
        return None


def _show(progress: Progress, task: TaskID, run: Run | None) -> None:
    if run is None or not run.counts:
        return
    found = run.counts["found"]
    done = sum(run.counts.values()) - found
    progress.update(task, total=found, completed=done, description=run.activity or "")
