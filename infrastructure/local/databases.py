"""What the platform's PostgreSQL holds before the migrations: roles, databases, extensions."""

import psycopg
from psycopg import sql

from infrastructure.errors import Misconfigured, Unavailable, Unreachable
from infrastructure.local.platform import Platform
from infrastructure.local.ports import LOOPBACK
from infrastructure.local.postgres import HINT

PGSTAC_ROLES = ("pgstac_admin", "pgstac_ingest", "pgstac_read")
DATABASES = {
    "swath": ("postgis", "btree_gist", "unaccent", "pg_trgm"),
    "prefect": ("pg_trgm",),
}
"""Database -> extensions."""


def connect(platform: Platform, database: str = "postgres") -> psycopg.Connection:
    """Connect as superuser, each statement on its own.

    Raises:
        Unreachable: the server does not answer (yet).
        Misconfigured: the server refuses our password: it is not this platform's.
    """
    try:
        return psycopg.connect(
            host=LOOPBACK, port=platform.ports["database"], dbname=database, user="postgres",
            password=platform.passwords["postgres"], connect_timeout=5, autocommit=True,
        )  # fmt: skip
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise Misconfigured(
                f"PostgreSQL refuses the password kept in {platform.home}"
            ) from error
        raise Unreachable(f"PostgreSQL does not answer: {error}") from error


def answers(platform: Platform) -> bool:
    """Whether the server answers `SELECT 1`."""
    try:
        with connect(platform) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except Unreachable:
        return False


def prepare(platform: Platform) -> None:
    """Make the role, the databases and the extensions that are missing.

    Role swath owns its databases and is no superuser, so the extensions are made here. pgstac's
    migration says CREATE ROLE, ALTER ROLE and SET ROLE: for these it has CREATEROLE and is member,
    with the admin option that PostgreSQL 16 asks for, of pgstac's three roles.

    Raises:
        Unavailable: an extension's package is not installed.
    """
    with connect(platform) as connection:
        _make_roles(connection, platform.passwords["swath"])
        present = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for database in DATABASES.keys() - present:
            statement = sql.SQL("CREATE DATABASE {} OWNER swath").format(sql.Identifier(database))
            connection.execute(statement)
    for database, extensions in DATABASES.items():
        with connect(platform, database) as connection:
            _make_extensions(connection, extensions)


def _make_roles(connection: psycopg.Connection, password: str) -> None:
    present = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    if "swath" not in present:
        # The verifier is made here, so that the server's log can never hold the password.
        verifier = connection.pgconn.encrypt_password(
            password.encode(), b"swath", b"scram-sha-256"
        ).decode()
        statement = sql.SQL("CREATE ROLE swath LOGIN CREATEROLE PASSWORD {}")
        connection.execute(statement.format(sql.Literal(verifier)))
    for role in PGSTAC_ROLES:
        if role not in present:
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        grant = sql.SQL("GRANT {} TO swath WITH ADMIN OPTION").format(sql.Identifier(role))
        connection.execute(grant)


def _make_extensions(connection: psycopg.Connection, extensions: tuple[str, ...]) -> None:
    for extension in extensions:
        statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
        try:
            connection.execute(statement)
        except psycopg.errors.FeatureNotSupported as error:
            raise Unavailable(f"PostgreSQL lacks the extension {extension}; {HINT}") from error
