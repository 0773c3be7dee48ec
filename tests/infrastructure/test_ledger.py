"""The ledger, its quarantine and its deletions, on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from documents import collection
from flows.found import Found
from infrastructure.catalogue import Catalogue
from infrastructure.deletions import Deletions
from infrastructure.entry import Entry
from infrastructure.errors import Busy, NotFound
from infrastructure.hold import sole_harvest
from infrastructure.ledger import Cursor, Ledger
from infrastructure.quarantine import Original, Quarantine
from infrastructure.register import deregister, register, see

pytestmark = pytest.mark.platform

NAMES = [f"n{number}" for number in range(10)]


def item(name: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "bbox": [0, 0, 1, 1],
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "properties": {"datetime": "2024-01-01T00:00:00Z"},
        "links": [],
        "assets": {},
    }


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    """Ten items of source `main`."""
    catalogue.put_collection(collection("c"))
    register(catalogue, "c", [Entry(item(name), name, "v1") for name in NAMES])
    return catalogue


def states(catalogue: Catalogue) -> dict[str, str]:
    with catalogue.transaction() as connection:
        return dict(connection.execute("SELECT upstream_id, state FROM swath.ledger").fetchall())


def test_a_released_product_is_looked_at_again_from_the_beginning(filled: Catalogue) -> None:
    ledger, quarantine = Ledger(filled), Quarantine(filled)
    quarantine.put("c", "main", Found("n0", "v2"), "damaged\0", run=None)
    ledger.advance("c", "main", datetime.now(UTC), uuid4(), swept=True)
    assert quarantine.list("c")[0].reason == "damaged\\0"
    assert quarantine.retry("c") == 1
    assert ledger.cursor("c", "main").position is None
    assert ledger.known("c", "main", ["n0"])["n0"][0] != "v2"


def test_the_original_is_kept_byte_for_byte_until_the_product_is_dropped(filled: Catalogue) -> None:
    quarantine = Quarantine(filled)
    content = bytes(range(256))
    found = Found("../odd?id", "v1")
    quarantine.put("c", "main", found, "odd", run=None, original=Original("a/b", content))
    assert quarantine.original("c", "../odd?id") == Original("a/b", content)
    assert quarantine.drop("c", ["../odd?id"]) == 1
    assert quarantine.list("c") == []
    assert Ledger(filled).known("c", "main", ["../odd?id"]) == {"../odd?id": ("v1", "dropped")}
    with pytest.raises(NotFound, match="no original"):
        quarantine.original("c", "../odd?id")


def test_quarantine_leaves_the_item_of_the_version_before(filled: Catalogue) -> None:
    Quarantine(filled).put("c", "main", Found("n0", "v2"), "damaged", run=None)
    assert filled.count("c") == 10
    assert Quarantine(filled).list("c")[0].item_id == "n0"


def test_a_sweep_marks_what_it_did_not_see_and_what_is_seen_again_is_back(
    filled: Catalogue,
) -> None:
    ledger, deletions = Ledger(filled), Deletions(filled)
    began = now(filled)
    see(filled, "c", "main", NAMES[:7])
    assert deletions.sweep("c", "main", began) == 3
    assert deletions.sweep("c", "main", began) == 0, "they are marked already"
    assert [name for name, state in states(filled).items() if state == "missing"] == NAMES[7:]
    see(filled, "c", "main", ["n9"])
    assert states(filled)["n9"] == "registered"
    assert deletions.due("c", timedelta(hours=1)).items == []
    due = deletions.due("c", timedelta(0))
    assert (due.items, due.percent) == (["n7", "n8"], 20.0)
    assert deregister(filled, "c", due.items, for_good=False) == ["n7", "n8"]
    assert states(filled)["n7"] == "deregistered"
    again = ledger.known("c", "main", ["n7"])["n7"]
    assert again != ("v1", "deregistered"), "if upstream has it again, so has the catalogue"


def test_a_sweep_of_one_source_says_nothing_of_another(filled: Catalogue) -> None:
    register(filled, "c", [Entry(item("other"), "other", "v1", source="second")])
    assert Deletions(filled).sweep("c", "second", now(filled)) == 1
    marked = [name for name, state in states(filled).items() if state == "missing"]
    assert marked == ["other"]


def test_a_tombstone_marks_at_once(filled: Catalogue) -> None:
    assert Deletions(filled).mark("c", "main", ["n3", "never-heard-of"]) == 1
    assert states(filled)["n3"] == "missing"


def test_what_is_in_quarantine_is_crossed_out_when_upstream_has_it_no_more(
    filled: Catalogue,
) -> None:
    quarantine = Quarantine(filled)
    quarantine.put("c", "main", Found("broken", "v1"), "broken", run=None)
    quarantine.put("c", "main", Found("n0", "v2"), "its new version is broken", run=None)
    Deletions(filled).sweep("c", "main", now(filled))
    assert quarantine.list("c") == []
    assert states(filled)["broken"] == "deregistered"
    assert states(filled)["n0"] == "missing", "its item is in the catalogue still"


@pytest.mark.parametrize(
    ("before", "after"),
    [("registered", "dropped"), ("deregistered", "missing"), ("dropped", "missing")],
)
def test_the_database_refuses_ways_that_there_are_not(
    filled: Catalogue, before: str, after: str
) -> None:
    with psycopg.connect(filled.settings.conninfo(), autocommit=True) as connection:
        if before == "dropped":
            connection.execute("UPDATE swath.ledger SET state = 'quarantined', reason = 'r'")
        if before != "registered":
            connection.execute("UPDATE swath.ledger SET state = %s, reason = NULL", [before])
        with pytest.raises(psycopg.errors.CheckViolation, match=f"from {before} to {after}"):
            connection.execute("UPDATE swath.ledger SET state = %s, missing_since = now()", [after])


def test_the_cursor_remembers_the_last_sweep(filled: Catalogue) -> None:
    ledger = Ledger(filled)
    assert ledger.cursor("c", "main") == Cursor(None, None)
    first, second = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
    ledger.advance("c", "main", first, uuid4(), swept=True)
    ledger.advance("c", "main", second, uuid4(), swept=False)
    assert ledger.cursor("c", "main") == Cursor(second, first)
    assert ledger.cursor("c", "second") == Cursor(None, None)


def test_the_windows_of_a_backfill_are_remembered(filled: Catalogue) -> None:
    ledger = Ledger(filled)
    window = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
    ledger.close_window("c", "main", window, uuid4())
    ledger.close_window("c", "main", window, uuid4())
    assert ledger.windows("c", "main") == {window}


def now(catalogue: Catalogue) -> datetime:
    """The database's clock."""
    with catalogue.transaction() as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row
    moment: datetime = row[0]
    return moment


def kill_holders(catalogue: Catalogue) -> None:
    """End the connections that hold a harvest's lock, as a restart of PostgreSQL does."""
    with catalogue.transaction() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND classid = hashtext('swath.harvest')::oid"
        )


def test_the_lock_of_a_harvest_is_taken_again_when_the_database_forgot_it(
    catalogue: Catalogue,
) -> None:
    settings = catalogue.settings
    with sole_harvest(settings, "c") as hold:
        kill_holders(catalogue)
        hold.ensure()
        with (
            pytest.raises(Busy, match="another harvest of 'c' is running"),
            sole_harvest(settings, "c"),
        ):
            pass
        hold.ensure()


def test_a_harvest_that_lost_its_lock_to_another_does_not_go_on(catalogue: Catalogue) -> None:
    settings = catalogue.settings
    with sole_harvest(settings, "c") as hold:
        kill_holders(catalogue)
        with sole_harvest(settings, "c"), pytest.raises(Busy):
            hold.ensure()
        hold.ensure()


def test_a_retry_during_a_harvest_outlives_it(filled: Catalogue) -> None:
    ledger, quarantine, run = Ledger(filled), Quarantine(filled), uuid4()
    quarantine.put("c", "main", Found("bad", "v1"), "wrong", run=run)
    began = ledger.now()
    quarantine.retry("c", ["bad"])
    ledger.advance("c", "main", began, run, swept=True)
    assert ledger.cursor("c", "main").position is None, "the next harvest looks at everything"
    later = ledger.now()
    reset = ledger.cursor("c", "main").reset
    ledger.advance("c", "main", later, run, swept=False, reset=reset)
    assert ledger.cursor("c", "main") == Cursor(later, began, reset)
