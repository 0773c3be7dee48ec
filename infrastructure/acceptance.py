"""Taking up what somebody asks for, so that every job has its run and every run its job.

1. A run is created in Prefect that may not start before `HOLD` is over.
2. The job's row is written, with the run's id and what was asked for.
3. The run is let go.

If this process dies after 1, nobody was told of a job; the run starts when `HOLD` is over, finds
no row, and ends by itself. If it dies after 2, the run starts when `HOLD` is over and does the
work. If the row cannot be written, the run is cancelled at once.
"""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from infrastructure import orchestrator
from infrastructure.errors import SwathError
from infrastructure.jobs import Jobs
from infrastructure.orders import Deregistration, Registration

HOLD = timedelta(seconds=60)
"""Longer than writing the row can take."""


def accept(jobs: Jobs, order: Registration | Deregistration) -> UUID:
    """Accept an order; the id of its job, which is that of its flow run.

    Raises:
        NotFound: the deployments are missing; `swath deploy` makes them.
        Invalid: the order holds what cannot be kept.
        Unreachable: Prefect or the database does not answer; nothing was accepted.
    """
    kind, home = "deregister", order.collection
    if isinstance(order, Registration):
        kind, home = "register", order.home()
    run = orchestrator.reserve(f"{kind}/{kind}", order.label(), HOLD)
    try:
        jobs.accept(run, kind, home, order.model_dump(exclude_none=True))
    except BaseException:
        with suppress(SwathError):
            orchestrator.cancel(run)
        raise
    with suppress(SwathError):  # it is accepted, and starts a little later then
        orchestrator.release(run)
    return run


def is_known(jobs: Jobs, collection: str) -> bool:
    """Whether a collection is in the catalogue, or has a file that was deployed."""
    with jobs.database.transaction() as connection:
        row = connection.execute(
            "SELECT EXISTS (SELECT FROM collections WHERE id = %s)", [collection]
        ).fetchone()
    return bool(row and row[0]) or orchestrator.has_deployment(f"harvest/{collection}")


def located(jobs: Jobs, items: list[str], collection: str | None) -> list[tuple[str, str]]:
    """Collection and id of the items with one of these ids; in all collections, if it is None."""
    with jobs.database.transaction() as connection:
        return connection.execute(
            "SELECT collection, id FROM items WHERE id = ANY(%s)"
            " AND collection = coalesce(%s, collection) ORDER BY collection, id",
            [items, collection],
        ).fetchall()
