"""One harvest's work and its book-keeping, without Prefect."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from time import monotonic
from uuid import UUID

from flows.backfill import Window
from flows.collection import CollectionFile
from flows.found import Found
from flows.originals import original
from flows.product import place, prepare
from flows.question import Question, Wish, ask
from flows.scope import Scope
from flows.tally import Lot, Outcome, Tally
from infrastructure.catalogue import Catalogue
from infrastructure.deletions import Deletions
from infrastructure.entry import pack
from infrastructure.errors import Invalid, SwathError, Transient, Unreachable, Unreadable
from infrastructure.hold import Hold
from infrastructure.ledger import Cursor, Ledger
from infrastructure.quarantine import Quarantine
from infrastructure.register import Registration, register, see
from infrastructure.settings import HarvestSettings, StorageSettings
from infrastructure.storage import asset_store

logger = logging.getLogger(__name__)

REPORT_EVERY = 0.3
"""Seconds between two reports to the ledger, at least."""


class Job:
    """A harvest of one collection."""

    def __init__(
        self,
        story: CollectionFile,
        catalogue: Catalogue,
        settings: HarvestSettings,
        run: UUID,
        wish: Wish,
    ) -> None:
        self.story = story
        self.catalogue = catalogue
        self.settings = settings
        self.run = run
        self.wish = wish
        self.hold: Hold | None = None
        """The collection's lock, of a harvest."""
        self.ledger = Ledger(catalogue)
        self.quarantine = Quarantine(catalogue)
        self.deletions = Deletions(catalogue)
        self.store = asset_store(StorageSettings())
        self.tally = Tally()
        self.began = datetime.now(UTC)
        self._turned = self.began
        self.source = ""
        """Name of the source that is being harvested."""
        self._question: Question | None = None
        self._cursor = Cursor(None, None)
        self._bounds: Scope | None = None
        self._taken: dict[int, int] = {}
        """What the source gave last of each record: hashes of its name and of its version."""
        self._holes = 0
        self.published = 0.0
        """When people were last shown how far it is, by the monotonic clock."""
        self._reported = 0.0

    def begin(self) -> list[UUID]:
        """Open the run and the collection; runs of it that had died."""
        self.catalogue.put_collection(self.story.stac())
        return self.ledger.begin(self.run, self.story.id)

    def end(self, error: str | None) -> None:
        """Close the run."""
        self.ledger.end(self.run, self.tally.counts, error)

    def say(self, name: str, activity: str) -> None:
        """Report what is being done, not too often."""
        if monotonic() - self._reported > REPORT_EVERY:
            self._reported = monotonic()
            self.ledger.report(self.run, self.tally.counts, f"{name}: {activity}")

    def open_windows(self, source: str, spans: list[Window]) -> list[Window | None]:
        """Those windows of a backfill that are not done yet; all of them if it is a full run."""
        done = set() if self.wish.full else self.ledger.windows(self.story.id, source)
        left: list[Window | None] = [span for span in spans if span not in done]
        if len(left) < len(spans):
            self.tally.notes.append(
                f"{len(spans) - len(left)} of {len(spans)} windows were done before"
            )
        return left

    def turn_to(self, source: str, span: Window | None) -> Question:
        """Turn to a source of the collection; what is asked of it."""
        self.source = source
        self._turned = self.ledger.now()
        self._taken, self._holes = {}, 0
        self._cursor = cursor = self.ledger.cursor(self.story.id, source)
        wish = replace(self.wish, window=span) if span else self.wish
        self._question = question = ask(self.story, source, cursor, wish, self._turned)
        # what a cursor asks for is a matter of haste: what comes all the same is taken
        self._bounds = replace(question.scope, since=self.wish.since)
        return question

    def take(self, batch: list[Found]) -> Lot:
        """Take up a batch: count what is known already; what is left to be done.

        Raises:
            Busy: the lock was lost with the database, and another harvest has it now.
            Unreachable: the database does not answer.
        """
        self._ensure_sole()
        batch = [found for found in batch if self._is_new(found)]
        last = {found.upstream_id: found for found in batch}.values()  # its last word counts
        self.tally.count("found", len(last))
        living = [found for found in last if not found.deleted]
        known = self.ledger.known(self.story.id, self.source, [f.upstream_id for f in living])
        seen, lot = [], Lot([], [found.upstream_id for found in last if found.deleted])
        for found in living:
            fingerprint, state = known.get(found.upstream_id, (None, ""))
            self._holes += found.hides and state != "dropped"
            if self.wish.full or fingerprint != found.fingerprint:
                lot.waiting.append(found)
            else:
                seen.append(found.upstream_id)
                self.tally.count("quarantined" if state == "quarantined" else "unchanged")
        if seen:
            see(self.catalogue, self.story.id, self.source, seen, self.story.duplicates.rule)
        return lot

    def _ensure_sole(self) -> None:
        if self.hold:
            self.hold.ensure()

    def _is_new(self, found: Found) -> bool:
        """Whether it is to be looked at: not one to skip, and not what the source said last."""
        if any(fnmatchcase(found.upstream_id, p) for p in self.story.origins()[self.source].skip):
            return False
        name, mark = hash(found.upstream_id), hash((found.fingerprint, found.deleted))
        new = self._taken.get(name) != mark
        self._taken[name] = mark
        return new

    def _bury(self, names: list[str]) -> None:
        """Mark what upstream says is deleted."""
        if names:
            self.tally.count("missing", self.deletions.mark(self.story.id, self.source, names))
            self.tally.count("skipped", len(names))

    def prepare(self, lot: Lot) -> list[Transient]:
        """Read and enrich the batch, several products at a time.

        Returns:
            The transient errors; their products wait for another call of this method.
        """
        if self.story.steps():
            with ThreadPoolExecutor(self.settings.threads) as pool:
                outcomes = list(pool.map(self._prepare, lot.waiting))
        else:  # nothing to wait for: threads would only be in each other's way
            outcomes = [self._prepare(found) for found in lot.waiting]
        late = {o.upstream_id: o.error for o in outcomes if isinstance(o.error, Transient)}
        lot.done += [outcome for outcome in outcomes if outcome.upstream_id not in late]
        lot.waiting = [o.found for o in outcomes if o.upstream_id in late]
        return list(late.values())

    def _prepare(self, found: Found) -> Outcome:
        start = monotonic()
        try:
            entry = prepare(
                found, self.story, self.store, self.say, scope=self._bounds, source=self.source
            )
            packed = pack(entry) if entry else None
        except SwathError as error:
            return Outcome(found, monotonic() - start, error=error)
        except OSError as error:
            reason = Unreachable(f"{found.upstream_id}: {error}")
            return Outcome(found, monotonic() - start, error=reason)
        except Exception as error:
            logger.exception("%s", found.upstream_id)
            fault = Unreadable(f"{found.upstream_id}: {type(error).__name__}: {error}")
            return Outcome(found, monotonic() - start, error=fault)
        return Outcome(found, monotonic() - start, entry=packed)

    def register(self, lot: Lot) -> list[Outcome]:
        """Commit the batch; those of it that went to quarantine.

        What still waits because of a transient error is left to the next run. Called again after
        one, it goes on where it stopped.

        Raises:
            Busy: the lock was lost with the database, and another harvest has it now.
            Unreachable: the database does not answer.
        """
        self._ensure_sole()
        entries = [outcome.entry for outcome in lot.done if outcome.entry]
        if lot.registered is None:
            rule = self.story.duplicates.rule
            lot.registered = register(self.catalogue, self.story.id, entries, self.run, rule=rule)
        done = lot.registered
        while lot.done:
            self._settle(lot, _refused(lot.done[0], done), done)
            lot.done.pop(0)
        for item_id in done.removed:
            self.store.delete(f"{self.story.id}/{item_id}")
        self._bury(lot.buried)
        self.tally.count("deferred", len(lot.waiting))
        return lot.faults

    def _settle(self, lot: Lot, outcome: Outcome, done: Registration) -> None:
        """Put what failed into quarantine, and count the outcome."""
        entry = outcome.entry
        if outcome.error:
            self._quarantine(outcome.found, str(outcome.error))
            lot.faults.append(outcome)
            self.tally.add(outcome, "quarantined")
        elif entry is None:
            self.tally.add(outcome, "skipped")
        else:
            state = done.state((entry.source, entry.upstream_id))
            if state == "updated":
                self._sweep(entry.id, outcome.found)
            self.tally.add(outcome, state)

    def _quarantine(self, found: Found, reason: str) -> None:
        self.quarantine.put(
            self.story.id, self.source, found, reason, run=self.run, original=original(found)
        )

    def _sweep(self, item_id: str, found: Found) -> None:
        """Delete the files of the versions before; the catalogue points at this one's now."""
        if not self.story.steps():
            return
        current = place(self.story.id, item_id, found)
        folders = {
            "/".join(meta["path"].split("/")[:3])
            for meta in self.store.list(f"{self.story.id}/{item_id}")
        }
        for folder in folders - {current}:
            self.store.delete(folder)

    def close_source(self, span: Window | None) -> None:
        """The source was read to its end: mark what it has no more, and move the cursor."""
        self._ensure_sole()
        self.quarantine.forget(self.story.id, self.source, self._source_itself().upstream_id)
        question, name, began = self._question, self.story.id, self._turned
        if span and not self.tally.deferred:
            self.ledger.close_window(name, self.source, span, self.run)
        if question is None or question.wish.bounded or self.tally.deferred:
            return
        if question.whole and self._holes:
            self.tally.notes.append(
                f"records without a name: {self._holes}, so nothing is marked as missing"
                " (`swath quarantine list` shows them; what you drop there counts no more)"
            )
        elif question.whole:
            gone = self.deletions.sweep(name, self.source, began)
            self.tally.count("missing", gone)
        self.ledger.advance(
            name, self.source, began, self.run, swept=question.whole, reset=self._cursor.reset
        )

    def quarantine_source(self, error: SwathError) -> None:
        """Put the source itself into quarantine, so that its failure is seen beside the others."""
        self._quarantine(self._source_itself(), str(error))

    def _source_itself(self) -> Found:
        source = self.story.origins()[self.source]
        address = source.options().get("url", self.story.path.name)
        return Found(f"{source.type} {address}", fingerprint="")

    def gone(self) -> list[str]:
        """Items that are to be deregistered now; none, with a note, if they are too many."""
        self._ensure_sole()
        rules = self.story.deletions
        due = self.deletions.due(self.story.id, rules.grace)
        if due.percent <= rules.limit or self.wish.yes:
            return due.items
        self.tally.notes.append(
            f"{len(due.items)} of {due.total} items are gone upstream, more than the limit of"
            f" {rules.limit:g} %: they stay until a run with --yes"
        )
        return []


def _refused(outcome: Outcome, done: Registration) -> Outcome:
    """The outcome, with the reason if the catalogue did not take it."""
    entry = outcome.entry
    reason = done.refused.get((entry.source, entry.upstream_id)) if entry else None
    return replace(outcome, error=Invalid(reason)) if reason else outcome
