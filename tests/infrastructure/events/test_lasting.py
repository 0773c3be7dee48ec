"""What outlives killed processes, lost connections, restores and the years."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from changes import entry, read, told
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Unreachable
from infrastructure.events import progress, subscriptions
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings
from receivers import Answer, Receiver, deliverer, state, subscribe, until

ROOT = Path(__file__).parent.parent.parent.parent

pytestmark = pytest.mark.platform


def test_killed_in_the_middle_nothing_is_lost(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    names = [f"item-{number:04}" for number in range(2000)]
    made, _ = subscribe(filled, f"{receiver.url}/hook")
    register(filled, "c", (entry(name) for name in names))
    for part in (300, 900, 1500):
        with deliverer(database) as process:
            until(lambda part=part: len(receiver.deliveries) >= part)  # type: ignore[misc]
            process.kill()
    with deliverer(database):
        until(lambda: receiver.tried["/hook", names[-1]] > 0)
        last = receiver.deliveries[-1].event["id"]
        until(lambda: str(state(filled, made.id).position) == last)
    assert list(dict.fromkeys(receiver.items("/hook"))) == names
    assert len(receiver.deliveries) < 3000  # what is repeated is the last part of a second


def test_of_two_processes_one_delivers_and_the_other_takes_over(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    def slowly(*_: object) -> Answer:
        time.sleep(0.02)
        return 204, {}

    receiver.answer = slowly
    subscribe(filled, f"{receiver.url}/hook")
    register(filled, "c", [entry(f"i{number:02}") for number in range(40)])
    with deliverer(database) as first, deliverer(database) as second:
        until(lambda: len(receiver.deliveries) == 40)
        assert receiver.items("/hook") == [f"i{number:02}" for number in range(40)]
        first.kill()
        first.wait()
        register(filled, "c", [entry("x")])
        until(lambda: receiver.tried["/hook", "x"] == 1)
        second.kill()
    assert receiver.most_busy == 1


def test_a_lost_connection_to_the_database_is_made_anew(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    made, _ = subscribe(filled, f"{receiver.url}/hook")
    with deliverer(database):
        register(filled, "c", [entry("a")])
        until(lambda: receiver.items("/hook") == ["a"])
        with psycopg.connect(database.conninfo(), autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        assert len(ended) >= 2
        retrying(lambda: register(filled, "c", [entry("b")]))
        until(lambda: receiver.tried["/hook", "b"] > 0)
        subscriptions.unsubscribe(filled, made.id)
        register(filled, "c", [entry("c")])
        time.sleep(1)
    assert list(dict.fromkeys(receiver.items("/hook"))) == ["a", "b"]


def retrying(work: Callable[[], object]) -> None:
    try:
        work()
    except Unreachable:  # the pool's own connections were ended, too
        work()


def grow_old(catalogue: Catalogue, count: int, days: int) -> None:
    """Write events of days ago."""
    with catalogue.transaction() as connection:
        connection.execute(
            "INSERT INTO swath.event (kind, collection, item_id, at) SELECT 'registered', 'c',"
            " n::text, now() - %s * interval '1 day' FROM generate_series(1, %s) n",
            [days, count],
        )


def kept(catalogue: Catalogue) -> int:
    with catalogue.transaction() as connection:
        return connection.execute("SELECT id FROM swath.event").rowcount


def test_old_events_go_once_every_subscription_has_passed_them(filled: Catalogue) -> None:
    behind, _ = subscribe(filled, "http://127.0.0.1:9/behind")
    ended, _ = subscribe(filled, "http://127.0.0.1:9/ended")
    with filled.transaction() as connection:
        connection.execute("UPDATE swath.subscription SET ended = now() WHERE id = %s", [ended.id])
    grow_old(filled, 2500, days=31)
    register(filled, "c", [entry("new")])
    assert progress.prune(filled, 30) == 0
    for passed, gone in ((2000, 2000), (501, 500)):
        with filled.transaction() as connection:
            connection.execute(
                "UPDATE swath.subscription s SET (txid, event) = (SELECT txid, id FROM swath.event"
                " ORDER BY txid, id OFFSET %s LIMIT 1) WHERE s.id = %s",
                [passed - 1, behind.id],
            )
        assert progress.prune(filled, 30) == gone
    assert told(read(filled)) == [("registered", "new")]
    assert progress.prune(filled, 30) == 0


def test_the_service_deletes_old_events(filled: Catalogue, database: DatabaseSettings) -> None:
    grow_old(filled, 1500, days=3)
    grow_old(filled, 2, days=1)
    with deliverer(database, KEEP="2"):
        until(lambda: kept(filled) == 2)


def test_after_a_restore_on_a_younger_server_all_go_on(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    made, _ = subscribe(filled, f"{receiver.url}/hook")
    register(filled, "c", [entry("a"), entry("b")])
    with psycopg.connect(database.conninfo()) as connection:  # as if the numbers were another's
        connection.execute("UPDATE swath.event SET txid = '9000000000'")
        connection.execute(
            "UPDATE swath.subscription SET txid = '9000000000', event ="
            " (SELECT id FROM swath.event WHERE item_id = 'a')"
        )
    assert told(read(filled)) == []
    page = (ROOT / "docs/explanation/events.md").read_text("utf-8")
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(page.partition("```sql\n")[2].partition("```")[0].encode())
    register(filled, "c", [entry("c")])
    assert told(read(filled)) == [("registered", name) for name in "abc"]
    assert told(read(filled, after=state(filled, made.id).position)) == [
        ("registered", "b"),
        ("registered", "c"),
    ]
