"""Write the table of what becomes of real files: `python scripts/inventory.py FOLDER`.

FOLDER is the collection of real STAC, records, answers of servers and malformed files that the
tests run on too. Each of its files takes the road of a harvest into a catalogue that is made for
it and thrown away.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flows.collection import CollectionFile
from flows.found import Found
from flows.product import prepare
from flows.registration.collection import put
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import SwathError
from infrastructure.http import Http
from infrastructure.orders import Registration
from infrastructure.register import register
from infrastructure.settings import HarvestSettings
from infrastructure.storage import Store, open_store

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "reference" / "real-data.md"


def _beside(name: str) -> Any:
    """A module of this folder, which is no package."""
    spec = spec_from_file_location(f"swath_scripts_{name}", HERE / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


roads = _beside("roads")


@dataclass
class Outcome:
    """What became of a file."""

    name: str
    """Its path below the folder."""
    what: str
    """What it is."""
    entries: list[Entry] = field(default_factory=list)
    """The items that are in the catalogue now."""
    registered: int = 0
    again: int = 0
    """Records that the file has twice."""
    reasons: list[str] = field(default_factory=list)
    """Why records are in quarantine."""

    @property
    def folder(self) -> str:
        """The folder, as far as the tables tell it."""
        return "/".join(self.name.split("/")[:-1][:2])


class Shop:
    """A catalogue that takes in file after file, each in a collection where its ids are free."""

    PREFIX = "real-data-"
    """How the ids of the collections begin."""

    def __init__(self, catalogue: Catalogue, store: Store) -> None:
        self.catalogue = catalogue
        self.store = store
        self._taken: dict[str, set[str]] = {}

    def take(self, name: str, road: Any) -> Outcome:
        """Register the records of a file."""
        outcome = Outcome(name, road.what)
        records = self._listed(road.found, outcome)
        for number in count():
            story = self._story(f"{self.PREFIX}{number}")
            story = story.model_copy(update={"reader_options": road.options})
            entries, reasons = self._prepared(records, story, name)
            taken = self._taken.setdefault(story.id, set())
            if taken.isdisjoint(entry.id for entry in entries):
                break
        outcome.reasons += reasons
        self._register(outcome, story.id, entries)
        taken |= {entry.id for entry in outcome.entries}
        return outcome

    def take_collection(self, name: str, url: str) -> Outcome:
        """Register a STAC Collection."""
        outcome = Outcome(name, "STAC Collection")
        with TemporaryDirectory() as folder:
            settings = HarvestSettings(collections=Path(folder))
            order = Registration(type="stac-collection", url=url)
            try:
                put(order, self.catalogue, settings, Http())
                outcome.registered = 1
            except SwathError as error:
                outcome.reasons.append(str(error))
        return outcome

    @staticmethod
    def _listed(found: Iterable[Found], outcome: Outcome) -> list[Found]:
        """The records; an error of the source itself is one in quarantine, as in a harvest."""
        records = []
        try:
            for record in found:
                records.append(record)  # noqa: PERF402 - what came before an error counts
        except SwathError as error:
            outcome.reasons.append(str(error))
        return records

    def _story(self, name: str) -> CollectionFile:
        story = CollectionFile.model_validate(
            {"id": name, "title": name, "description": name, "source": {"type": "folder"}}
        )
        if name not in self._taken:
            self.catalogue.put_collection(story.stac())
        return story

    def _prepared(
        self, records: list[Found], story: CollectionFile, source: str
    ) -> tuple[list[Entry], list[str]]:
        entries, reasons = [], []
        for record in records:
            try:
                entry = prepare(record, story, self.store, lambda *_: None, source=source)
            except SwathError as error:
                reasons.append(str(error).removeprefix(f"{record.upstream_id}: "))
                continue
            if entry is not None:  # without a scope nothing is outside of it
                entries.append(entry)
        return entries, reasons

    def _register(self, outcome: Outcome, collection: str, entries: list[Entry]) -> None:
        done = register(self.catalogue, collection, entries)
        last = {entry.id: entry for entry in entries if done.state(_key(entry)) == "registered"}
        outcome.entries = list(last.values())
        outcome.registered = len(last)
        outcome.reasons += done.refused.values()
        outcome.again = len(entries) - len(last) - len(done.refused)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.source, entry.upstream_id


def inventory(data: Path, catalogue: Catalogue, store: Store) -> Iterator[Outcome]:
    """What becomes of each file of the folder."""
    shop = Shop(catalogue, store)
    with roads.open_place(data) as place:
        for name in roads.names(data):
            road = roads.road(place, name)
            if road.collection:
                outcome = shop.take_collection(name, place.address(name))
            elif road.found is None:
                outcome = Outcome(name, road.what)
            else:
                outcome = shop.take(name, road)
            base = f"{place.url}/"
            outcome.reasons = [_plain(reason, base, data) for reason in outcome.reasons]
            yield outcome


def _plain(reason: str, base: str, data: Path) -> str:
    """A reason without the address that the files have at the moment."""
    for start in (base, f"{data.resolve().as_uri()}/", f"{data.resolve()}/"):
        reason = reason.replace(start, "")
    return reason


def page(outcomes: list[Outcome]) -> str:
    """The page of the documentation."""
    return "\n".join([HEAD, *_summary(outcomes), QUARANTINED, *_refused(outcomes), EVERY,
                      *_every(outcomes), ""])  # fmt: skip


HEAD = """# Real data

<!-- Written by scripts/inventory.py. -->

What becomes of real STAC, metadata records and recorded answers of servers, and of files that are
malformed: each either is registered, or is in quarantine with the reason. Every record takes the
road of a harvest: the source takes it out of the file, a reader reads it, it is checked, and it is
registered in a catalogue. The test `tests/flows/test_shared_data.py` does this with all of them,
holds the outcome against this page, and what comes back from the catalogue against what went in.

| Folder | Files | Without records | Registered | In quarantine |
|---|--:|--:|--:|--:|"""

QUARANTINED = """
## In quarantine

| File | Records | Reason |
|---|--:|---|"""

EVERY = """
## Every file

*Again* counts records that a file has a second time, or in an older version.

| File | What it is | Registered | Again | In quarantine |
|---|---|--:|--:|--:|"""


def _summary(outcomes: list[Outcome]) -> Iterator[str]:
    for folder, group in groupby(outcomes, lambda outcome: outcome.folder):
        files = list(group)
        empty = sum(not (o.registered or o.reasons) for o in files)
        yield _row(f"`{folder}`", len(files), empty or "", *_sums(files))
    yield _row("**All**", len(outcomes), sum(not (o.registered or o.reasons) for o in outcomes),
               *_sums(outcomes))  # fmt: skip


def _sums(outcomes: list[Outcome]) -> tuple[int | str, int | str]:
    registered = sum(outcome.registered for outcome in outcomes)
    return registered or "", sum(len(outcome.reasons) for outcome in outcomes) or ""


def _refused(outcomes: list[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        alike = Counter(_gist(reason) for reason in outcome.reasons)
        first = {_gist(reason): reason for reason in reversed(outcome.reasons)}
        for gist, number in alike.items():
            example = "" if number == 1 else "such as: "
            yield _row(f"`{outcome.name}`", number, example + _text(first[gist]))


def _every(outcomes: list[Outcome]) -> Iterator[str]:
    for o in outcomes:
        numbers = (o.registered or "", o.again or "", len(o.reasons) or "")
        yield _row(f"`{o.name}`", o.what, *numbers)


def _gist(reason: str) -> str:
    """What reasons of one kind have in common: not the words with numbers in them."""
    return re.sub(r"\S*\d\S*", "#", reason)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |".replace("|  |", "| |").replace("|  |", "| |")


def _text(text: str) -> str:
    """Text as Markdown shows it in a table, as it is."""
    return re.sub(r"([\\`*_{}\[\]<>|~])", r"\\\1", " ".join(text.split()))


def _quiet(_name: str, _detail: str) -> AbstractContextManager[None]:
    return nullcontext()


def main() -> None:
    """Write the page."""
    from infrastructure.local import lifecycle
    from infrastructure.local.after import database_settings
    from infrastructure.local.lifecycle import Wishes

    with TemporaryDirectory(prefix="swath-") as scratch:
        home, store = Path(scratch) / "home", open_store((Path(scratch) / "store").as_uri())
        ports = {"database": 54430, "supervisor": 54429}
        lifecycle.up(home, Wishes(ports=ports, only=("database",)), _quiet, lambda _: None)
        try:
            with Catalogue(database_settings(lifecycle.open_home(home))) as catalogue:
                PAGE.write_text(page(list(inventory(Path(sys.argv[1]), catalogue, store))), "utf-8")
        finally:
            lifecycle.down(home, _quiet)


if __name__ == "__main__":
    main()
