"""The door to PostgreSQL: one pool per process, library errors translated here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool, PoolTimeout

from infrastructure.errors import Invalid, Unavailable, Unreachable
from infrastructure.settings import DatabaseSettings

Connection = psycopg.Connection[tuple[Any, ...]]

NOT_MIGRATED = (errors.UndefinedTable, errors.UndefinedFunction, errors.InvalidSchemaName)


class Database:
    """A pool of connections to the catalogue's database; a context manager opens it."""

    def __init__(self, settings: DatabaseSettings, max_size: int = 4) -> None:
        self.settings = settings
        self.pool = ConnectionPool(
            settings.conninfo(),
            min_size=0,
            max_size=max_size,
            timeout=10,
            open=False,
            kwargs={
                "options": "-c search_path=pgstac,public -c application_name=swath",
                # a plan that is kept does not know the arrays: it compares each row with each
                "prepare_threshold": None,
            },
        )

    def __enter__(self) -> Self:
        self.pool.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.close()

    def check(self) -> Self:
        """Find out at once, without waiting for the pool, whether the database answers.

        Raises:
            Unreachable: it does not; the message names its address.
        """
        try:
            psycopg.connect(self.settings.conninfo(), connect_timeout=3).close()
        except psycopg.OperationalError as error:
            address = f"{self.settings.host}:{self.settings.port}"
            reason = str(error).strip().splitlines()[-1]
            raise Unreachable(f"the database at {address} does not answer: {reason}") from error
        return self

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection in a transaction that commits at the end, or rolls back on an error.

        Raises:
            Unreachable: the database does not answer, or the connection broke.
            Unavailable: the database is not migrated, or the role lacks a right.
            Invalid: a value is none of its type, or text holds NUL.
        """
        try:
            with self.pool.connection() as connection, connection.transaction():
                yield connection
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise Unreachable(f"database: {error}") from error
        except psycopg.DataError as error:
            raise Invalid(f"the database cannot hold it: {str(error).splitlines()[0]}") from error
        except NOT_MIGRATED as error:
            raise Unavailable(
                f"database '{self.settings.database}' is not of this version, run `swath migrate`:"
                f" {error.diag.message_primary}"
            ) from error
        except errors.InsufficientPrivilege as error:
            raise Unavailable(
                f"role '{self.settings.user}' lacks a right in database"
                f" '{self.settings.database}': {error.diag.message_primary}"
            ) from error
