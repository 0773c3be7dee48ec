"""One harvest's work and its book-keeping, without Prefect."""

import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic
from uuid import UUID

from flows.collection import CollectionFile
from flows.found import Found
from flows.product import place, prepare
from infrastructure.catalogue import BBox, Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import Invalid, SwathError, Transient, Unreachable, Unreadable
from infrastructure.ledger import Ledger
from infrastructure.register import register
from infrastructure.settings import HarvestSettings, StorageSettings
from infrastructure.storage import asset_store

logger = logging.getLogger(__name__)

LAST = 1000
"""Products that are told one by one; the ledger has them all."""

REPORT_EVERY = 0.3
"""Seconds between two reports to the ledger, at least."""


@dataclass(frozen=True)
class Outcome:
    """What became of a product."""

    found: Found
    seconds: float
    entry: Entry | None = None
    error: SwathError | None = None

    @property
    def upstream_id(self) -> str:
        """The product's name at its source."""
        return self.found.upstream_id


class Job:
    """A harvest of one collection."""

    def __init__(
        self,
        story: CollectionFile,
        catalogue: Catalogue,
        settings: HarvestSettings,
        run: UUID,
        full: bool = False,
    ) -> None:
        self.story = story
        self.catalogue = catalogue
        self.settings = settings
        self.run = run
        self.full = full
        self.ledger = Ledger(catalogue)
        self.store = asset_store(StorageSettings())
        self.counts = dict.fromkeys(
            ("found", "registered", "updated", "unchanged", "quarantined", "deferred"), 0
        )
        self.rows: deque[tuple[str, str, str, float, str]] = deque(maxlen=LAST)
        """Product, item, state, seconds and reason of the last products that were not skipped."""
        self.changed: BBox | None = None
        """The box around everything that was registered or updated; degrees."""
        self.newest: Entry | None = None
        self._waiting: list[Found] = []
        self._done: list[Outcome] = []
        self.published = 0.0
        """When people were last shown how far it is, by the monotonic clock."""
        self._reported = 0.0

    @property
    def deferred(self) -> bool:
        """Whether something is left for the next run."""
        return self.counts["deferred"] > 0

    def good(self) -> bool:
        """Whether anything of the source is in the catalogue."""
        return any(self.counts[key] for key in ("registered", "updated", "unchanged"))

    def summary(self) -> str:
        """The counts in one line."""
        return ", ".join(
            f"{n} {what}" for what, n in self.counts.items() if n or what != "deferred"
        )

    def begin(self) -> list[UUID]:
        """Open the run and the collection; runs of it that had died."""
        self.catalogue.put_collection(self.story.stac())
        return self.ledger.begin(self.run, self.story.id)

    def end(self, error: str | None) -> None:
        """Close the run."""
        self.ledger.end(self.run, self.counts, error)

    def say(self, name: str, activity: str) -> None:
        """Report what is being done, not too often."""
        if monotonic() - self._reported > REPORT_EVERY:
            self._reported = monotonic()
            self.ledger.report(self.run, self.counts, f"{name}: {activity}")

    def take(self, batch: list[Found]) -> bool:
        """Take up a batch: count what is known already; whether anything is left to be done."""
        self.counts["found"] += len(batch)
        self._waiting, self._done = [], []
        known = (
            {} if self.full else self.ledger.known(self.story.id, [f.upstream_id for f in batch])
        )
        for found in batch:
            fingerprint, state = known.get(found.upstream_id, (None, ""))
            if fingerprint != found.fingerprint:
                self._waiting.append(found)
            else:
                self.counts["quarantined" if state == "quarantined" else "unchanged"] += 1
        return bool(self._waiting)

    def prepare(self) -> list[Transient]:
        """Read and enrich the batch, several products at a time.

        Returns:
            The transient errors; their products wait for another call of this method.
        """
        with ThreadPoolExecutor(self.settings.threads) as pool:
            outcomes = list(pool.map(self._prepare, self._waiting))
        late = {o.upstream_id: o.error for o in outcomes if isinstance(o.error, Transient)}
        self._done += [outcome for outcome in outcomes if outcome.upstream_id not in late]
        self._waiting = [o.found for o in outcomes if o.upstream_id in late]
        return list(late.values())

    def _prepare(self, found: Found) -> Outcome:
        start = monotonic()
        try:
            entry = prepare(found, self.story, self.store, self.say)
        except SwathError as error:
            return Outcome(found, monotonic() - start, error=error)
        except OSError as error:
            reason = Unreachable(f"{found.upstream_id}: {error}")
            return Outcome(found, monotonic() - start, error=reason)
        except Exception as error:
            logger.exception("%s", found.upstream_id)
            fault = Unreadable(f"{found.upstream_id}: {type(error).__name__}: {error}")
            return Outcome(found, monotonic() - start, error=fault)
        return Outcome(found, monotonic() - start, entry=entry)

    def register(self) -> list[Outcome]:
        """Commit the batch; those of it that went to quarantine.

        What still waits because of a transient error is left to the next run.
        """
        entries = [outcome.entry for outcome in self._done if outcome.entry]
        done = register(self.catalogue, self.story.id, entries, self.run)
        refused = {name: Invalid(reason) for name, reason in done.refused.items()}
        states = {
            **dict.fromkeys(done.registered, "registered"),
            **dict.fromkeys(done.updated, "updated"),
            **dict.fromkeys(done.unchanged, "unchanged"),
        }
        settled = [
            replace(outcome, error=outcome.error or refused.get(outcome.upstream_id))
            for outcome in self._done
        ]
        self.counts["deferred"] += len(self._waiting)
        self._waiting, self._done = [], []
        for outcome in settled:
            self._settle(outcome, states)
        for item_id in done.removed:
            self.store.delete(f"{self.story.id}/{item_id}")
        return [outcome for outcome in settled if outcome.error]

    def _settle(self, outcome: Outcome, states: dict[str, str]) -> None:
        """Count an outcome, remember it for people, and put what failed into quarantine."""
        entry, reason = outcome.entry, str(outcome.error or "")
        state = "quarantined" if outcome.error or not entry else states[entry.id]
        if state == "quarantined":
            self.ledger.quarantine(self.story.id, outcome.found, reason, self.run)
        elif entry and state == "updated":
            self._sweep(entry.id, outcome.found)
        if entry and state in {"registered", "updated"}:
            self.changed = _around(self.changed, entry.item["bbox"])
            self.newest = entry
        self.counts[state] += 1
        row = (outcome.upstream_id, entry.id if entry else "", state, outcome.seconds, reason)
        self.rows.append(row)

    def _sweep(self, item_id: str, found: Found) -> None:
        """Delete the files of the versions before; the catalogue points at this one's now."""
        current = place(self.story.id, item_id, found)
        folders = {
            "/".join(meta["path"].split("/")[:3])
            for meta in self.store.list(f"{self.story.id}/{item_id}")
        }
        for folder in folders - {current}:
            self.store.delete(folder)

    def quarantine_source(self, error: SwathError) -> None:
        """Put the source itself into quarantine, so that its failure is seen beside the others."""
        self.ledger.quarantine(self.story.id, self._source(), str(error), self.run)

    def release_source(self) -> None:
        """The source works (again)."""
        self.ledger.forget(self.story.id, self._source().upstream_id)

    def _source(self) -> Found:
        address = self.story.source.options().get("url", self.story.path.name)
        return Found(f"{self.story.source.type} {address}", fingerprint="")


def _around(box: BBox | None, bbox: list[float]) -> BBox:
    """The box around a box and a STAC bbox of four or six numbers."""
    west, south, east, north = bbox if len(bbox) == 4 else (*bbox[:2], *bbox[3:5])
    if west > east:  # across ±180: the whole belt
        west, east = -180.0, 180.0
    if box is None:
        return west, south, east, north
    return min(west, box[0]), min(south, box[1]), max(east, box[2]), max(north, box[3])
