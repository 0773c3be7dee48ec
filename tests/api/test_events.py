"""The event stream over a real server, its pages, and subscriptions by HTTP."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import deregister, register
from infrastructure.settings import DatabaseSettings

ROOT = Path(__file__).parent.parent.parent
TOKEN = "the token of the test"
WRITER = {"Authorization": f"Bearer {TOKEN}"}

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]


def entry(name: str, west: float = 0.0, cloud: float = 0.0) -> Entry:
    ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "bbox": [west, 0, west + 1, 1],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2024-01-01T00:00:00Z", "eo:cloud_cover": cloud},
        "links": [],
        "assets": {},
    }
    return Entry(item, name, "1")


@pytest.fixture
def server(
    database_environment: DatabaseSettings,  # noqa: ARG001 - sets the environment
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """Address of the application in a process of its own, as `swath up` runs it."""
    monkeypatch.setenv("SWATH_EVENTS_HEARTBEAT", "1")
    monkeypatch.setenv("SWATH_EVENTS_POLL", "0.5")
    monkeypatch.setenv("SWATH_EVENTS_PATIENCE", getattr(request, "param", "60"))
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app"]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**16)  # also of its clients
        number = listening.fileno()
        end = ["--timeout-graceful-shutdown", "1"]
        process = subprocess.Popen(
            [*command, "--fd", str(number), *end], cwd=ROOT, pass_fds=[number], env=os.environ
        )
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            httpx.get(f"{url}/_mgmt/ping", timeout=60, trust_env=False).raise_for_status()
            yield url
        finally:
            process.terminate()
            process.wait(30)


class Stream:
    """A client of the stream that reads what the standard says, and nothing of ours."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.comments = 0
        self._lines = answer.aiter_lines()

    async def event(self) -> tuple[str, dict[str, Any]]:
        """The id and the data of the next event."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(20):
            async for line in self._lines:
                if not line and "data" in fields:
                    return fields["id"], json.loads(fields["data"])
                if not line:
                    fields.clear()
                elif line.startswith(":"):
                    self.comments += 1
                else:
                    name, _, value = line.partition(": ")
                    fields[name] = value
        raise AssertionError("the stream has ended")

    async def items(self, number: int) -> list[str]:
        return [(await self.event())[1]["subject"] for _ in range(number)]


@asynccontextmanager
async def stream(url: str, **headers: str) -> AsyncIterator[Stream]:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=20) as client,
        client.stream("GET", url, headers={"Accept-Encoding": "br, gzip", **headers}) as answer,
    ):
        assert answer.status_code == 200
        yield Stream(answer)


async def add(catalogue: Catalogue, *entries: Entry) -> None:
    await asyncio.to_thread(register, catalogue, "c", entries)


async def test_a_stream_tells_what_happens_and_goes_on_where_it_was(
    server: str, catalogue: Catalogue
) -> None:
    async with stream(f"{server}/events") as listening:
        assert listening.answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in listening.answer.headers
        await add(catalogue, entry("x"), entry("y"))
        last, event = await listening.event()
        assert event["type"] == "swath.item.registered"
        assert event["subject"] == "x"
        assert event["id"] == last
    await add(catalogue, entry("z"))
    await asyncio.to_thread(deregister, catalogue, "c", ["x"])
    async with stream(f"{server}/events?since=now", **{"Last-Event-ID": last}) as listening:
        assert await listening.items(3) == ["y", "z", "x"]
        await add(catalogue, entry("later"))
        assert await listening.items(1) == ["later"]


async def test_a_stream_of_what_is_asked_for(server: str, catalogue: Catalogue) -> None:
    query = {
        "collections": "c,d",
        "bbox": "170,-90,-170,90",
        "filter": "eo:cloud_cover < 10",
        "filter-lang": "cql2-text",
        "since": "0-0",
    }
    async with stream(str(httpx.URL(f"{server}/events", params=query))) as listening:
        cloudy, west = entry("cloudy", 175, 50), entry("west", 10)
        await add(catalogue, cloudy, west, entry("one", -175), entry("two", 175))
        assert await listening.items(2) == ["one", "two"]


async def test_a_silent_stream_is_kept_up(server: str, catalogue: Catalogue) -> None:
    async with stream(f"{server}/events") as listening:
        following = asyncio.create_task(listening.event())
        await asyncio.sleep(2.5)
        assert listening.comments >= 2
        await add(catalogue, entry("x"))
        assert (await following)[1]["subject"] == "x"


async def test_a_stream_survives_a_lost_database_connection(
    server: str, catalogue: Catalogue, database: DatabaseSettings
) -> None:
    async with stream(f"{server}/events") as listening:
        await add(catalogue, entry("x"))
        assert await listening.items(1) == ["x"]
        with psycopg.connect(database.conninfo(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with Catalogue(database) as anew:
            await add(anew, entry("y"))
        assert await listening.items(1) == ["y"]


async def test_a_client_that_hangs_keeps_nobody_waiting(
    server: str, catalogue: Catalogue, database: DatabaseSettings
) -> None:
    hanging = [ask_and_take_nothing(server) for _ in range(4)]
    async with stream(f"{server}/events") as listening:
        names = [f"item-{number:05}" for number in range(10_000)]
        await add(catalogue, *map(entry, names))
        assert await listening.items(10_000) == names
    with psycopg.connect(database.conninfo()) as connection:
        [[number]] = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'swath events'"
        ).fetchall()
    assert number == 1
    assert await asyncio.to_thread(count, hanging[0]) == 10_002
    for each in hanging:
        each.close()


@pytest.mark.parametrize("server", ["1"], indirect=True)
async def test_a_client_that_hangs_for_good_is_let_go(server: str, catalogue: Catalogue) -> None:
    await add(catalogue, *(entry(f"item-{number:05}") for number in range(2000)))
    hanging = ask_and_take_nothing(server)
    await asyncio.sleep(5)
    with pytest.raises(EOFError):
        await asyncio.to_thread(count, hanging)
    hanging.close()


def ask_and_take_nothing(url: str) -> socket.socket:
    """A client with a small buffer that asks for all events and then does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(20)
    client.connect(("127.0.0.1", httpx.URL(url).port))
    client.sendall(b"GET /events?since=0-0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def count(client: socket.socket) -> int:
    """How many different events it has got when it reads after all."""
    text = b""
    while b'"subject":"item-09999"' not in text[-2000:]:
        if not (part := client.recv(2**20)):
            raise EOFError
        text += part
    return len(set(re.findall(rb'"subject":"[^"]+"', text)))


async def test_pages_lead_to_the_end_and_on(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    await add(catalogue, entry("x"), entry("y"))
    url, seen = "/events?limit=3&collections=c", []
    for more in (True, False):
        page = (await client.get(url, headers={"Accept": "application/json"})).json()
        assert page["more"] is more
        seen += [event["subject"] for event in page["events"]]
        url = page["links"][0]["href"]
    assert seen == ["a", "b", "x", "y"]
    await add(catalogue, entry("z"))
    page = (await client.get(url, headers={"Accept": "application/json"})).json()
    assert [event["subject"] for event in page["events"]] == ["z"]
    assert page["next"] == page["events"][0]["id"]
    now = await client.get("/events?since=now", headers={"Accept": "application/json"})
    assert now.json()["events"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "no position of an event"),
        ("after=1", "no position of an event"),
        ("bbox=1,2,3", "four or six numbers"),
        ("filter=cloud%20%3C", "no CQL2"),
        ("filter-lang=xpath", "filter-lang"),
        ("collections=", "a collection has an id"),
        ("limit=0", "limit"),
        ("limit=100000", "limit"),
        ("collection=c", "collection"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_question_that_is_none(
    client: httpx.AsyncClient, query: str, said: str, accept: str
) -> None:
    answer = await client.get(f"/events?{query}", headers={"Accept": accept})
    assert answer.status_code == 400
    assert said in answer.json()["description"]


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWATH_API_WRITE_TOKEN", TOKEN)


@pytest.mark.usefixtures("token")
async def test_subscriptions_by_http(client: httpx.AsyncClient) -> None:
    wish = {
        "url": "https://93.184.215.14/hook",
        "collections": ["c"],
        "bbox": [0, 0, 10, 10],
        "filter": "eo:cloud_cover < 10",
        "since": "0-0",
    }
    answer = await client.post("/subscriptions", json=wish, headers=WRITER)
    assert answer.status_code == 201
    made = answer.json()
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made["position"] == "0-0"
    assert made["filter"] == {"op": "<", "args": [{"property": "eo:cloud_cover"}, 10]}
    listed = await client.get("/subscriptions", headers=WRITER)
    assert listed.json() == {"subscriptions": [made]}
    place = answer.headers["location"]
    assert place == f"http://api.example/subscriptions/{made['id']}"
    assert (await client.get(place, headers=WRITER)).json() == made
    assert (await client.delete(place, headers=WRITER)).status_code == 204
    assert (await client.delete(place, headers=WRITER)).status_code == 404
    assert (await client.get(place, headers=WRITER)).status_code == 404
    assert (await client.get("/subscriptions", headers=WRITER)).json() == {"subscriptions": []}


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({}, "url"),
        ({"url": "http://127.0.0.1/"}, "is on a private network"),
        ({"url": "file:///etc/passwd"}, "whole http or https address"),
        ({"url": "https://93.184.215.14/", "collections": ["c", "nope"]}, "no collection 'nope'"),
        ({"url": "https://93.184.215.14/", "bbox": [1, 2]}, "four or six numbers"),
        ({"url": "https://93.184.215.14/", "since": "then"}, "no position of an event"),
        ({"url": "https://93.184.215.14/", "colections": ["c"]}, "colections"),
    ],
)
async def test_a_subscription_that_is_none(
    client: httpx.AsyncClient, wish: dict[str, Any], said: str
) -> None:
    answer = await client.post("/subscriptions", json=wish, headers=WRITER)
    assert answer.status_code == 400
    assert said in answer.json()["description"]


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_only_writers_see_and_change_subscriptions(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    wish = {"url": "https://93.184.215.14/"}
    any_id = "/subscriptions/00000000-0000-0000-0000-000000000000"
    for answer in (
        await client.post("/subscriptions", json=wish, headers=headers),
        await client.get("/subscriptions", headers=headers),
        await client.get(any_id, headers=headers),
        await client.delete(any_id, headers=headers),
    ):
        assert answer.status_code == 401
