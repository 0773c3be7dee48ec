"""Registering against a real PostgreSQL with pgstac."""

import secrets
import threading
import zlib
from copy import deepcopy
from typing import Any

import pytest

from documents import collection
from flows.found import Found
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry, pack
from infrastructure.errors import NotFound
from infrastructure.ledger import Ledger
from infrastructure.quarantine import Quarantine
from infrastructure.register import deregister, register

pytestmark = pytest.mark.platform


def item(name: str, west: float = 0.0, day: int = 1, **properties: Any) -> dict[str, Any]:
    south, east, north = 10.0, west + 1, 11.0
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "bbox": [west, south, east, north],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": f"2024-01-{day:02d}T00:00:00Z", **properties},
        "links": [],
        "assets": {"red": {"href": f"s3://bucket/{name}.tif", "roles": ["data"]}},
    }


def entry(name: str, **options: Any) -> Entry:
    return Entry(item(name, **options), f"up/{name}", "v1", {"iso19139": f"<{name}/>".encode()})


def up(name: str) -> tuple[str, str]:
    """The key of an entry's upstream record."""
    return "main", f"up/{name}"


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    catalogue.put_collection(collection("c"))
    register(catalogue, "c", [entry("a"), entry("b", west=5.0, day=9)])
    return catalogue


def rows(catalogue: Catalogue, statement: str) -> list[tuple[Any, ...]]:
    with catalogue.transaction() as connection:
        return connection.execute(statement).fetchall()


def record(catalogue: Catalogue, item_id: str) -> bytes | None:
    records = dict(rows(catalogue, "SELECT item_id, content FROM swath.record"))
    return zlib.decompress(records[item_id]) if item_id in records else None


def test_a_batch_leaves_item_record_ledger_event_and_extent(filled: Catalogue) -> None:
    assert filled.count("c") == 2
    assert record(filled, "a") == b"<a/>"
    assert rows(filled, "SELECT upstream_id, item_id, state FROM swath.ledger ORDER BY 1") == [
        ("up/a", "a", "registered"),
        ("up/b", "b", "registered"),
    ]
    assert rows(filled, "SELECT kind, item_id, bbox FROM swath.event ORDER BY id") == [
        ("registered", "a", [0.0, 10.0, 1.0, 11.0]),
        ("registered", "b", [5.0, 10.0, 6.0, 11.0]),
    ]
    assert filled.collection("c")["extent"] == {
        "spatial": {"bbox": [[0.0, 10.0, 6.0, 11.0]]},
        "temporal": {"interval": [["2024-01-01T00:00:00Z", "2024-01-09T00:00:00Z"]]},
    }


def test_registering_twice_changes_nothing(filled: Catalogue) -> None:
    before = filled.collections(), rows(filled, "SELECT content FROM pgstac.items ORDER BY id")
    result = register(filled, "c", [entry("a"), entry("b", west=5.0, day=9)])
    assert (result.registered, result.updated) == ([], [])
    assert result.unchanged == [up("a"), up("b")]
    assert before == (
        filled.collections(),
        rows(filled, "SELECT content FROM pgstac.items ORDER BY id"),
    )


def test_a_changed_item_is_rewritten_and_may_move_in_time(filled: Catalogue) -> None:
    result = register(filled, "c", [entry("a", day=20), entry("b", west=5.0, day=9)])
    assert (result.updated, result.unchanged) == ([up("a")], [up("b")])
    assert rows(filled, "SELECT count(*) FROM pgstac.items") == [(2,)]
    assert rows(filled, "SELECT kind FROM swath.event ORDER BY id DESC LIMIT 1") == [("updated",)]


def test_a_new_upstream_version_with_the_same_content_is_remembered(filled: Catalogue) -> None:
    register(filled, "c", [Entry(item("a"), "up/a", "v2", {"iso19139": b"<a/>"})])
    known = "SELECT fingerprint FROM swath.ledger WHERE item_id = 'a'"
    assert rows(filled, known) == [("v2",)]
    assert rows(filled, "SELECT count(*) FROM swath.event") == [(2,)]


def test_an_item_without_datetime_keeps_its_range(filled: Catalogue) -> None:
    span = {
        "datetime": None,
        "start_datetime": "2020-05-18T00:00:00Z",
        "end_datetime": "2020-05-18T23:59:59Z",
    }
    register(filled, "c", [entry("r", **span)])
    assert filled.collection("c")["extent"]["temporal"]["interval"] == [
        ["2020-05-18T00:00:00Z", "2024-01-09T00:00:00Z"]
    ]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"geometry": {"type": "Polygon", "coordinates": "x"}}, "no usable STAC Item"),
        ({"properties": {"datetime": None}}, "no usable STAC Item"),
        ({"properties": {"datetime": "yesterday"}}, "no usable STAC Item"),
        ({"properties": {}}, "no usable STAC Item"),
        ({"bbox": [1, 2]}, "no usable STAC Item"),
        ({"geometry": None}, "does not take it"),
    ],
)
def test_one_bad_item_does_not_take_its_batch_with_it(
    filled: Catalogue, broken: dict[str, Any], reason: str
) -> None:
    bad = Entry({**item("bad"), **broken}, "up/bad", "v1")
    result = register(filled, "c", [entry("x"), bad, entry("y"), entry("z")])
    assert result.registered == [up("x"), up("y"), up("z")]
    assert list(result.refused) == [up("bad")]
    assert reason in result.refused[up("bad")]
    assert filled.count("c") == 5
    assert rows(filled, "SELECT count(*) FROM swath.ledger WHERE upstream_id='up/bad'") == [(0,)]


def test_deregistering_removes_everywhere_and_says_so(filled: Catalogue) -> None:
    assert deregister(filled, "c", ["b", "nope"]) == ["b"]
    assert filled.count("c") == 1
    assert filled.collection("c")["extent"]["spatial"]["bbox"] == [[0.0, 10.0, 1.0, 11.0]]
    assert record(filled, "b") is None
    state = "SELECT state FROM swath.ledger WHERE item_id = 'b'"
    assert rows(filled, state) == [("deregistered",)]
    last = "SELECT kind, item_id, bbox FROM swath.event ORDER BY id DESC LIMIT 1"
    assert rows(filled, last) == [("deregistered", "b", [5.0, 10.0, 6.0, 11.0])]


def test_a_new_record_alone_is_a_change(filled: Catalogue) -> None:
    done = register(filled, "c", [Entry(item("a"), "up/a", "v1", {"iso19139": b"<new/>"})])
    assert done.updated == [up("a")]
    assert record(filled, "a") == b"<new/>"


def test_a_product_whose_id_changes_leaves_no_item_behind(filled: Catalogue) -> None:
    done = register(filled, "c", [Entry(item("a2"), "up/a", "v2")])
    assert (done.registered, done.removed) == ([up("a")], ["a"])
    assert rows(filled, "SELECT id FROM pgstac.items ORDER BY 1") == [("a2",), ("b",)]
    assert filled.count("c") == 2
    state = "SELECT item_id, state FROM swath.ledger WHERE upstream_id = 'up/a'"
    assert rows(filled, state) == [("a2", "registered")]


def test_an_id_that_no_index_takes_is_refused_alone(filled: Catalogue) -> None:
    long = secrets.token_hex(9000)  # nothing that compresses
    done = register(filled, "c", [entry("good"), Entry(item(long), "up/long", "1")])
    assert (done.registered, list(done.refused)) == ([up("good")], [up("long")])


def test_what_is_in_quarantine_can_be_deregistered(filled: Catalogue) -> None:
    Quarantine(filled).put("c", "main", Found("up/a", "v2"), "damaged", run=None)
    assert deregister(filled, "c", ["a"]) == ["a"]
    assert Ledger(filled).known("c", "main", ["up/a"]) == {"up/a": ("v2", "deregistered")}


def test_a_stream_is_registered_batch_by_batch(filled: Catalogue) -> None:
    seen_at: list[int] = []

    def stream() -> Any:
        for number in range(25):
            seen_at.append(filled.count("c"))
            yield entry(f"s{number:02d}")

    result = register(filled, "c", stream(), batch=10)
    assert len(result.registered) == 25
    assert seen_at[0] == 2
    assert seen_at[-1] >= 12, "the stream was held whole"


def test_writers_of_one_collection_take_turns(filled: Catalogue) -> None:
    def write(number: int) -> None:
        batch = [entry(f"w{number}-{i}", day=i % 28 + 1) for i in range(50)]
        register(filled, "c", batch, batch=10)

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert filled.count("c") == 202
    assert rows(filled, "SELECT count(*) FROM pgstac.items") == [(202,)]


def test_registering_into_nothing_is_an_error(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound, match="no collection 'c'"):
        register(catalogue, "c", [entry("a")])


def test_the_collection_document_keeps_its_live_extent(filled: Catalogue) -> None:
    assert filled.put_collection(collection("c")) is False
    assert filled.put_collection({**collection("c"), "title": "New"}) is True
    assert filled.collection("c")["extent"]["spatial"]["bbox"] == [[0.0, 10.0, 6.0, 11.0]]


def test_covering_assets_are_found_across_the_antimeridian(filled: Catalogue) -> None:
    register(filled, "c", [entry("west", west=-180.0), entry("east", west=179.0, day=2)])
    found = filled.assets_covering("c", (178.0, 9.0, -178.0, 12.0), 10, ["red", "nope"])
    assert [(f.id, f.hrefs) for f in found] == [
        ("east", {"red": "s3://bucket/east.tif"}),
        ("west", {"red": "s3://bucket/west.tif"}),
    ]
    assert filled.assets_covering("c", (178.0, 9.0, -178.0, 12.0), 1, ["red"])[0].id == "east"


def test_the_hash_ignores_order_and_times_of_writing() -> None:
    one = item("a", gsd=10)
    other = deepcopy(one)
    turned = dict(reversed(one["properties"].items()))
    other["properties"] = {"updated": "2030-01-01T00:00:00Z", **turned}
    hashes = [pack(Entry(document, "a", "1")).content_hash for document in (one, other)]
    assert hashes[0] == hashes[1]
    other["properties"]["gsd"] = 11
    assert pack(Entry(other, "a", "1")).content_hash != hashes[0]
