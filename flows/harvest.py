"""The harvest: discover -> read -> enrich -> register, in bounded batches.

What is known already is skipped by the ledger, what fails goes to quarantine with its reason, and
a run that dies at any moment leaves whole batches behind it: the next run does the rest.
"""

import gc
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from time import sleep
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed

from flows import collection as collections
from flows.backfill import Window, windows
from flows.deregister import remove
from flows.found import Found
from flows.job import Job
from flows.log import without_traces
from flows.product import check
from flows.question import Question, Wish
from flows.showcase import publish
from flows.tally import Lot
from infrastructure.catalogue import Catalogue
from infrastructure.errors import SwathError, Transient
from infrastructure.hold import sole_harvest
from infrastructure.job_states import bury
from infrastructure.settings import DatabaseSettings, HarvestSettings, TilesSettings

DELAYS: list[float] = [2, 5, 15]
"""Seconds before each new attempt after a transient error."""

RARELY = (100_000, 50, 100)
"""Thresholds of the garbage collector: thousands of documents are held at a time, none of them in
a circle, and looking through them took half of the time of a harvest."""

RECORDS = 6
"""How many records are handled in the time of one product, at least."""


@flow(name="harvest", flow_run_name="{collection}")
def harvest(  # noqa: PLR0913 - what a person may ask for
    collection: str,
    *,
    full: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    acquired: str | None = None,
    window: timedelta | None = None,
    yes: bool = False,
    notice: dict[str, Any] | None = None,
) -> State:
    """Bring a collection up to date with its sources.

    Args:
        collection: Id of a collection file.
        full: Look at everything again, known or not.
        since: Only what upstream changed at this moment or later, instead of since the last run.
        until: Only what upstream changed before this moment.
        acquired: Only what was acquired in this interval (RFC 3339, start/end): a backfill.
        window: Do a backfill in windows of this length; those that are done are left out.
        yes: Deregister what is gone upstream even if it is more than the limit.
        notice: Only what this message of the upstream is about, such as a bucket's event.

    Raises:
        NotFound: there is no such collection file.
        Misconfigured: the collection file is wrong.
        Invalid: an interval is none.
        Busy: another harvest of the collection is running.
        Unreachable: the database does not answer.
    """
    without_traces()
    gc.freeze()
    gc.set_threshold(*RARELY)
    settings = HarvestSettings()
    story = collections.find(settings.collections, collection)
    check(story)
    wish = Wish(full=full, since=since, until=until, yes=yes, notice=notice)
    spans = windows(acquired, window)
    database = DatabaseSettings()
    with sole_harvest(database, collection) as hold, Catalogue(database) as catalogue:
        job = Job(story, catalogue, settings, UUID(runtime.flow_run.id), wish)
        job.hold = hold
        bury(job.begin())
        try:
            error = _work(job, spans)
        except Exception as stopped:
            job.end(f"stopped: {stopped!r}")
            raise
        publish(job, last=True, error=error)
        job.end(error)
    return (
        Failed(message=error)
        if error
        else Completed(message=job.tally.summary(), data=job.tally.counts)
    )


def _work(job: Job, spans: list[Window]) -> str | None:
    """Do it all; what made the run fail, if anything."""
    errors: list[str] = [
        error
        for source in job.story.origins()
        for span in (job.open_windows(source, spans) if spans else [None])
        if (error := _harvest_source(job, source, span))
    ]
    deregister_gone(job)
    if job.tally.changed and job.story.seed:
        seed_tiles(job)
    if errors:
        return f"{'; '.join(errors)} ({job.tally.summary()})"
    if (job.tally.counts["quarantined"] or job.tally.deferred) and not job.tally.good():
        return f"nothing could be registered: {job.tally.summary()}"
    return None


def _harvest_source(job: Job, source: str, span: Window | None) -> str | None:
    """Harvest one source, or one window of it; what made it fail, if anything."""
    try:
        question = job.turn_to(source, span)
        _take_in(job, question)
        job.close_source(span)
    except SwathError as error:
        job.quarantine_source(error)
        return str(error)
    return None


def _take_in(job: Job, question: Question) -> None:
    """All that the source gives; a batch is registered while the next one is prepared.

    Raises:
        SwathError: the source or the database failed; what came before is registered.
    """
    registering: PrefectFuture[None] | None = None
    names: set[str] = set()
    try:
        for number, batch in enumerate(_batches(job, question), start=1):
            if registering and any(found.upstream_id in names for found in batch):
                registering.result()  # of one record, one word after the other
            lot = job.take(batch)
            if lot.waiting or lot.buried:
                waiting = len(lot.waiting)
                name = f"{question.name} {number}"
                prepare_batch.with_options(task_run_name=f"{name}: prepare {waiting}")(job, lot)
                if registering:
                    registering.result()
                task = register_batch.with_options(task_run_name=f"{name}: register {waiting}")
                registering = task.submit(job, lot)
                names = {found.upstream_id for found in batch}
            publish(job)
    finally:
        if registering:
            registering.result()


@task(
    task_run_name="prepare",
    cache_policy=NO_CACHE,
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=lambda _task, _run, state: _is_transient(state),
)
def prepare_batch(job: Job, lot: Lot) -> None:
    """Read and enrich products, several at a time.

    Transient failures make Prefect try the batch again; after the last attempt they stay out of
    the ledger, so that the next run takes them up.
    """
    late = job.prepare(lot)
    if late and runtime.task_run.run_count <= len(DELAYS):
        raise late[0]


@task(
    task_run_name="register",
    cache_policy=NO_CACHE,
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=lambda _task, _run, state: _is_transient(state),
)
def register_batch(job: Job, lot: Lot) -> None:
    """Commit what is prepared, and put what failed into quarantine."""
    for outcome in job.register(lot):
        get_run_logger().warning("quarantined %s: %s", outcome.upstream_id, outcome.error)


@task(task_run_name="seed", cache_policy=NO_CACHE)
def seed_tiles(job: Job) -> None:
    """Render the first zooms of what changed; a tile service that is away is no failure."""
    from tiling.seed import seed  # with all that draws maps: a third of the memory of a harvest

    if job.story.seed is None or job.tally.changed is None:
        return
    job.say(job.story.id, "seed tiles")
    zooms = (job.story.seed.minzoom, job.story.seed.maxzoom)
    try:
        result = seed(TilesSettings().url, job.story.id, job.tally.changed, *zooms)
    except SwathError as error:
        get_run_logger().warning("no tiles seeded: %s", error)
    else:
        get_run_logger().info("seeded %d tiles, %d failed", result.tiles, result.failed)


@task(task_run_name="deregister", cache_policy=NO_CACHE)
def _deregister_batch(job: Job, items: list[str]) -> None:
    """Remove items that upstream has no more, everywhere."""
    job.tally.count("deregistered", len(remove(job.story.id, items, for_good=False)))


def deregister_gone(job: Job) -> None:
    """Remove what upstream has had no more for longer than the grace period, up to the limit."""
    gone = iter(job.gone())
    while items := list(islice(gone, job.settings.batch)):
        job.say(job.story.id, "deregister")
        _deregister_batch(job, items)


def _batches(job: Job, question: Question) -> Iterator[list[Found]]:
    """The source's stream in batches; a stream that breaks off is taken up again.

    Records that no step enriches are quick: more of them go into a batch.
    """
    size = job.settings.batch * (1 if job.story.steps() else RECORDS)
    for delay in [*DELAYS, None]:
        stream = question.answer()
        try:
            yield from _in_batches(stream, size)
        except Transient as error:
            if delay is None:
                raise
            get_run_logger().warning("the source broke off: %s; again in %d s", error, delay)
            sleep(delay)
        else:
            return


def _in_batches(stream: Iterator[Found], size: int) -> Iterator[list[Found]]:
    """The stream in batches; what came before it broke off is a batch, too."""
    batch: list[Found] = []
    try:
        for found in stream:
            batch.append(found)
            if len(batch) == size:
                yield batch
                batch = []
    except SwathError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _is_transient(state: State) -> bool:
    return isinstance(state.result(raise_on_failure=False), Transient)
