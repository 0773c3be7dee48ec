"""Fixtures of all tests: real services, started once per run."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from infrastructure.catalogue import Catalogue
from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings
from infrastructure.local.lifecycle import Wishes
from infrastructure.local.platform import Platform
from infrastructure.settings import DatabaseSettings

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first: those that need services come last."""
    items.sort(key=lambda item: item.get_closest_marker("platform") is not None)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell reaches a test."""
    for name in os.environ:
        if name.startswith(("PG", "PREFECT_", "SWATH_", "AWS_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real products, records and answers, kept beside the project; never copied into it."""
    folder = Path(os.environ.get("SWATH_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared test data at {folder}; set SWATH_TEST_DATA")
    return folder.resolve()


@contextmanager
def _quiet(_name: str, _detail: str) -> Iterator[None]:
    yield


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A private PostgreSQL with a migrated database `swath`, which serves as template."""
    home = tmp_path_factory.mktemp("cluster") / "home"
    ports = {"database": 54420, "supervisor": 54419}
    wishes = Wishes(ports=ports, only=("database",))
    lifecycle.up(home, wishes, _quiet, lambda _: None)
    try:
        yield lifecycle.open_home(home)
    finally:
        lifecycle.down(home, _quiet)
        lifecycle.delete(home)


@pytest.fixture
def database(cluster: Platform) -> Iterator[DatabaseSettings]:
    """A migrated database of this test alone, for the role that has no more rights than in use."""
    name = f"test_{uuid4().hex[:12]}"
    template = database_settings(cluster)
    password = SecretStr(cluster.passwords["postgres"])
    admin = template.model_copy(
        update={"user": "postgres", "password": password, "database": "postgres"}
    )
    with psycopg.connect(admin.conninfo(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name),
                sql.Identifier(template.database),
                sql.Identifier(template.user),
            )
        )
    yield template.model_copy(update={"database": name})
    with psycopg.connect(admin.conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def catalogue(database: DatabaseSettings) -> Iterator[Catalogue]:
    """An empty catalogue."""
    with Catalogue(database) as catalogue:
        yield catalogue


@pytest.fixture
def database_environment(
    database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> DatabaseSettings:
    """The test's database, told through libpq's variables as any deployment tells it."""
    for name, value in database:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        monkeypatch.setenv(f"PG{name.upper()}", text)
    return database


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of an S3 server; a process of its own, because GDAL waits with the GIL held."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as server:
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the S3 server has ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the S3 server does not answer")


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Address of an empty prefix in a bucket of this test alone, told as an operator tells it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    name = f"test-{uuid4().hex}"
    httpx.put(f"{s3_server}/{name}", trust_env=False).raise_for_status()
    return f"s3://{name}/swath"
