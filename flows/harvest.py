"""The harvest: discover -> read -> enrich -> register, in bounded batches.

What is known already is skipped by the ledger, what fails goes to quarantine with its reason, and
a run that dies at any moment leaves whole batches behind it: the next run does the rest.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from time import sleep
from uuid import UUID

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Crashed, Failed

from flows import collection as collections
from flows.found import Found
from flows.job import Job
from flows.product import check
from flows.showcase import publish
from infrastructure import plugins
from infrastructure.catalogue import Catalogue
from infrastructure.errors import SwathError, Transient
from infrastructure.ledger import sole_harvest
from infrastructure.settings import DatabaseSettings, HarvestSettings, TilesSettings
from tiling.seed import seed

DELAYS: list[float] = [2, 5, 15]
"""Seconds before each new attempt after a transient error."""


@flow(name="harvest", flow_run_name="{collection}")
def harvest(collection: str, full: bool = False) -> State:
    """Bring a collection up to date with its source.

    Args:
        collection: Id of a collection file.
        full: Look at everything again, known or not.

    Raises:
        NotFound: there is no such collection file.
        Misconfigured: the collection file is wrong.
        Busy: another harvest of the collection is running.
        Unreachable: the database does not answer.
    """
    settings = HarvestSettings()
    story = collections.find(settings.collections, collection)
    check(story)
    database = DatabaseSettings()
    with sole_harvest(database, collection), Catalogue(database) as catalogue:
        job = Job(story, catalogue, settings, run=UUID(runtime.flow_run.id), full=full)
        _bury(job.begin())
        try:
            error = _work(job)
        except BaseException as stopped:
            job.end(f"stopped: {stopped!r}")
            raise
        publish(job, last=True)
        job.end(error)
    return Failed(message=error) if error else Completed(message=job.summary(), data=job.counts)


def _work(job: Job) -> str | None:
    """Do it all; what made the run fail, if anything."""
    started = datetime.now(UTC)
    try:
        for batch in _batches(job):
            if job.take(batch):
                prepare_batch(job)
                register_batch(job)
                publish(job)
    except SwathError as error:
        job.quarantine_source(error)
        return f"{error} ({job.summary()})"
    if (job.counts["quarantined"] or job.deferred) and not job.good():
        return f"nothing could be registered: {job.summary()}"
    if not job.deferred:
        job.ledger.advance(job.story.id, started, job.run)
    job.release_source()
    if job.changed and job.story.seed:
        seed_tiles(job)
    return None


@task(
    task_run_name="prepare",
    cache_policy=NO_CACHE,
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=lambda _task, _run, state: _is_transient(state),
)
def prepare_batch(job: Job) -> None:
    """Read and enrich products, several at a time.

    Transient failures make Prefect try the batch again; after the last attempt they stay out of
    the ledger, so that the next run takes them up.
    """
    late = job.prepare()
    if late and runtime.task_run.run_count <= len(DELAYS):
        raise late[0]


@task(
    task_run_name="register",
    cache_policy=NO_CACHE,
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=lambda _task, _run, state: _is_transient(state),
)
def register_batch(job: Job) -> None:
    """Commit what is prepared, and put what failed into quarantine."""
    for outcome in job.register():
        get_run_logger().warning("quarantined %s: %s", outcome.upstream_id, outcome.error)


@task(task_run_name="seed", cache_policy=NO_CACHE)
def seed_tiles(job: Job) -> None:
    """Render the first zooms of what changed; a tile service that is away is no failure."""
    if job.story.seed is None or job.changed is None:
        return
    job.say(job.story.id, "seed tiles")
    zooms = (job.story.seed.minzoom, job.story.seed.maxzoom)
    try:
        result = seed(TilesSettings().url, job.story.id, job.changed, *zooms)
    except SwathError as error:
        get_run_logger().warning("no tiles seeded: %s", error)
    else:
        get_run_logger().info("seeded %d tiles, %d failed", result.tiles, result.failed)


def _batches(job: Job) -> Iterator[list[Found]]:
    """The source's stream in batches; a stream that breaks off is taken up again."""
    source = plugins.load("flows.sources", job.story.source.type)
    since = None if job.full else job.ledger.cursor(job.story.id)
    for delay in [*DELAYS, None]:
        stream = source.search(since, base=job.story.path.parent, **job.story.source.options())
        try:
            while batch := list(islice(stream, job.settings.batch)):
                yield batch
        except Transient:
            if delay is None:
                raise
            get_run_logger().warning("the source broke off; trying again in %d s", delay)
            sleep(delay)
        else:
            return


def _is_transient(state: State) -> bool:
    return isinstance(state.result(raise_on_failure=False), Transient)


def _bury(dead: list[UUID]) -> None:
    """Tell Prefect about runs whose process died: we hold their lock, so they are gone."""
    if not dead:
        return
    with get_client(sync_client=True) as client:
        for run in dead:
            state: State = Crashed(message="The process of this run died.")
            with suppress(ObjectNotFound):  # somebody deleted it
                client.set_flow_run_state(run, state, force=True)
