"""The harvest flow on a real Prefect server: bad input, dead processes, upstreams that are away."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings

if TYPE_CHECKING:
    from tests.platform.conftest import Running

pytestmark = pytest.mark.platform


def test_bad_products_are_quarantined_with_a_reason_and_the_rest_is_registered(
    platform: "Running",
) -> None:
    run = platform.swath("harvest", "run", "bad", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    counts = json.loads(run.stdout)["counts"]
    assert (counts["found"], counts["registered"], counts["quarantined"]) == (6, 1, 5)
    reasons = platform.quarantine("bad")
    expected = {
        "nothing-in-it": "the folder is empty",
        "nowhere-20240101.tif": "no coordinate reference system",
        "truncated-20240101.tif": "cannot be read",
        "without-date.tif": "no acquisition date",
        "words-20240101.tif": "no raster that GDAL knows",
    }
    assert reasons.keys() == expected.keys()
    for product, reason in expected.items():
        assert product in reasons[product]
        assert reason in reasons[product]
        assert "\n" not in reasons[product]
    again = json.loads(platform.swath("harvest", "run", "bad", "--json").stdout)["counts"]
    assert (again["registered"], again["unchanged"], again["quarantined"]) == (0, 1, 5)


@pytest.mark.parametrize(
    ("collection", "sentence"),
    [
        ("down", "http://127.0.0.1:9/ does not answer"),
        ("empty", "holds no products"),
    ],
)
def test_a_source_that_gives_nothing_fails_the_run_with_one_clear_line(
    platform: "Running", collection: str, sentence: str
) -> None:
    run = platform.swath("harvest", "run", collection)
    assert run.returncode == 1
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("Failed")]
    assert sentence in line
    assert [sentence in reason for reason in platform.quarantine(collection).values()] == [True]


def test_an_unknown_collection_is_one_clear_line(platform: "Running") -> None:
    run = platform.swath("harvest", "run", "nope")
    assert run.returncode == 1
    assert run.stderr.startswith("swath: no collection file for 'nope' in ")
    assert len(run.stderr.splitlines()) == 1


def test_a_killed_worker_loses_and_doubles_nothing(platform: "Running") -> None:
    worker = platform.status()["worker"]["pid"]
    first = json.loads(platform.swath("harvest", "run", "many", "--detach", "--json").stdout)["run"]
    settings = database_settings(lifecycle.open_home(platform.home))
    with psycopg.connect(settings.conninfo(), autocommit=True) as connection:
        done = "SELECT count(*) FROM swath.ledger WHERE collection = 'many'"
        deadline = time.monotonic() + 60
        while not (started := scalar(connection, done)) and time.monotonic() < deadline:
            time.sleep(0.02)
        kill_tree(worker)
        killed_at = scalar(connection, done)
        assert 0 < started <= killed_at < 16, "the kill came too late to mean anything"
        again = platform.swath("harvest", "run", "many", "--json")
        counts = json.loads(again.stdout)["counts"]
        assert again.returncode == 0, again.stdout + again.stderr
        assert counts["registered"] + counts["unchanged"] == counts["found"] == 16
        assert counts["unchanged"] == killed_at
        items = "SELECT count(*), count(DISTINCT id) FROM pgstac.items WHERE collection = 'many'"
        assert connection.execute(items).fetchone() == (16, 16)
        events = "SELECT count(*) FROM swath.event WHERE collection = 'many'"
        assert scalar(connection, events) == 16
        runs = connection.execute(
            "SELECT state FROM swath.run WHERE collection = 'many' ORDER BY started"
        ).fetchall()
        assert runs == [("crashed",), ("completed",)]
    state = httpx.get(f"{platform.url('prefect')}/api/flow_runs/{first}").json()["state"]["type"]
    assert state == "CRASHED"


def test_deregistering_removes_item_record_and_files(platform: "Running") -> None:
    platform.swath("harvest", "run", "bad", "--json")
    item = f"{platform.url('api')}/collections/bad/items/good-20240101"
    found = httpx.get(item)
    assert found.status_code == 200
    asset = found.json()["assets"]["data"]["href"]
    assert httpx.head(asset).status_code == 200
    removed = platform.swath("harvest", "deregister", "bad", "good-20240101")
    assert removed.stdout.strip() == "1 deregistered"
    assert [httpx.get(url).status_code for url in (item, f"{item}/iso19139", asset)] == [404] * 3
    again = platform.swath("harvest", "deregister", "bad", "good-20240101")
    assert again.returncode == 1
    assert "not in 'bad': good-20240101" in again.stderr


def scalar(connection: "psycopg.Connection[tuple[int, ...]]", statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return row[0] if row else 0


def kill_tree(pid: int) -> None:
    """SIGKILL a process and all that came from it, the deepest first."""
    children = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    for child in children:
        kill_tree(int(child))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
