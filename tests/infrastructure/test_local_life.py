"""The embedded platform, really started: its database and Prefect, in a home of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from infrastructure import orchestrator
from infrastructure.errors import Misconfigured, NotFound, Unreachable
from infrastructure.local import platform as platforms
from infrastructure.local.after import AFTER, database_settings
from infrastructure.local.lifecycle import Wishes, delete, down, open_home, up
from infrastructure.local.state import adopt, rows
from infrastructure.local.supervisor import Supervisor

pytestmark = pytest.mark.platform
PORTS = {"database": 56320, "prefect": 56200, "api": 56080, "tiles": 56081, "supervisor": 56319}
DATABASE_ONLY = Wishes(ports=PORTS, only=("database",))
MIGRATIONS = {"database": AFTER["database"]}


class Shown:
    """What the user would see."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.notes: list[str] = []

    @contextmanager
    def step(self, name: str, detail: str) -> Iterator[None]:
        yield
        self.steps.append(name)
        assert detail


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("platform") / "home"
    shown = Shown()
    try:
        assert up(folder, DATABASE_ONLY, shown.step, shown.notes.append, MIGRATIONS)
        assert shown.steps == ["cluster", "database", "migrations"]
        yield folder
    finally:
        down(folder, shown.step)
        cluster = open_home(folder).cluster
        (folder / "mine.txt").write_text("not the platform's")
        delete(folder)
        assert not cluster.exists()
        assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def connect(home: Path) -> psycopg.Connection:
    return psycopg.connect(database_settings(open_home(home)).conninfo(), autocommit=True)


def test_database_is_as_designed(home: Path) -> None:
    with connect(home) as connection:
        show = {
            name: connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("server_encoding", "lc_collate", "jit", "shared_buffers", "data_checksums")
        }
        superuser = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'swath'")
        assert superuser.fetchone() == (False,)
        items = connection.execute("SELECT pgstac.get_version()").fetchone()
        assert items
    assert show == {
        "server_encoding": "UTF8",
        "lc_collate": "C.UTF-8",
        "jit": "off",
        "shared_buffers": "256MB",
        "data_checksums": "on",
    }


def test_password_is_asked_for_and_in_no_log(home: Path) -> None:
    platform = open_home(home)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database_settings(platform).conninfo(), password=platform.id)
    logs = "".join(path.read_text() for path in (home / "logs").iterdir())
    assert not any(password in logs for password in platform.passwords.values())


def test_second_up_is_a_quick_no_op(home: Path) -> None:
    shown = Shown()
    began = time.monotonic()
    assert not up(home, Wishes(only=("database",)), shown.step, shown.notes.append, MIGRATIONS)
    assert time.monotonic() - began < 2
    assert shown.steps == []


def test_other_options_need_a_restart(home: Path) -> None:
    shown, port = Shown(), open_home(home).ports["database"]
    wishes = Wishes("::1", {"api": 9, "database": port}, {"SWATH_API_WRITE_TOKEN": "hidden"})
    with pytest.raises(Misconfigured) as refused:
        up(home, wishes, shown.step, shown.notes.append)
    assert str(refused.value) == (
        "the platform is up, and a new --host, --port api, --set SWATH_API_WRITE_TOKEN takes effect"
        " only when it starts: run `swath down`, then `swath up` with it again"
    )


def test_delete_refuses_while_up(home: Path) -> None:
    with pytest.raises(Misconfigured, match="the platform is up"):
        delete(home)


def test_adopt_gives_the_environment_unless_there_is_one(home: Path) -> None:
    environ: dict[str, str] = {"SWATH_STORAGE_URL": "s3://mine"}
    assert adopt(home, environ)
    assert environ["PGPORT"] == "56320"
    assert environ["SWATH_STORAGE_URL"] == "s3://mine"
    explicit = {"PGHOST": "elsewhere"}
    assert not adopt(home, explicit)
    assert explicit == {"PGHOST": "elsewhere"}


def test_killed_supervisor_leaves_no_orphan_and_no_confusion(home: Path) -> None:
    with connect(home) as connection:
        connection.execute("CREATE TABLE swath.kept AS SELECT 1 AS one")
    pid = int((home / "supervisord.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    while Supervisor(open_home(home)).alive():
        time.sleep(0.05)
    assert {row.state for row in rows(open_home(home))} == {"stopped"}
    (open_home(home).cluster / "postmaster.pid").touch()

    shown = Shown()
    assert up(home, Wishes(only=("database",)), shown.step, shown.notes.append, MIGRATIONS)
    assert shown.steps == ["database", "migrations"]
    assert shown.notes == []
    with connect(home) as connection:
        assert connection.execute("SELECT one FROM swath.kept").fetchone() == (1,)
        connection.execute("DROP TABLE swath.kept")


def test_crashed_service_is_restarted(home: Path) -> None:
    before = rows(open_home(home))[0]
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = rows(open_home(home))[0]
        if now.state == "running" and now.pid != before.pid:
            return
        time.sleep(0.2)
    pytest.fail(f"still {now}")


def test_prefect_joins_a_running_platform_and_takes_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown()
    wishes = Wishes(only=("prefect", "worker"))
    assert up(home, wishes, shown.step, shown.notes.append, MIGRATIONS)
    assert shown.steps == ["database", "migrations", "prefect", "worker"]
    assert [row.state for row in rows(open_home(home))] == ["running"] * 3
    environment = platforms.environment(open_home(home))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    script = (
        "from prefect.client.orchestration import get_client\n"
        "with get_client(sync_client=True) as client:\n"
        "    flow = client.create_flow_from_name('walk')\n"
        "    client.create_deployment(flow, 'here')\n"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ}, check=True)

    run = orchestrator.run_deployment("walk/here", {"steps": 3})
    assert orchestrator.state(run)[0] == "SCHEDULED"
    assert orchestrator.ui_url(run) == f"http://127.0.0.1:56200/runs/flow-run/{run}"
    with pytest.raises(NotFound, match="no deployment 'walk/there'"):
        orchestrator.run_deployment("walk/there", {})
    with pytest.raises(NotFound, match="no flow run"):
        orchestrator.state(uuid4())


def test_orchestrator_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(Unreachable, match="Prefect does not answer"):
        orchestrator.state(uuid4())
    monkeypatch.delenv("PREFECT_API_URL")
    with pytest.raises(Misconfigured, match="PREFECT_API_URL is not set"):
        orchestrator.state(uuid4())
