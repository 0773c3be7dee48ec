"""What the API says when a question is wrong, or when the database is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import psycopg
import pytest

from api.app import create_app
from infrastructure.settings import DatabaseSettings

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]


class Relay:
    """A way to the database that can be cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        self.server.close()
        for writer in self.writers:
            writer.close()
        await asyncio.gather(*self.tasks)
        self.writers.clear()
        self.tasks.clear()

    async def _join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection("127.0.0.1", self.target)
        self.writers += [back, forth]
        for source, sink in ((near, forth), (far, back)):
            self.tasks.append(asyncio.create_task(self._pass_on(source, sink)))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()


@pytest.fixture
async def relay(
    database_environment: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Relay]:
    """The environment leads to the database through the relay."""
    relay = Relay(database_environment.port)
    await relay.open()
    monkeypatch.setenv("PGPORT", str(relay.port))
    yield relay
    await relay.cut()


@pytest.mark.parametrize(
    "path",
    [
        "/collections",
        "/collections/c",
        "/collections/c/items/a",
        "/search",
        "/queryables",
        "/collections/c/items/a/iso19139",
    ],
)
async def test_a_database_that_goes_away_is_503_until_it_is_back(relay: Relay, path: str) -> None:
    app = create_app()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url="http://api.example")
        await stack.enter_async_context(client)
        assert (await client.get(path)).status_code == 200
        await relay.cut()
        for _ in range(3):
            answer = await client.get(path)
            assert answer.status_code == 503
            assert answer.json() == {
                "code": "Unreachable",
                "description": "the database does not answer",
            }
        await relay.open()
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/collections?limit=abc",
        "/collections?bbox=1,2",
        "/collections?datetime=nonsense",
        "/collections?offset=-1",
        "/collections?query=nonsense",
        "/collections/%00",
        "/collections/%00/queryables",
        "/collections/c/items/a%00",
        "/collections/c/items/a%00/iso19139",
        "/collections/c/items?token=next:bogus",
        "/search?bbox=1,2",
        "/search?datetime=nonsense",
        "/search?fields=,",
        "/search?filter=nonsense",
        "/search?ids=%00",
        "/search?intersects=nonsense",
        "/search?limit=0",
        "/search?query=nonsense",
        "/search?sortby=%00",
        "/search?token=garbage",
        "/search?token=next:bogus",
    ],
)
async def test_a_wrong_question_is_400_with_a_sentence(
    client: httpx.AsyncClient, path: str
) -> None:
    _says_what_is_wrong(await client.get(path))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"bbox": [1, 2]}',
        '{"filter": {"op": "="}}',
        '{"ids": ["\\u0000"]}',
        '{"ids": ["\\ud800"]}',
        '{"token": "garbage"}',
    ],
)
async def test_a_wrong_search_by_post_is_400(client: httpx.AsyncClient, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    _says_what_is_wrong(await client.post("/search", content=body, headers=headers))


async def test_no_such_address_is_told_in_the_same_form(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/nope"), await client.get("/collections/nope")):
        assert answer.status_code == 404
        assert answer.json().keys() == {"code", "description"}


def _says_what_is_wrong(answer: httpx.Response) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json().keys() == {"code", "description"}
    assert answer.json()["description"]


async def test_what_takes_too_long_is_given_up(
    database_environment: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds the table: it is not waited for, and the connection is of use again."""
    monkeypatch.setenv("SWATH_API_SEARCH_TIMEOUT", "0.3")
    app = create_app()
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api.example") as client,
    ):
        with psycopg.connect(database_environment.conninfo()) as holder:
            holder.execute("LOCK TABLE pgstac.items IN ACCESS EXCLUSIVE MODE")
            for path in ("/search", "/collections/c/items/a", "/search?f=geojsonseq"):
                answer = await client.get(path)
                assert answer.status_code == 503
                assert answer.headers["retry-after"] == "60"
                assert answer.json()["code"] == "TooLong"
        assert (await client.get("/search")).status_code == 200
