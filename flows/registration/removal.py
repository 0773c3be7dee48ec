"""The work of one deregistration, without Prefect."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from flows.deregister import remove
from flows.registration.job import ensure_wanted
from flows.registration.story import SOURCE
from infrastructure.catalogue import Catalogue
from infrastructure.jobs import Jobs
from infrastructure.orders import Deregistration
from infrastructure.quarantine import Quarantine
from infrastructure.registrations import Registrations
from infrastructure.settings import HarvestSettings

TOLD = 10
"""Ids that one sentence names, at most."""


class Removal:
    """The deregistration of one order."""

    def __init__(
        self, order: Deregistration, catalogue: Catalogue, settings: HarvestSettings, run: UUID
    ) -> None:
        self.order = order
        self.settings = settings
        self.run = run
        self.jobs = Jobs(catalogue)
        self.registered = Registrations(catalogue, SOURCE)
        self.quarantine = Quarantine(catalogue)
        self.counts = {"found": 0, "deregistered": 0, "absent": 0}
        self._present: set[str] = set()
        self._absent: list[str] = []

    def batches(self) -> Iterator[tuple[str, list[str]]]:
        """Collection and ids of the items to remove, some at a time.

        Raises:
            Dismissed: somebody cancelled the job.
        """
        for collection, items in self._items().items():
            self.jobs.home(self.run, collection)
            self._present = set()
            stream = iter(dict.fromkeys(items))
            while batch := list(islice(stream, self.settings.batch)):
                ensure_wanted(self.jobs, self.run)
                yield collection, batch

    def remove(self, collection: str, items: list[str]) -> None:
        """Remove items everywhere."""
        self._present |= self.registered.present(collection, items)
        remove(collection, items)
        removed = [item for item in items if item in self._present]  # by an attempt before, too
        absent = [item for item in items if item not in self._present]
        self.registered.ascribe_removed(self.run, collection, removed)
        self._absent += [f"{collection}/{item}" for item in absent]
        for name, number in (("found", items), ("deregistered", removed), ("absent", absent)):
            self.counts[name] += len(number)

    def error(self) -> str | None:
        """What was not there, if nothing was."""
        if self.counts["deregistered"]:
            return None
        if not self._absent:
            return f"nothing is registered by the address {self.order.url}"
        more = len(self._absent) - TOLD
        names = ", ".join(self._absent[:TOLD]) + (f" and {more} more" if more > 0 else "")
        return f"not in the catalogue: {names}"

    def _items(self) -> dict[str, list[str]]:
        """Collection -> ids of its items."""
        if self.order.items and self.order.collection:
            return {self.order.collection: self.order.items}
        items = defaultdict(list)
        for row in self.registered.by_address(self.order.url or "", self.order.collection):
            if row.item_id:
                items[row.collection].append(row.item_id)
            elif row.state == "quarantined":
                self.quarantine.forget(row.collection, SOURCE, row.upstream_id)
                self.counts["deregistered"] += 1
        return dict(items)
