"""A running application over a real catalogue and a real store."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
import yaml
from stac_fastapi.pgstac.app import create_app as create_stock_app

from api.app import create_app
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings

COLLECTION = {
    "type": "Collection",
    "stac_version": "1.1.0",
    "id": "c",
    "title": "C",
    "description": "A collection",
    "license": "other",
    "links": [],
    "renders": {"default": {"title": "True colour", "assets": ["red"]}},
    "extent": {
        "spatial": {"bbox": [[-180, -90, 180, 90]]},
        "temporal": {"interval": [["1970-01-01T00:00:00Z", None]]},
    },
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the store, as the environment names it."""
    folder = tmp_path / "store"
    (folder / "c" / "a").mkdir(parents=True)
    monkeypatch.setenv("SWATH_STORAGE_URL", folder.as_uri())
    monkeypatch.setenv("SWATH_TILES_URL", "http://tiles.example")
    return folder


@pytest.fixture
def items(catalogue: Catalogue, store: Path) -> None:
    """Two items: one with a file in the store and a time range, one with a foreign file."""
    catalogue.put_collection(COLLECTION)
    (store / "c" / "a" / "red #1.tif").write_bytes(bytes(range(256)) * 8)
    ring = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    base = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "collection": "c",
        "bbox": [0, 0, 1, 1],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "links": [{"rel": "via", "href": "https://example.com/product"}],
    }
    of_a_day: dict[str, Any] = {
        "datetime": None,
        "start_datetime": "2020-05-18T00:00:00Z",
        "end_datetime": "2020-05-18T23:59:59Z",
        "eo:cloud_cover": 3.5,
    }
    href = f"{store.as_uri()}/c/a/red%20%231.tif"
    a = {
        **base,
        "id": "a",
        "properties": of_a_day,
        "assets": {"red": {"href": href, "roles": ["data"]}},
    }
    b = {
        **base,
        "id": "b",
        "properties": {"datetime": "2021-01-01T00:00:00Z", "eo:cloud_cover": 80},
        "assets": {"red": {"href": "https://example.com/red.tif", "roles": ["data"]}},
    }
    records = {"iso19139": b"<record/>"}
    register(catalogue, "c", [Entry(a, "a", "1", records), Entry(b, "b", "1")])


@pytest.fixture
async def client(
    store: Path,  # noqa: ARG001 - sets the environment
    database_environment: DatabaseSettings,  # noqa: ARG001 - sets the environment
) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the application."""
    app = create_app()
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api.example") as client,
    ):
        yield client


@pytest.fixture
async def stock(
    client: httpx.AsyncClient,
    database: DatabaseSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[httpx.AsyncClient]:
    """stac-fastapi-pgstac as it comes, over the same database."""
    assert client  # its environment is that of ours
    with psycopg.connect(database.conninfo()) as connection:
        connection.execute(
            "INSERT INTO pgstac.pgstac_settings VALUES ('context', 'on')"
            " ON CONFLICT (name) DO UPDATE SET value = 'on'"
        )
    for name in ("TITLE", "DESCRIPTION", "LANDING_ID", "VERSION"):
        monkeypatch.setenv(f"STAC_FASTAPI_{name}", "stock")
    monkeypatch.setenv("USE_API_HYDRATE", "TRUE")
    app = create_stock_app()
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api.example") as theirs,
    ):
        yield theirs


@pytest.fixture
def server(store: Path, database_environment: DatabaseSettings) -> Iterator[str]:
    """Address of the application behind a real web server."""
    assert store, database_environment  # they set the environment
    config = uvicorn.Config(create_app, factory=True, port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


TOKEN = "a token of the tests"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Prefect server that knows our deployments and has no worker."""
    folder = tmp_path_factory.mktemp("prefect")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "PREFECT_", "SWATH_"))}
    environment = {
        **kept,
        "PREFECT_API_URL": url,
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "NO_PROXY": "127.0.0.1",
    }
    program = Path(sys.executable).with_name("prefect")
    command = [program, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as server:
        try:
            wait_for(f"{url}/health")
            _deploy(folder / "collections", environment)
            yield url
        finally:
            server.terminate()


def _deploy(folder: Path, environment: dict[str, str]) -> None:
    """Our deployments, and that of a collection that was never harvested."""
    folder.mkdir()
    source = {"type": "folder", "url": "."}
    story = {"id": "filed", "title": "Filed", "description": "Has a file.", "source": source}
    (folder / "filed.yaml").write_text(yaml.safe_dump(story))
    command = [sys.executable, "-m", "flows.deploy"]
    settings = {**environment, "SWATH_HARVEST_COLLECTIONS": str(folder)}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


@pytest.fixture
def served(
    store: Path,  # noqa: ARG001 - sets the environment
    database_environment: DatabaseSettings,  # noqa: ARG001 - sets the environment
    prefect_server: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[httpx.Client]:
    """A client of the application behind a real server, with the write token."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    monkeypatch.setenv("SWATH_API_WRITE_TOKEN", TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        monkeypatch.setenv("SWATH_API_URL", url)
        server = uvicorn.Server(
            uvicorn.Config(create_app, factory=True, log_level="error", ws="none")
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        wait_for(f"{url}/_mgmt/ping")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
            yield client
        server.should_exit = True
        thread.join()
