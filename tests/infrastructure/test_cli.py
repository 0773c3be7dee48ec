"""The command line, as the user meets it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from infrastructure import cli
from infrastructure.errors import Misconfigured, Unavailable
from infrastructure.local.after import database_settings
from infrastructure.local.platform import Platform
from infrastructure.local.ports import choose
from infrastructure.settings import DatabaseSettings

HEAVY = ("psycopg", "prefect", "pydantic", "rasterio", "fastapi", "flows", "tiling", "api")


def swath(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "PREFECT_", "SWATH_"))}
    return subprocess.run(
        [sys.executable, "-m", "infrastructure.cli", *arguments],
        env={**clean, "SWATH_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command_and_imports_no_room(tmp_path: Path) -> None:
    code = (
        "import sys; from infrastructure import cli\n"
        "try: cli.app(['--help'])\n"
        f"finally: print('HEAVY', [m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "HEAVY []" in done.stdout
    listed = swath(tmp_path, "--help").stdout
    for command in ("up", "down", "status", "logs", "env", "migrate", "harvest", "tiles"):
        assert f" {command} " in listed


def test_mistake_is_one_line_and_no_trace(tmp_path: Path) -> None:
    done = swath(tmp_path, "down")
    assert done.returncode == 1
    assert done.stderr == f"swath: no platform in {tmp_path}; `swath up` makes one\n"


@pytest.mark.parametrize("how", [("--debug", ""), ("", "1")])
def test_debug_shows_the_trace(tmp_path: Path, how: tuple[str, str]) -> None:
    option, variable = how
    arguments = [*filter(None, [option]), "down"]
    done = swath(tmp_path, *arguments, SWATH_DEBUG=variable)
    assert "Traceback" in done.stderr


def test_transient_error_has_its_own_status(tmp_path: Path) -> None:
    port = choose({"database": 55990}, {})["database"]
    done = swath(tmp_path, "migrate", PGHOST="127.0.0.1", PGPORT=str(port))
    assert done.returncode == 75
    assert done.stderr.startswith("swath: ")
    assert "Traceback" not in done.stderr


def test_status_without_a_platform(tmp_path: Path) -> None:
    assert swath(tmp_path, "status").returncode == 3
    done = swath(tmp_path, "status", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "nginx=80"], "--port nginx: unknown; there are: database, prefect"),
        (["--port", "api=many"], "--port api=many: not a port number"),
        (["--set", "SWATH_NONSENSE=1"], "--set SWATH_NONSENSE: unknown; there are: SWATH_"),
        (["--only", "nginx"], "no service 'nginx'"),
    ],
)
def test_wrong_options_of_up(tmp_path: Path, arguments: list[str], message: str) -> None:
    home = tmp_path / "home"
    done = swath(home, "up", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    swath(home, "down", "--delete-data", "--yes")


def test_missing_extra_is_a_hint() -> None:
    point = EntryPoint("shine", "flows.no_such_module:app", cli.GROUP)
    assert cli.summary(point) == "From flows.no_such_module."
    with pytest.raises(Unavailable, match="'shine' needs the extra 'flows': uv sync --extra flows"):
        cli.load(point)


def test_summary_is_read_without_importing() -> None:
    point = EntryPoint("x", "infrastructure.local.ports:choose", cli.GROUP)
    assert cli.summary(point) == "Free TCP ports for the services of one machine."


@pytest.mark.parametrize(
    ("variable", "value", "arguments"),
    [
        ("SWATH_HARVEST_BATCH", "abc", ["harvest", "list"]),
        ("PGPORT", "abc", ["quarantine", "list"]),
        ("PGPORT", "abc", ["migrate"]),
    ],
)
def test_a_wrong_variable_is_one_line_that_names_it(
    tmp_path: Path, variable: str, value: str, arguments: list[str]
) -> None:
    done = swath(tmp_path, *arguments, **{variable: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"swath: {variable}: Input should be a valid integer")
    assert done.stderr.count("\n") == 1


def test_a_wrong_variable_does_not_tell_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "abc")
    monkeypatch.setenv("PGPASSWORD", "hidden")
    with pytest.raises(Misconfigured, match="PGPORT") as caught:
        DatabaseSettings()
    assert "hidden" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.fixture
def weak(cluster: Platform) -> Iterator[DatabaseSettings]:
    """An empty database, and a role that may look at it and no more."""
    name = f"weak_{uuid4().hex[:12]}"
    admin = database_settings(cluster).model_copy(
        update={
            "user": "postgres",
            "password": SecretStr(cluster.passwords["postgres"]),
            "database": "postgres",
        }
    )
    with psycopg.connect(admin.conninfo(), autocommit=True) as connection:
        role = sql.Identifier(name)
        login = sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'weak'").format(role)
        connection.execute(login)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(role))
        try:
            update = {"user": name, "password": SecretStr("weak"), "database": name}
            yield admin.model_copy(update=update)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(role))
            connection.execute(sql.SQL("DROP ROLE {}").format(role))


def libpq(settings: DatabaseSettings) -> dict[str, str]:
    return {
        "PGHOST": settings.host,
        "PGPORT": str(settings.port),
        "PGUSER": settings.user,
        "PGPASSWORD": settings.password.get_secret_value(),
        "PGDATABASE": settings.database,
    }


@pytest.mark.parametrize("command", ["harvest", "quarantine"])
def test_a_database_that_is_not_migrated_is_one_line_with_the_remedy(
    tmp_path: Path, weak: DatabaseSettings, command: str
) -> None:
    done = swath(tmp_path, command, "list", **libpq(weak))
    assert done.returncode == 1
    assert done.stderr.startswith(f"swath: database '{weak.database}' is not of this version")
    assert "run `swath migrate`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_role_that_may_not_migrate_is_one_line(tmp_path: Path, weak: DatabaseSettings) -> None:
    done = swath(tmp_path, "migrate", **libpq(weak))
    assert done.returncode == 1
    assert f"swath: role '{weak.user}' cannot migrate database '{weak.database}': " in done.stderr
    assert "Traceback" not in done.stderr
