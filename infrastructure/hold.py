"""One harvest of a collection at a time, however it was started."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import psycopg

from infrastructure.database import Connection
from infrastructure.errors import Busy, Unreachable
from infrastructure.settings import DatabaseSettings


class Hold:
    """A collection's harvest lock; it falls with the connection that holds it."""

    def __init__(self, settings: DatabaseSettings, collection: str) -> None:
        self._settings = settings
        self._collection = collection
        self._one = Lock()
        self._connection = self._take()

    def ensure(self) -> None:
        """Take the lock again, if the database has forgotten it.

        Raises:
            Busy: another harvest of the collection was quicker.
            Unreachable: the database does not answer.
        """
        with self._one:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.OperationalError:
                self.release()
                self._connection = self._take()

    def release(self) -> None:
        """Give the lock up."""
        self._connection.close()

    def _take(self) -> Connection:
        try:
            connection: Connection = psycopg.connect(self._settings.conninfo(), autocommit=True)
            got = connection.execute(
                "SELECT pg_try_advisory_lock(hashtext('swath.harvest'), hashtext(%s))",
                [self._collection],
            ).fetchone()
        except psycopg.OperationalError as error:
            raise Unreachable(f"database: {error}") from error
        if not got or not got[0]:
            connection.close()
            raise Busy(f"another harvest of '{self._collection}' is running")
        return connection


@contextmanager
def sole_harvest(settings: DatabaseSettings, collection: str) -> Iterator[Hold]:
    """Hold the collection's harvest lock.

    Raises:
        Busy: another harvest of the collection is running.
        Unreachable: the database does not answer.
    """
    hold = Hold(settings, collection)
    try:
        yield hold
    finally:
        hold.release()
