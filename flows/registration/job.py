"""The work of one registration, without Prefect: found by its address, and then as a harvest's."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from flows.deregister import remove
from flows.job import Job
from flows.product import place
from flows.question import Wish
from flows.registration.collection import put
from flows.registration.found import Finds, Means, find
from flows.registration.story import SOURCE, story
from flows.tally import Lot
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Permanent
from infrastructure.http import Http
from infrastructure.jobs import Jobs
from infrastructure.orders import Registration
from infrastructure.registrations import Registrations
from infrastructure.settings import HarvestSettings, StorageSettings
from infrastructure.storage import asset_store


class Dismissed(Permanent):
    """Somebody cancelled the job."""


def ensure_wanted(jobs: Jobs, run: UUID) -> None:
    """Stop if a job was cancelled: its process may outlive that by some seconds.

    Raises:
        Dismissed: it was.
    """
    if jobs.job(run).state == "cancelled":
        raise Dismissed("the job was cancelled")


class Ingest:
    """The registration of one order."""

    def __init__(
        self, order: Registration, catalogue: Catalogue, settings: HarvestSettings, run: UUID
    ) -> None:
        self.order = order
        self.catalogue = catalogue
        self.settings = settings
        self.run = run
        self.jobs = Jobs(catalogue)
        self.registered = Registrations(catalogue, SOURCE)
        self.store = asset_store(StorageSettings())
        self.counts: dict[str, int] = {"found": 0}
        self.job: Job | None = None
        self._finds: Finds | None = None
        self._names: set[str] = set()

    def open(self) -> None:
        """Find what the order names, and the story of the collection that it goes to.

        Raises:
            Unreachable: a server does not answer.
            SwathError: nothing can come of this order.
        """
        http = Http(private=self.settings.private_hosts)
        if self.order.type == "stac-collection":
            collection, state = put(self.order, self.catalogue, self.settings, http)
            self.jobs.home(self.run, collection)
            self.counts = {"found": 1, state: 1}
            return
        means = Means(http, self.settings, self.store, self._time_of)
        self._finds = find(self.order, means)
        self.jobs.home(self.run, self._finds.collection)
        told = story(self.catalogue, self.settings.collections, self._finds.collection)
        self.job = Job(told, self.catalogue, self.settings, self.run, Wish(full=True))
        self.job.source = SOURCE
        self.counts = self.job.tally.counts

    def batches(self) -> Iterator[tuple[Job, Lot]]:
        """The job, and one batch after the other that is taken up.

        Raises:
            Dismissed: somebody cancelled it.
            Transient: a stream broke off.
        """
        if self.job is None or self._finds is None:
            return
        stream = iter(self._finds.found)
        while batch := list(islice(stream, self.settings.batch)):
            self._names.update(found.upstream_id for found in batch)
            ensure_wanted(self.jobs, self.run)
            lot = self.job.take(batch)
            if lot.waiting or lot.buried:
                yield self.job, lot

    def close(self) -> None:
        """Remove what the address offers no more, and have the results name all that was found."""
        if self.job is None or self._finds is None:
            return
        collection = self._finds.collection
        self.registered.ascribe(self.run, collection, sorted(self._names))
        if self.order.type == "application" and self.error() is None:
            self._sweep(collection, self.job.tally.rows[-1].item)
        if self._finds.complete:
            self._remove_others(collection)

    def error(self) -> str | None:
        """Why nothing was registered, if so."""
        if self.job is None or self.job.tally.good():
            return None
        reasons = [row.reason for row in self.job.tally.rows if row.reason]
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        return f"{reasons[0]}{more}" if reasons else "there is nothing in it"

    def _time_of(self, collection: str, upstream_id: str) -> datetime:
        return self.registered.time_of(collection, upstream_id) or datetime.now(UTC)

    def _remove_others(self, collection: str) -> None:
        before = self.registered.by_address(self.order.url or "", collection)
        gone = [row.item_id for row in before if row.upstream_id not in self._names]
        if items := [item for item in gone if item]:
            self.counts["deregistered"] = len(remove(collection, items, for_good=False))

    def _sweep(self, collection: str, item: str) -> None:
        """Delete the documents of versions before; the catalogue points at this one's now."""
        found = self._finds.found if self._finds else ()
        current = [place(collection, item, each) for each in found]
        for meta in self.store.list(f"{collection}/{item}"):
            folder = meta["path"].rpartition("/")[0]
            if folder not in current:
                self.store.delete(folder)
