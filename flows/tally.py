"""What a harvest has done so far, for the ledger and for people."""

from collections import deque
from dataclasses import dataclass
from threading import Lock

from flows.found import Found
from infrastructure.catalogue import BBox
from infrastructure.entry import Packed
from infrastructure.errors import SwathError
from infrastructure.register import Registration

LAST = 1000
"""Products that are told one by one; the ledger has them all."""

OUTCOMES = (
    "registered", "updated", "unchanged", "superseded", "quarantined", "skipped", "deferred",
)  # fmt: skip
"""What can become of a product that was found."""

ALWAYS = ("found", "registered", "updated", "unchanged", "quarantined")
"""Counts that are told even if they are zero."""


@dataclass(frozen=True)
class Outcome:
    """What became of a product."""

    found: Found
    seconds: float
    entry: Packed | None = None
    error: SwathError | None = None

    @property
    def upstream_id(self) -> str:
        """The product's name at its source."""
        return self.found.upstream_id


class Lot:
    """A batch on its way through the steps of a harvest.

    No dataclass: Prefect looks into those, down to every number of every item, before each task.
    """

    def __init__(self, waiting: list[Found], buried: list[str]) -> None:
        self.waiting = waiting
        """What is still to be read and enriched."""
        self.buried = buried
        """Upstream ids of what upstream says is deleted."""
        self.done: list[Outcome] = []
        """What was read, and is to be registered."""
        self.registered: Registration | None = None
        """What registering did, once it is committed."""
        self.faults: list[Outcome] = []
        """What went to quarantine."""


@dataclass(frozen=True)
class Row:
    """A product in the table that people see."""

    item: str
    state: str
    seconds: float
    reason: str
    product: str


class Tally:
    """Counts, the last products, and where something changed."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("found", *OUTCOMES, "missing", "deregistered"), 0)
        self.notes: list[str] = []
        """Sentences about what the counts do not say."""
        self.rows: deque[Row] = deque(maxlen=LAST)
        """The last products that were not known before."""
        self.changed: BBox | None = None
        """The box around everything that was registered or updated; degrees."""
        self.newest: Packed | None = None
        self._lock = Lock()

    @property
    def deferred(self) -> bool:
        """Whether something is left for the next run."""
        return self.counts["deferred"] > 0

    def good(self) -> bool:
        """Whether anything of the sources is in the catalogue."""
        return any(self.counts[key] for key in OUTCOMES if key not in {"quarantined", "deferred"})

    def summary(self) -> str:
        """The counts in one line, and the notes."""
        told = [f"{n} {what}" for what, n in self.counts.items() if n or what in ALWAYS]
        return ". ".join([", ".join(told), *self.notes])

    def count(self, state: str, number: int = 1) -> None:
        """Count; a batch is registered while the next one is prepared, in another thread."""
        with self._lock:
            self.counts[state] += number

    def add(self, outcome: Outcome, state: str) -> None:
        """Count what became of a product, and remember it."""
        self.count(state)
        if state == "skipped":
            return
        entry = outcome.entry
        if entry and state in {"registered", "updated"}:
            self.changed = _around(self.changed, entry.item["bbox"])
            self.newest = entry
        item, reason = entry.id if entry else "", str(outcome.error or "")
        self.rows.append(Row(item, state, round(outcome.seconds, 2), reason, outcome.upstream_id))


def _around(box: BBox | None, bbox: list[float]) -> BBox:
    """The box around a box and a STAC bbox of four or six numbers."""
    west, south, east, north = bbox if len(bbox) == 4 else (*bbox[:2], *bbox[3:5])
    if west > east:  # across ±180: the whole belt
        west, east = -180.0, 180.0
    if box is None:
        return west, south, east, north
    return min(west, box[0]), min(south, box[1]), max(east, box[2]), max(north, box[3])
