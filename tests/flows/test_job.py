"""One harvest's work, batch by batch, on a real PostgreSQL and without Prefect."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from flows import collection as collections
from flows.found import Found
from flows.job import Job
from flows.question import Wish
from flows.stac.items import found
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Unavailable
from infrastructure.settings import HarvestSettings

pytestmark = pytest.mark.platform


def item(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "bbox": [1, 2, 1, 2],
        "properties": {"datetime": "2024-01-01T00:00:00Z", **properties},
        "links": [],
        "assets": {},
    }


def tombstone(name: str) -> Found:
    return Found(name, "", deleted=True)


class Place:
    """A collection file `c`, and harvests of it."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self.catalogue = catalogue
        self.folder = folder
        words = {"id": "c", "title": "c", "description": "c", "readers": ["stac"]}
        source = {"type": "stac_bulk", "url": "items.ndjson"}
        rules = {"duplicates": {"id": "^(.*)_N"}}
        (folder / "c.yaml").write_text(yaml.safe_dump({**words, "source": source, **rules}))

    def job(self) -> Job:
        """A harvest that has turned to its source."""
        story = collections.find(self.folder, "c")
        job = Job(story, self.catalogue, HarvestSettings(), uuid4(), Wish())
        job.begin()
        job.turn_to("main", None)
        return job

    def states(self) -> dict[str, str]:
        with self.catalogue.transaction() as connection:
            rows = connection.execute("SELECT upstream_id, state FROM swath.ledger")
            return dict(rows.fetchall())

    def totals(self) -> tuple[int, int] | None:
        """How many items there are, and how many events."""
        statement = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM swath.event)"
        with self.catalogue.transaction() as connection:
            return connection.execute(statement).fetchone()


@pytest.fixture
def place(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("SWATH_STORAGE_URL", (tmp_path / "store").as_uri())
    return Place(catalogue, tmp_path)


def harvest(job: Job, *batch: Found) -> dict[str, int]:
    """Take a batch in; the counts so far."""
    lot = job.take(list(batch))
    job.prepare(lot)
    job.register(lot)
    return {name: count for name, count in job.tally.counts.items() if count}


def test_of_a_record_and_its_tombstone_the_last_word_counts(place: Place) -> None:
    there, gone = found(item("a")), tombstone("a")
    harvest(place.job(), there, gone)
    assert place.states() == {}
    harvest(place.job(), gone, there)
    assert place.states() == {"a": "registered"}
    harvest(place.job(), there, gone)
    assert place.states() == {"a": "missing"}


def test_the_last_word_counts_from_batch_to_batch(place: Place) -> None:
    there, gone = found(item("a")), tombstone("a")
    job = place.job()
    harvest(job, there)
    assert place.states() == {"a": "registered"}
    harvest(job, gone)
    assert place.states() == {"a": "missing"}
    harvest(job, there)
    assert place.states() == {"a": "registered"}
    harvest(place.job(), gone)
    harvest(place.job(), there)
    assert place.states() == {"a": "registered"}


def test_what_a_stream_repeats_is_looked_at_once(place: Place) -> None:
    job = place.job()
    counts = harvest(job, found(item("a")), found(item("a")))
    assert counts == {"found": 1, "registered": 1}
    assert harvest(job, found(item("a"))) == counts


def test_a_newer_version_that_is_back_upstream_wins_again(place: Place) -> None:
    won = {"S2_N01": "superseded", "S2_N02": "registered"}
    harvest(place.job(), found(item("S2_N01", **{"processing:version": "1"})))
    harvest(place.job(), found(item("S2_N02", **{"processing:version": "2"})))
    assert place.states() == won
    harvest(place.job(), tombstone("S2_N02"))
    harvest(place.job(), found(item("S2_N01", **{"processing:version": "1", "gsd": 10})))
    assert place.states() == {"S2_N01": "registered", "S2_N02": "missing"}
    harvest(place.job(), found(item("S2_N02", **{"processing:version": "2"})))
    assert place.states() == won


def test_a_batch_that_broke_off_goes_on_where_it_stopped(place: Place) -> None:
    job = place.job()
    lot = job.take([found(item("good")), found(item("bad", datetime="soon"))])
    job.prepare(lot)
    with place.catalogue.transaction() as connection:
        connection.execute("REVOKE INSERT ON swath.original FROM CURRENT_USER")
    with pytest.raises(Unavailable, match="lacks a right"):
        job.register(lot)
    with place.catalogue.transaction() as connection:
        connection.execute("GRANT INSERT ON swath.original TO CURRENT_USER")
    job.register(lot)
    assert place.states() == {"good": "registered", "bad": "quarantined"}
    assert place.totals() == (1, 1)
    counts = job.tally.counts
    assert (counts["found"], counts["registered"], counts["quarantined"]) == (2, 1, 1)


def test_what_is_gone_is_due_when_the_grace_is_over(place: Place) -> None:
    harvest(place.job(), found(item("a")), found(item("b")))
    job = place.job()
    harvest(job, tombstone("a"))
    assert job.gone() == []
    assert job.deletions.due("c", timedelta()).items == ["a"]


def test_what_text_cannot_hold_is_quarantined_and_the_rest_is_registered(place: Place) -> None:
    bad = [item("nul\0"), item("value", note="a\0b"), item("key", **{"a\0b": 1})]
    counts = harvest(place.job(), *map(found, [item("good"), *bad]))
    assert (counts["registered"], counts["quarantined"]) == (1, 3)
    reasons = {entry.upstream_id: entry.reason for entry in place.job().quarantine.list("c")}
    assert len(reasons) == 3
    assert all("\0" not in name + reason for name, reason in reasons.items())
    assert place.totals() == (1, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bbox": "all"}, 'bbox: "all" is not a list'),
        ({"bbox": [1, 2]}, "bbox: [1,2] has less than 4 items"),
        ({"properties": {"datetime": 5}}, "properties.datetime: 5 is not a text or null"),
        ({"properties": {}}, "properties: `datetime` is missing"),
    ],
)
def test_what_is_held_against_bounds_and_has_none_is_told_in_a_sentence(
    place: Place, change: dict[str, Any], reason: str
) -> None:
    file = place.folder / "c.yaml"
    bounds = {"bbox": [0, 0, 9, 9], "datetime": "2024-01-01/2024-12-31"}
    story = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**story, "source": {**story["source"], **bounds}}))
    counts = harvest(place.job(), found({**item("bad"), **change}), found(item("good")))
    assert (counts["registered"], counts["quarantined"]) == (1, 1)
    (entry,) = place.job().quarantine.list("c")
    assert entry.reason == f"bad: {reason}"
