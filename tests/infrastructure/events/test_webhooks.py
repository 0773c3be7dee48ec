"""Webhooks: what a receiver gets, and what becomes of what it does not take."""

import base64
import hashlib
import hmac
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from changes import entry, read
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid
from infrastructure.events import letters, subscriptions
from infrastructure.events.outbox import START
from infrastructure.events.selection import EVERYTHING, selection
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings
from receivers import Answer, Receiver, deliverer, letter_of, state, subscribe, until

pytestmark = pytest.mark.platform


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
