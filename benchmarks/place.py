"""The platform under test of the harvest's benchmark: its databases, its collection, its items."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import orjson
import psycopg
import yaml
from pydantic import SecretStr
from registration import COLLECTION, wide_item
from upstream import free_port

from infrastructure.catalogue import Catalogue
from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings
from infrastructure.local.platform import Platform
from infrastructure.settings import DatabaseSettings

PAGE = 1000
"""Items per page that the harvest asks for."""


@dataclass(frozen=True)
class Wanted:
    """What is measured."""

    items: int
    stock: bool
    """Harvest stac-fastapi-pgstac as it is, instead of our own API."""


@dataclass(frozen=True)
class Place:
    """The platform under test, and the file of the items."""

    home: Path
    items: Path
    platform: Platform
    port: int
    """Where the API that is harvested listens."""

    def database(self, name: str) -> DatabaseSettings:
        """One of its databases."""
        return database_settings(self.platform).model_copy(update={"database": name})

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Tell PostgreSQL something as its superuser."""
        password = SecretStr(self.platform.passwords["postgres"])
        admin = self.database(database).model_copy(
            update={"user": "postgres", "password": password}
        )
        with psycopg.connect(admin.conninfo(), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def started(folder: Path, wanted: Wanted) -> Iterator[Place]:
    """PostgreSQL, Prefect and its worker, with one collection file; the items on disk."""
    folder.chmod(0o755)  # PostgreSQL runs under another account
    home, items, port = folder / "home", folder / "items.ndjson", free_port()
    with items.open("wb") as file:
        file.writelines(orjson.dumps(wide_item(n)) + b"\n" for n in range(wanted.items))
    _write_source(folder / "collections", port)
    wishes = lifecycle.Wishes(
        settings={"SWATH_HARVEST_COLLECTIONS": str(folder / "collections")},
        only=("prefect", "worker"),
    )
    try:
        lifecycle.up(home, wishes, lambda *_: nullcontext(), say)
        yield Place(home, items, lifecycle.open_home(home), port)
    finally:
        lifecycle.down(home, lambda *_: nullcontext())
        lifecycle.delete(home)


def _write_source(folder: Path, port: int) -> None:
    folder.mkdir()
    source = {
        "type": "stac_api",
        "url": f"http://127.0.0.1:{port}/",
        "collections": ["bench"],
        "page": PAGE,
        "incremental": False,
    }
    words = {"id": "bench", "title": "Bench", "description": "Wide items"}
    story = {**words, "source": source, "readers": ["stac"]}
    (folder / "bench.yaml").write_text(yaml.safe_dump(story))


def make(place: Place, name: str) -> None:
    """A migrated database with the empty collection."""
    place.execute(f"CREATE DATABASE {name} TEMPLATE swath OWNER swath")
    with Catalogue(place.database(name)) as catalogue:
        catalogue.put_collection(COLLECTION)


def say(text: str) -> None:
    print(text, file=sys.stderr)
