"""Bring a database to this version: pgstac by its own migrations, then schema `swath` by ours."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import errors
from pypgstac.db import PgstacDB
from pypgstac.migrate import Migrate

from infrastructure.errors import Unavailable, Unreachable
from infrastructure.settings import DatabaseSettings

FOLDER = Path(__file__).parent / "migrations"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('swath.migrate'))"
"""Two services that start at the same time migrate one after the other."""


def migrate(settings: DatabaseSettings) -> list[str]:
    """Apply what is missing; the names of the applied migrations.

    Raises:
        Unreachable: the database does not answer or refuses the role.
        Unavailable: the role lacks a right, or the server lacks PostGIS.
    """
    try:
        with psycopg.connect(settings.conninfo()) as lock, lock.transaction():
            lock.execute(LOCK)
            return [*_migrate_pgstac(settings), *_migrate_swath(settings)]
    except psycopg.OperationalError as error:
        raise Unreachable(f"database: {error}") from error
    except (errors.InsufficientPrivilege, errors.FeatureNotSupported) as error:
        raise Unavailable(
            f"role '{settings.user}' cannot migrate database '{settings.database}':"
            f" {error.diag.message_primary}"
        ) from error


def _migrate_pgstac(settings: DatabaseSettings) -> Iterator[str]:
    with PgstacDB(dsn=settings.conninfo()) as database:
        before = database.version
        after = Migrate(database).run_migration()
    if before != after:
        yield f"pgstac {after}"


def _migrate_swath(settings: DatabaseSettings) -> Iterator[str]:
    with psycopg.connect(settings.conninfo()) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS swath")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS swath.migration"
            " (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
        )
        done = {name for (name,) in connection.execute("SELECT name FROM swath.migration")}
        for path in sorted(FOLDER.glob("*.sql")):
            if path.stem not in done:
                connection.execute(path.read_bytes())
                connection.execute("INSERT INTO swath.migration (name) VALUES (%s)", [path.stem])
                yield f"swath {path.stem}"
