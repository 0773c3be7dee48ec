"""The outbox: what is told of changes, to whom, and in which order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from changes import emit, entry, read, told
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid
from infrastructure.events import outbox, signature
from infrastructure.events.cloudevents import cloudevent
from infrastructure.events.outbox import Event, Position
from infrastructure.events.selection import selection
from infrastructure.register import deregister, register
from infrastructure.settings import DatabaseSettings

pytestmark = pytest.mark.platform

POINT = {"type": "Point", "coordinates": [0.5, 10.5]}


def test_changes_are_told_in_order_and_page_by_page(filled: Catalogue) -> None:
    register(filled, "c", [entry("a"), entry("b")])
    register(filled, "c", [entry("a", cloud=5)])
    deregister(filled, "c", ["b"])
    first = read(filled, limit=3)
    assert told(first) == [("registered", "a"), ("registered", "b"), ("updated", "a")]
    assert first.more
    second = read(filled, after=outbox.position(str(first.position)))
    assert told(second) == [("deregistered", "b")]
    assert not second.more
    assert told(read(filled, after=second.position)) == []


@pytest.mark.parametrize("first", ["id", "transaction"])
def test_a_slow_transaction_is_waited_for(
    filled: Catalogue, database: DatabaseSettings, first: str
) -> None:
    with psycopg.connect(database.conninfo()) as slow, psycopg.connect(database.conninfo()) as fast:
        if first == "id":
            emit(slow, "slow")
        else:  # the transaction is older, its event has the higher id
            slow.execute("SELECT pg_current_xact_id()")
        emit(fast, "fast")
        fast.commit()
        page = read(filled)
        assert told(page) == []
        assert page.pending
        if first == "transaction":
            emit(slow, "slow")
        slow.commit()
    after = read(filled, after=page.position)
    assert told(after) == [("registered", "slow"), ("registered", "fast")]
    assert not after.pending


def test_what_is_not_committed_when_one_begins_now_is_told(
    filled: Catalogue, database: DatabaseSettings
) -> None:
    register(filled, "c", [entry("before")])
    with psycopg.connect(database.conninfo()) as slow:
        emit(slow, "slow")
        with filled.transaction() as connection:
            now = outbox.now(connection)
    assert told(read(filled, after=now)) == [("registered", "slow")]


def test_events_of_a_collection(filled: Catalogue) -> None:
    register(filled, "c", [entry("a")])
    register(filled, "d", [entry("b", collection="d")])
    assert told(read(filled, selection(["d"]))) == [("registered", "b")]
    assert told(read(filled, selection(["c", "d"]))) == [("registered", "a"), ("registered", "b")]


def test_events_of_a_box_across_the_antimeridian_too(filled: Catalogue) -> None:
    across = {
        "bbox": [179, 10, -179, 11],
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": [
                [[[w, 10], [w + 1, 10], [w + 1, 11], [w, 11], [w, 10]]] for w in (179, -180)
            ],
        },
    }
    register(filled, "c", [entry("a"), entry("b", west=170), entry("across", **across)])
    for bbox, names in {
        "0.5,0,20,20": ["a"],
        "-10,0,20,20": ["a"],
        "0,0,-30,20,20,30": ["a"],
        "160,0,-170,20": ["b", "across"],
        "-180,0,-179.5,20": ["across"],
        "0,12,20,20": [],
        "-180,-90,180,90": ["a", "b", "across"],
    }.items():
        assert [e.item_id for e in read(filled, selection(bbox=bbox)).events] == names, bbox


def test_events_of_items_that_meet_a_condition_also_when_they_are_gone(filled: Catalogue) -> None:
    clear = selection(condition="eo:cloud_cover < 10")
    register(filled, "c", [entry("clear", cloud=3), entry("cloudy", cloud=80)])
    assert told(read(filled, clear)) == [("registered", "clear")]
    deregister(filled, "c", ["clear", "cloudy"])
    assert told(read(filled, clear)) == [("registered", "clear"), ("deregistered", "clear")]
    there = selection(condition={"op": "s_intersects", "args": [{"property": "geometry"}, POINT]})
    assert len(read(filled, there).events) == 4


def test_the_event_of_what_is_gone_keeps_its_nulls(filled: Catalogue) -> None:
    made = {"datetime": None, "start_datetime": "2024-01-01T00:00:00Z"}
    properties = {**made, "end_datetime": "2024-01-02T00:00:00Z", "x:unknown": None}
    given = entry("a", properties=properties)
    register(filled, "c", [given, entry("b")])
    deregister(filled, "c", ["a", "b", "nope"])
    with filled.transaction() as connection:
        rows = connection.execute(
            "SELECT item_id, bbox, item FROM swath.event WHERE kind = 'deregistered' ORDER BY id"
        ).fetchall()
    assert [row[:2] for row in rows] == [("a", [0, 10, 1, 11]), ("b", [0, 10, 1, 11])]
    gone = rows[0][2]
    del gone["properties"]["updated"]  # the time of its registration
    assert gone == given.item


def test_many_events_that_are_not_asked_for_are_passed_over(filled: Catalogue) -> None:
    register(filled, "c", [entry(f"i{n}", cloud=n % 100) for n in range(outbox.SCAN + 500)])
    wanted = selection(condition="eo:cloud_cover = 7")
    first = read(filled, wanted)
    second = read(filled, wanted, first.position)
    assert (len(first.events), first.more) == (10, True)
    assert (len(second.events), second.more) == (5, False)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"collections": []}, "a collection has an id"),
        ({"collections": ["c", ""]}, "a collection has an id"),
        ({"bbox": "1,2,3"}, "four or six numbers"),
        ({"bbox": ""}, "four or six numbers"),
        ({"bbox": "a,b,c,d"}, "four or six numbers"),
        ({"bbox": "0,20,10,10"}, "south below north"),
        ({"bbox": "0,nan,10,10"}, "south below north"),
        ({"bbox": [0, 0, 400, 10]}, "longitudes in ±180"),
        ({"condition": "cloud <"}, "no CQL2"),
        ({"condition": {"op": "nothing"}}, "no CQL2"),
    ],
)
def test_a_selection_that_is_none(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        selection(**wrong)


@pytest.mark.parametrize("text", ["", "1", "1-", "-1-2", "1-2-3", "a-b", "1-9223372036854775808"])
def test_a_position_that_is_none(text: str) -> None:
    with pytest.raises(Invalid, match="no position of an event"):
        outbox.position(text)


def test_a_cloudevent_is_whole() -> None:
    cet = datetime(2024, 1, 1, 13, tzinfo=UTC) - timedelta(hours=1)
    bbox = [1.0, 2.0, 3.0, 4.0]
    event = Event(Position(7, 9), "updated", "my scenes", "a/b", cet, bbox, cet, None)
    assert cloudevent(event, "https://eo.example/") == {
        "specversion": "1.0",
        "id": "7-9",
        "source": "https://eo.example/collections/my%20scenes",
        "type": "swath.item.updated",
        "subject": "a/b",
        "time": "2024-01-01T12:00:00Z",
        "datacontenttype": "application/json",
        "data": {
            "collection": "my scenes",
            "item": "a/b",
            "bbox": bbox,
            "start_datetime": "2024-01-01T12:00:00Z",
            "end_datetime": None,
            "href": "https://eo.example/collections/my%20scenes/items/a%2Fb",
        },
    }


def test_the_signature_is_that_of_the_published_example() -> None:
    made = signature.headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
