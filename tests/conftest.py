"""Fixtures of all tests: real services, started once per run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

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
    return folder


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
