"""The outbox and the webhooks: real PostgreSQL, real processes that deliver, real receivers."""

import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from typer.testing import CliRunner

from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import Invalid, NotFound, Unreachable
from infrastructure.events import cli, letters, outbox, progress, signature, subscriptions
from infrastructure.events.cloudevents import cloudevent
from infrastructure.events.outbox import START, Event, Page, Position
from infrastructure.events.selection import EVERYTHING, Selection, selection
from infrastructure.events.subscriptions import Subscription
from infrastructure.register import deregister, register
from infrastructure.settings import DatabaseSettings

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.platform


def collection(name: str) -> dict[str, Any]:
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": name,
        "description": "A collection",
        "license": "other",
        "links": [],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["1970-01-01T00:00:00Z", None]]},
        },
    }


def entry(name: str, west: float = 0.0, cloud: float = 0.0, **more: Any) -> Entry:
    east = west + 1
    ring = [[west, 10], [east, 10], [east, 11], [west, 11], [west, 10]]
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "bbox": [west, 10, east, 11],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2024-01-01T00:00:00Z", "eo:cloud_cover": cloud},
        "links": [],
        "assets": {},
        **more,
    }
    return Entry(item, f"up/{name}", "1")


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    """A catalogue with two empty collections, `c` and `d`."""
    catalogue.put_collection(collection("c"))
    catalogue.put_collection(collection("d"))
    return catalogue


def read(
    catalogue: Catalogue, selected: Selection = EVERYTHING, after: Position = START, limit: int = 99
) -> Page:
    with catalogue.transaction() as connection:
        return outbox.read(connection, after, selected, limit)


def told(page: Page) -> list[tuple[str, str]]:
    return [(event.kind, event.item_id) for event in page.events]


def emit(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(
        "INSERT INTO swath.event (kind, collection, item_id) VALUES ('registered', 'c', %s)", [name]
    )


# --- the outbox ---


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


POINT = {"type": "Point", "coordinates": [0.5, 10.5]}


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


# --- webhooks ---

Answer = tuple[int, Mapping[str, str]]


@dataclass
class Delivery:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def item(self) -> str:
        return str(self.event["subject"])


class Receiver:
    """A real HTTP server; `answer` says how it answers by path, item and number of the attempt."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answer: Callable[[str, str, int], Answer] = lambda *_: (204, {})
        self.tried: Counter[tuple[str, str]] = Counter()
        self.busy = 0
        self.most_busy = 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = receiver.take(self.path, dict(self.headers.items()), body)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        delivery = Delivery(path, headers, body)
        with self.lock:
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
            self.tried[path, delivery.item] += 1
            self.deliveries.append(delivery)
        answered = self.answer(path, delivery.item, self.tried[path, delivery.item])
        with self.lock:
            self.busy -= 1
        return answered

    def speak_tls(self, certificate: Path) -> None:
        """Speak TLS from now on, as `localhost`, with a certificate that is written here."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        certificate.write_bytes(made.public_bytes(Encoding.PEM) + key.private_bytes(*form))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def to(self, path: str) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.path == path]

    def items(self, path: str) -> list[str]:
        return [each.item for each in list(self.deliveries) if each.path == path]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@contextmanager
def deliverer(database: DatabaseSettings, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that delivers, impatient, and with leave for this machine."""
    libpq = {
        f"PG{name.upper()}": value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in database
    }
    impatient = {"POLL": "0.2", "PAUSE": "0.1", "ATTEMPTS": "3", "PRIVATE_HOSTS": "true"}
    own = {f"SWATH_EVENTS_{name}": value for name, value in {**impatient, **settings}.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "infrastructure.events.deliver"],
        cwd=ROOT,
        env={**os.environ, **libpq, **own, "NO_PROXY": "127.0.0.1"},
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(20) in {0, -9}


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def subscribe(
    catalogue: Catalogue, url: str, wanted: Selection = EVERYTHING, since: str = "0-0"
) -> tuple[Subscription, str]:
    return subscriptions.subscribe(catalogue, url, wanted, since, private_hosts=True)


def state(catalogue: Catalogue, id_: UUID) -> Subscription:
    return subscriptions.subscription(catalogue, id_)


def test_a_delivery_is_a_signed_cloudevent(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    made, secret = subscribe(filled, f"{receiver.url}/hook?key=1", since="now")
    register(filled, "c", [entry("a")])
    with deliverer(database, TIMEOUT="5"):
        until(lambda: len(receiver.deliveries) == 1)
        until(lambda: state(filled, made.id).position == read(filled).position)
    [delivery] = receiver.to("/hook?key=1")
    assert delivery.headers["Content-Type"] == "application/cloudevents+json"
    assert delivery.headers["Host"] == receiver.url.removeprefix("http://")
    assert delivery.event["type"] == "swath.item.registered"
    assert delivery.event["data"]["href"] == "http://127.0.0.1:8080/collections/c/items/a"
    message, moment = (delivery.headers[f"webhook-{name}"] for name in ("id", "timestamp"))
    assert message == delivery.event["id"]
    assert abs(int(moment) - time.time()) < 60
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{message}.{moment}.".encode() + delivery.body, hashlib.sha256)
    assert delivery.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


def test_each_is_told_what_it_asked_for(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    register(filled, "c", [entry("before")])
    subscribe(filled, f"{receiver.url}/new", since="now")
    subscribe(filled, f"{receiver.url}/all")
    subscribe(filled, f"{receiver.url}/d", selection(["d"]))
    subscribe(filled, f"{receiver.url}/east", selection(bbox="20,-90,-170,90"))
    subscribe(filled, f"{receiver.url}/clear", selection(condition="eo:cloud_cover < 10"))
    with deliverer(database):
        until(lambda: receiver.items("/all") == ["before"])
        register(filled, "c", [entry("a", west=30, cloud=50), entry("b", cloud=2)])
        register(filled, "d", [entry("e", collection="d", cloud=50)])
        until(lambda: len(receiver.deliveries) == 11)
    assert receiver.items("/all") == ["before", "a", "b", "e"]
    assert receiver.items("/new") == ["a", "b", "e"]
    assert receiver.items("/d") == ["e"]
    assert receiver.items("/east") == ["a"]
    assert receiver.items("/clear") == ["before", "b"]


def test_ten_thousand_items_are_ten_thousand_events_though_one_receiver_hangs(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    released = threading.Event()

    def answer(path: str, _item: str, _attempt: int) -> Answer:
        if path == "/hangs":
            released.wait()
        return 204, {}

    receiver.answer = answer
    hanging, _ = subscribe(filled, f"{receiver.url}/hangs")
    subscribe(filled, f"{receiver.url}/takes")
    names = [f"item-{number:05}" for number in range(10_000)]
    with deliverer(database, TIMEOUT="2", ATTEMPTS="1000", LONGEST_PAUSE="1"):
        register(filled, "c", (entry(name) for name in names))
        try:
            until(lambda: receiver.tried["/takes", names[-1]] == 1, 200)
            assert receiver.items("/takes") == names
            assert state(filled, hanging.id).position == START
            assert state(filled, hanging.id).error == "no answer within 2 s"
        finally:
            released.set()
        last = receiver.to("/takes")[-1].event["id"]
        until(lambda: str(state(filled, hanging.id).position) == last, 200)
    assert list(dict.fromkeys(receiver.items("/hangs"))) == names


def test_what_fails_is_tried_again_then_given_up_and_sent_again_when_asked(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    mended = threading.Event()

    def answer(_path: str, item: str, attempt: int) -> Answer:
        fails = (item == "b" and attempt < 3) or (item == "c" and not mended.is_set())
        return (500 if fails else 204), {}

    receiver.answer = answer
    made, _ = subscribe(filled, f"{receiver.url}/hook")
    register(filled, "c", [entry(name) for name in "abcd"])
    with deliverer(database):
        until(lambda: receiver.tried["/hook", "d"] == 1)
        assert receiver.items("/hook") == list("abbbcccd")
        assert len({each.headers["webhook-id"] for each in receiver.deliveries}) == 4
        [letter] = letters.dead_letters(filled, made.id)
        assert (letter.body["subject"], letter.attempts) == ("c", 3)
        assert letter.error == "answered with status 500"
        assert letters.replay(filled, made.id, [letter.event + 1]) == 0
        assert letters.replay(filled, made.id, [letter.event]) == 1
        until(lambda: letters.dead_letters(filled)[0].attempts == 4)
        mended.set()
        assert letters.replay(filled, made.id) == 1
        until(lambda: letters.dead_letters(filled) == [])
    assert receiver.items("/hook") == list("abbbcccdcc")
    given_up, sent_again = receiver.deliveries[6], receiver.deliveries[9]
    assert sent_again.headers["webhook-id"] == given_up.headers["webhook-id"]
    assert sent_again.event == given_up.event


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_receiver_that_asks_to_wait_is_obeyed(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver, form: str
) -> None:
    def answer(_path: str, _item: str, attempt: int) -> Answer:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
        wait = "2" if form == "seconds" else date  # a date has no fractions
        return (429, {"Retry-After": wait}) if attempt == 1 else (200, {})

    receiver.answer = answer
    subscribe(filled, f"{receiver.url}/hook")
    register(filled, "c", [entry("a")])
    with deliverer(database):
        until(lambda: len(receiver.deliveries) == 2)
    first, second = receiver.deliveries
    assert 1.9 < second.at - first.at < 6


def test_a_receiver_that_is_gone_is_told_nothing_any_more(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    receiver.answer = lambda *_: (410, {})
    made, _ = subscribe(filled, f"{receiver.url}/hook")
    register(filled, "c", [entry("a"), entry("b")])
    with deliverer(database):
        until(lambda: state(filled, made.id).ended is not None)
        register(filled, "c", [entry("c")])
        time.sleep(1)
    assert receiver.items("/hook") == ["a"]
    with pytest.raises(Invalid, match="has ended: answered with status 410"):
        letters.replay(filled, made.id)


def test_a_redirection_is_not_followed(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    receiver.answer = lambda *_: (307, {"Location": "/elsewhere"})
    made, _ = subscribe(filled, f"{receiver.url}/hook")
    register(filled, "c", [entry("a")])
    with deliverer(database):
        until(lambda: len(letters.dead_letters(filled)) == 1)
    assert letters.dead_letters(filled, made.id)[0].error == "answered with status 307"
    assert receiver.items("/hook") == ["a"] * 3
    assert receiver.items("/elsewhere") == []


def test_a_private_address_is_refused_when_subscribing_and_when_delivering(
    filled: Catalogue, database: DatabaseSettings, receiver: Receiver
) -> None:
    for url in (receiver.url, "http://localhost/hook", "http://[::1]/", "http://10.0.0.1/"):
        with pytest.raises(Invalid, match="is on a private network; see SWATH_EVENTS_PRIVATE"):
            subscriptions.subscribe(filled, url, EVERYTHING, "now", private_hosts=False)
    subscribe(filled, f"{receiver.url}/hook")
    subscribe(filled, f"http://localhost:{receiver.server.server_port}/named")
    register(filled, "c", [entry("a")])
    with deliverer(database, PRIVATE_HOSTS="false", ATTEMPTS="1"):
        until(lambda: len(letters.dead_letters(filled)) == 2)
    assert {letter.error for letter in letters.dead_letters(filled)} == {
        "127.0.0.1 is on a private network; see SWATH_EVENTS_PRIVATE_HOSTS",
        "localhost is on a private network; see SWATH_EVENTS_PRIVATE_HOSTS",
    }
    assert receiver.deliveries == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.com/", "whole http or https address"),
        ("/hook", "whole http or https address"),
        ("http://", "whole http or https address"),
        ("http://example.com/a b", "whole http or https address"),
        ("http://example.com:99999/", "whole http or https address"),
        ("http://[::1/", "no address of a webhook"),
        ("http://example.com/\n", "no address of a webhook"),
        ("http://me:secret@example.com/", "holds no password"),
    ],
)
def test_an_address_that_cannot_be_delivered_to(filled: Catalogue, url: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        subscribe(filled, url)


def test_a_receiver_that_is_not_there_is_a_dead_letter_in_words(
    filled: Catalogue, database: DatabaseSettings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody, _ = subscribe(filled, f"http://127.0.0.1:{port}/")
    no_name, _ = subscribe(filled, f"http://{'x' * 70}.example/")
    register(filled, "c", [entry("a")])
    with deliverer(database, ATTEMPTS="2"):
        until(lambda: len(letters.dead_letters(filled)) == 2)
    assert letter_of(filled, nobody.id).error.startswith("no answer: ")
    assert letter_of(filled, no_name.id).error == f"{'x' * 70}.example: no address of that name"


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


def test_a_certificate_is_that_of_the_name_though_the_number_is_connected_to(
    filled: Catalogue,
    database: DatabaseSettings,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.speak_tls(tmp_path / "localhost.pem")
    port = receiver.server.server_port
    named, _ = subscribe(filled, f"https://localhost:{port}/named")
    numbered, _ = subscribe(filled, f"https://127.0.0.1:{port}/numbered")
    register(filled, "c", [entry("a")])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    with deliverer(database, ATTEMPTS="1"):
        until(lambda: receiver.items("/named") == ["a"])
        until(lambda: len(letters.dead_letters(filled, numbered.id)) == 1)
    assert "certificate is not valid for '127.0.0.1'" in letter_of(filled, numbered.id).error
    monkeypatch.delenv("SSL_CERT_FILE")
    register(filled, "c", [entry("b")])
    with deliverer(database, ATTEMPTS="1"):
        until(lambda: len(letters.dead_letters(filled, named.id)) == 1)
    assert "self-signed certificate" in letter_of(filled, named.id).error
    assert [delivery.item for delivery in receiver.deliveries] == ["a"]
    assert receiver.deliveries[0].headers["Host"] == f"localhost:{port}"


def letter_of(catalogue: Catalogue, id_: UUID) -> letters.DeadLetter:
    return letters.dead_letters(catalogue, id_)[0]


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


# --- the command line ---


def run(*arguments: str) -> str:
    done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_subscriptions_are_made_listed_and_ended_by_hand(
    filled: Catalogue,
    database_environment: DatabaseSettings,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SWATH_EVENTS_PRIVATE_HOSTS", "true")
    wishes = ("--collection", "c", "--bbox", "170,-90,-170,90", "--filter", "eo:cloud_cover < 10")
    made = json.loads(run("subscribe", f"{receiver.url}/a", *wishes, "--since", "0-0", "--json"))
    assert made["secret"].startswith("whsec_")
    assert made["filter"]["op"] == "<"
    with pytest.raises(Invalid, match="no collection 'nope' in the catalogue"):
        run("subscribe", f"{receiver.url}/c", "--collection", "nope")
    told = run("subscribe", f"{receiver.url}/b")
    assert "whsec_" in told
    listed = run("list")
    assert f"{receiver.url}/a\n  c; bbox 170,-90,-170,90" in listed
    assert "every collection" in listed
    assert "whsec_" not in listed + run("list", "--json")
    receiver.answer = lambda *_: (500, {})
    register(filled, "c", [entry("x")])
    with deliverer(database_environment):
        until(lambda: len(letters.dead_letters(filled)) == 1)
        assert "swath.item.registered c x\n  answered with status 500 (3 attempts)" in run("dead")
        [letter] = json.loads(run("dead", "--json"))
        receiver.answer = lambda *_: (204, {})
        assert "1 are sent again" in run("replay", letter["subscription"], str(letter["event"]))
        until(lambda: letters.dead_letters(filled) == [])
    run("unsubscribe", made["id"])
    assert made["id"] not in run("list")
    with pytest.raises(NotFound, match="no subscription"):
        subscriptions.unsubscribe(filled, UUID(made["id"]))
