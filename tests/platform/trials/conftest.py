"""Collections whose upstream, store or database fails, on the platform that users start."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import yaml

from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings
from infrastructure.local.platform import environment, inherited
from infrastructure.safe_xml import parse

if TYPE_CHECKING:
    from tests.platform.conftest import Running

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
KEPT = """
    SELECT i.*, l.*, e.*
    FROM (SELECT count(*), count(DISTINCT id) FROM pgstac.items
          WHERE collection = %(collection)s) i,
         (SELECT count(*), count(DISTINCT item_id) FROM swath.ledger
          WHERE collection = %(collection)s AND state = 'registered') l,
         (SELECT count(*), count(DISTINCT item_id) FROM swath.event
          WHERE collection = %(collection)s AND kind = 'registered') e
"""
HALTED = "SELECT FROM pg_locks WHERE relation = 'swath.event'::regclass AND NOT granted"
RUNS = "SELECT state FROM swath.run WHERE collection = %(collection)s ORDER BY started"
HREFS = """
    SELECT content -> 'assets' -> 'data' ->> 'href' FROM pgstac.items
    WHERE collection = %(collection)s
"""


@dataclass(frozen=True)
class Trials:
    """Harvests of collections at fault: started by Prefect's API, seen in its states and in SQL."""

    platform: "Running"
    prefect: str
    """Address of Prefect's API."""

    def start(self, collection: str, variables: dict[str, str]) -> str:
        """Start a harvest; the variables are those of its process."""
        name = f"{self.prefect}/deployments/name/harvest/{collection}"
        deployment = httpx.get(name).raise_for_status().json()["id"]
        answer = httpx.post(
            f"{self.prefect}/deployments/{deployment}/create_flow_run",
            json={"state": {"type": "SCHEDULED"}, "job_variables": {"env": variables}},
        )
        return str(answer.raise_for_status().json()["id"])

    def end(self, run: str, seconds: float = 200) -> tuple[str, str]:
        """Wait for the end of a run; its state, and what it says."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):  # its database may just be away
                answer = httpx.get(f"{self.prefect}/flow_runs/{run}").raise_for_status()
                state = answer.json()["state"]
                if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
                    return state["type"], state["message"] or ""
            time.sleep(0.5)
        pytest.fail(f"run {run} does not end")

    def harvest(self, collection: str, variables: dict[str, str]) -> tuple[str, str]:
        """Start a harvest and wait for its end."""
        return self.end(self.start(collection, variables))

    def past_prefect(self, collection: str) -> "subprocess.CompletedProcess[str]":
        """Run the flow in a process of its own, which no deployment's limit holds back."""
        code = f"from flows.harvest import harvest; harvest({collection!r})"
        return subprocess.run(
            [sys.executable, "-c", code], env=platform_environment(self.platform), cwd=ROOT,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def kept(self, collection: str) -> set[int]:
        """How many items there are: one number, if nothing is lost or doubled anywhere."""
        (numbers,) = self.rows(KEPT, collection)
        return set(numbers)

    def runs(self, collection: str) -> list[str]:
        """The states of its runs in the ledger, the first one first."""
        return [state for (state,) in self.rows(RUNS, collection)]

    def hrefs(self, collection: str) -> list[str]:
        """The addresses of its items' assets `data`."""
        return [href for (href,) in self.rows(HREFS, collection)]

    def until(self, condition: Callable[[], bool], seconds: float = 90) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it does not happen"
            time.sleep(0.05)

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Let a registration come as far as its events: its ledger rows are written by then."""
        with self.connection() as connection:
            connection.execute("LOCK swath.event IN EXCLUSIVE MODE")
            self.until(lambda: bool(self.rows(HALTED, "")))
            yield

    def rows(self, statement: str, collection: str) -> list[tuple[Any, ...]]:
        """What the catalogue's database answers."""
        with self.connection() as connection:
            return connection.execute(statement.encode(), {"collection": collection}).fetchall()

    def connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to the catalogue's database."""
        settings = database_settings(lifecycle.open_home(self.platform.home))
        return psycopg.connect(settings.conninfo())


def platform_environment(platform: "Running") -> dict[str, str]:
    """The environment of the platform's services."""
    return {**inherited(os.environ), **environment(lifecycle.open_home(platform.home))}


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    """Address of an upstream that is at fault until it is healed; see upstream.py."""
    command = [sys.executable, str(HERE / "upstream.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def trials(platform: "Running", upstream: str) -> Trials:
    """Collections of the upstream's faults, deployed."""
    names = ("busy", "error", "hang", "cut", "json")
    slow = ("slow", "two", "amid-SIGQUIT", "amid-SIGKILL", "between-SIGKILL")
    products = str(platform.home.parent / "products" / "many")
    sources: dict[str, dict[str, Any]] = {
        **{name: {"type": "stac_api", "url": f"{upstream}/{name}"} for name in names},
        **{name: {"type": "stac_api", "url": f"{upstream}/slow"} for name in slow},
        "xml": {"type": "csw", "url": f"{upstream}/xml", "page": 10},
        "full": {"type": "folder", "url": products, "include": ["2024-01-0[1-6].tif"]},
    }
    for name, source in sources.items():
        story: dict[str, Any] = {"id": name, "title": name, "description": name}
        story |= {"source": {**source, "timeout": 0.5} if name == "hang" else source}
        story |= {"enrich": ["cog"]} if name == "full" else {}
        path = platform.home.parent / "collections" / f"{name}.yaml"
        path.write_text(yaml.safe_dump(story))
    deployed = platform.swath("harvest", "deploy")
    assert deployed.returncode == 0, deployed.stderr
    return Trials(platform, f"{platform.url('prefect')}/api")


@dataclass(frozen=True)
class FullStore:
    """An S3 server whose disk is full after some files; see store.py."""

    url: str
    bucket: str
    room: Path
    """The file that says how many files it takes."""

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a process that keeps its files here, in one batch."""
        return {
            "SWATH_STORAGE_URL": f"s3://{self.bucket}",
            "SWATH_HARVEST_BATCH": "6",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    def leave(self, files: int) -> None:
        """Let it take so many files, all in all."""
        self.room.write_text(str(files))

    def files(self) -> set[str]:
        """The addresses of what it holds."""
        listing = httpx.get(f"{self.url}/{self.bucket}?list-type=2").raise_for_status()
        keys = parse(listing.content, "the bucket").iter("{*}Key")
        return {f"s3://{self.bucket}/{key.text}" for key in keys}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FullStore]:
    """An S3 server with a bucket, and room for nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = FullStore(f"http://127.0.0.1:{port}", "full", tmp_path / "room")
    store.leave(0)
    with process(HERE / "store.py", str(port), str(store.room)):
        for _ in range(300):
            with suppress(httpx.TransportError):
                httpx.put(f"{store.url}/{store.bucket}").raise_for_status()
                break
            time.sleep(0.1)
        yield store


@pytest.fixture
def second_worker(trials: Trials) -> Iterator[None]:
    """A second worker beside the platform's own, once Prefect knows that it is there."""
    program = Path(sys.executable).with_name("prefect")
    arguments = ("worker", "start", "--pool", "swath", "--type", "process", "--name", "second")
    with process(program, *arguments, environment=platform_environment(trials.platform)):
        trials.until(lambda: len(workers(trials)) == 2)
        yield


def workers(trials: Trials) -> list[str]:
    """The workers that live."""
    answer = httpx.post(f"{trials.prefect}/work_pools/swath/workers/filter", json={})
    return [w["name"] for w in answer.raise_for_status().json() if w["status"] == "ONLINE"]


@contextmanager
def process(
    program: Path, *arguments: str, environment: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that runs beside the block."""
    python = [sys.executable] if program.suffix == ".py" else []
    quiet = subprocess.DEVNULL
    command = [*python, str(program), *arguments]
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as running:
        try:
            yield running
        finally:
            running.terminate()
