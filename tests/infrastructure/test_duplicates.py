"""Duplicates: which one wins, and what becomes of the other, on a real PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest

from documents import collection
from flows.found import Found
from infrastructure.catalogue import Catalogue
from infrastructure.deletions import Deletions
from infrastructure.duplicates import Rule
from infrastructure.entry import Entry
from infrastructure.ledger import Ledger
from infrastructure.quarantine import Quarantine
from infrastructure.register import Registration, deregister, register

pytestmark = pytest.mark.platform

VERSION = "https://stac-extensions.github.io/version/v1.2.0/schema.json"


def entry(name: str, source: str, baseline: str, granule: str | None = None) -> Entry:
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "bbox": [0, 0, 1, 1],
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "properties": {"datetime": "2024-01-01T00:00:00Z", "processing:version": baseline},
        "links": [],
        "assets": {},
    }
    upstream_id = f"{source}/{name}"
    return Entry(item, upstream_id, baseline, source=source, granule=granule, rank=(baseline, None))


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    catalogue.put_collection(collection("c"))
    return catalogue


def put(catalogue: Catalogue, *entries: Entry, rule: Rule = "newest") -> Registration:
    return register(catalogue, "c", entries, rule=rule)


def items(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    with catalogue.transaction() as connection:
        rows = connection.execute("SELECT id, content_hydrate(items) FROM items ORDER BY id")
        return dict(rows.fetchall())


def ledger(catalogue: Catalogue) -> dict[str, tuple[str, str | None, str | None]]:
    with catalogue.transaction() as connection:
        rows = connection.execute(
            "SELECT source, state, item_id, successor FROM swath.ledger ORDER BY source"
        )
        return {source: (state, item, successor) for source, state, item, successor in rows}


def links(item: dict[str, Any]) -> list[tuple[str, str]]:
    return [(link["rel"], link["href"]) for link in item["links"]]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("rule", "order", "winner"),
    [
        ("newest", ["N01", "N02"], "N02"),
        ("newest", ["N02", "N01"], "N02"),
        ("first", ["N01", "N02"], "N01"),
        ("first", ["N02", "N01"], "N02"),
    ],
)
def test_of_two_records_with_one_item_id_the_rule_chooses(
    catalogue: Catalogue, rule: Rule, order: list[str], winner: str, together: bool
) -> None:
    entries = [entry("i", f"source {baseline}", baseline) for baseline in order]
    for batch in [entries] if together else [[one] for one in entries]:
        put(catalogue, *batch, rule=rule)
    assert items(catalogue)["i"]["properties"]["processing:version"] == winner
    (loser,) = set(order) - {winner}
    assert ledger(catalogue) == {
        f"source {winner}": ("registered", "i", None),
        f"source {loser}": ("superseded", None, "i"),
    }
    before = items(catalogue)
    again = put(catalogue, *entries, rule=rule)
    assert (again.registered, again.updated) == ([], [])
    assert items(catalogue) == before, "the next harvest changes nothing"


def test_both_are_kept_under_ids_that_stay(catalogue: Catalogue) -> None:
    pair = entry("i", "a", "N01"), entry("i", "b", "N02")
    put(catalogue, *pair, rule="both")
    names = [*items(catalogue)]
    assert len(names) == 2
    assert names[0] == "i"
    assert names[1].startswith("i~~")
    again = put(catalogue, *reversed(pair), rule="both")
    assert len(again.unchanged) == 2
    assert [*items(catalogue)] == names


def test_the_loser_of_a_granule_stays_with_a_link_to_its_successor(catalogue: Catalogue) -> None:
    put(catalogue, entry("old", "a", "N01", "g"), entry("alone", "c", "N01", "h"))
    done = put(catalogue, entry("new", "b", "N02", "g"))
    assert done.registered == [("b", "b/new")]
    held = items(catalogue)
    assert links(held["old"]) == [("successor-version", "collections/c/items/new")]
    assert held["old"]["properties"]["deprecated"] is True
    assert VERSION in held["old"]["stac_extensions"]
    assert links(held["new"]) == [("predecessor-version", "collections/c/items/old")]
    assert "deprecated" not in held["new"]["properties"]
    assert links(held["alone"]) == []
    assert ledger(catalogue)["a"] == ("superseded", "old", "new")


def test_an_older_version_that_comes_late_is_superseded_at_once(catalogue: Catalogue) -> None:
    put(catalogue, entry("new", "b", "N02", "g"))
    done = put(catalogue, entry("old", "a", "N01", "g"))
    assert done.superseded == [("a", "a/old")]
    assert items(catalogue)["old"]["properties"]["deprecated"] is True
    again = put(catalogue, entry("old", "a", "N01", "g"), entry("new", "b", "N02", "g"))
    assert (again.registered, again.updated, again.superseded) == ([], [], [])


def test_a_change_of_the_loser_keeps_its_links(catalogue: Catalogue) -> None:
    put(catalogue, entry("new", "b", "N02", "g"), entry("old", "a", "N01", "g"))
    changed = entry("old", "a", "N01", "g")
    changed.item["properties"]["platform"] = "sentinel-2a"
    put(catalogue, changed)
    item = items(catalogue)["old"]
    assert item["properties"]["platform"] == "sentinel-2a"
    assert item["properties"]["deprecated"] is True
    assert links(item) == [("successor-version", "collections/c/items/new")]


def test_when_the_winner_goes_the_loser_is_back(catalogue: Catalogue) -> None:
    put(catalogue, entry("new", "b", "N02", "g"), entry("old", "a", "N01", "g"))
    deregister(catalogue, "c", ["new"])
    item = items(catalogue)["old"]
    assert "deprecated" not in item["properties"]
    assert links(item) == []
    assert ledger(catalogue)["a"] == ("registered", "old", None)


def test_when_the_holder_of_an_id_goes_the_other_is_harvested_again(catalogue: Catalogue) -> None:
    put(catalogue, entry("i", "a", "N01"), entry("i", "b", "N02"))
    deregister(catalogue, "c", ["i"])
    known = Ledger(catalogue).known("c", "a", ["a/i"])
    assert known["a/i"][0] != "N01", "its fingerprint differs, so it is not known"
    assert put(catalogue, entry("i", "a", "N01")).registered == [("a", "a/i")]


def versioned(name: str, upstream_id: str, version: str, source: str = "a") -> Entry:
    """A version of an upstream record, with an item id of its choice."""
    made = entry(name, source, version)
    return Entry(made.item, upstream_id, version, source=source, rank=made.rank)


def owners(catalogue: Catalogue) -> dict[str, str | None]:
    """Upstream id -> item of its row, and every item of the catalogue has one."""
    with catalogue.transaction() as connection:
        rows = dict(
            connection.execute(
                "SELECT upstream_id, item_id FROM swath.ledger WHERE state = 'registered'"
            ).fetchall()
        )
    assert sorted(filter(None, rows.values())) == [*items(catalogue)]
    return rows


def test_products_may_exchange_their_item_ids(catalogue: Catalogue) -> None:
    put(catalogue, versioned("a", "n1", "1"), versioned("b", "n2", "1"))
    put(catalogue, versioned("b", "n1", "2"), versioned("a", "n2", "2"))
    assert owners(catalogue) == {"n1": "b", "n2": "a"}


def test_products_may_pass_their_item_ids_on(catalogue: Catalogue) -> None:
    put(catalogue, versioned("a", "n1", "1"), versioned("b", "n2", "1"))
    put(catalogue, versioned("b", "n1", "2"), versioned("c", "n2", "2"))
    assert owners(catalogue) == {"n1": "b", "n2": "c"}


def test_of_two_versions_of_one_record_the_last_counts(catalogue: Catalogue) -> None:
    put(catalogue, versioned("a", "n1", "2"), versioned("a", "n1", "3"))
    assert owners(catalogue) == {"n1": "a"}
    assert items(catalogue)["a"]["properties"]["processing:version"] == "3"


def test_a_loser_is_released_when_the_winner_takes_another_id(catalogue: Catalogue) -> None:
    put(catalogue, versioned("x", "n1", "2"), versioned("x", "m1", "1", source="b"))
    put(catalogue, versioned("y", "n1", "3"))
    known = Ledger(catalogue).known("c", "b", ["m1"])
    assert known["m1"][0] != "1", "the next harvest looks at it again"


def test_a_row_without_an_item_never_speaks_for_anothers(catalogue: Catalogue) -> None:
    put(catalogue, versioned("x", "n1", "1"))
    deregister(catalogue, "c", ["x"])
    put(catalogue, versioned("x", "m1", "1", source="b"))
    Quarantine(catalogue).put("c", "a", Found("n1", "2"), "broken", run=None)
    Deletions(catalogue).mark("c", "a", ["n1"])
    assert Deletions(catalogue).due("c", timedelta(0)).items == []


def test_a_loser_that_upstream_deleted_does_not_come_back(catalogue: Catalogue) -> None:
    put(catalogue, entry("old", "a", "N01", "g"), entry("new", "b", "N02", "g"))
    Deletions(catalogue).mark("c", "a", ["a/old"])
    deregister(catalogue, "c", ["new"])
    assert ledger(catalogue)["a"][0] == "missing"


def test_what_somebody_removed_from_the_catalogue_is_not_due_for_ever(
    catalogue: Catalogue,
) -> None:
    put(catalogue, entry("old", "a", "N01"))
    with catalogue.transaction() as connection:
        connection.execute("DELETE FROM items")
    Deletions(catalogue).mark("c", "a", ["a/old"])
    deregister(catalogue, "c", ["old"], for_good=False)
    assert Deletions(catalogue).due("c", timedelta(0)).items == []
