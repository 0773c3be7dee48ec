"""Pages of items from our API, against stock stac-fastapi-pgstac, in one run on one PostgreSQL.

    uv run python benchmarks/pages.py [ITEMS] [ROUNDS]

Three servers with one worker process each stand before the same collection of wide items (about
5 kB each): ours, stock as it comes, and stock with USE_API_HYDRATE. In turns each is asked for
pages of 10, 100 and 1,000 items, one after the other along `next`, without compression. Only the
time from the request to the last byte counts. The CPU time is that of the server's process and of
PostgreSQL's. At the end ours hands out the whole collection once.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import psycopg
from registration import COLLECTION, raw, wide_item

from infrastructure.catalogue import Catalogue
from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings
from infrastructure.settings import DatabaseSettings

OURS, STOCK = "api.app:create_app", "stac_fastapi.pgstac.app:create_app"
SERVERS: dict[str, tuple[str, dict[str, str]]] = {
    "ours": (OURS, {}),
    "stock": (STOCK, {}),
    "stock with hydrate": (STOCK, {"USE_API_HYDRATE": "TRUE"}),
}
LIMITS = (10, 100, 1000)
SECONDS = 4.0
"""How long one server is asked for pages of one size in a round, but at least twice."""


@dataclass
class Server:
    """A running API."""

    port: int
    process: subprocess.Popen[bytes]
    database: DatabaseSettings

    def pages(self, limit: int) -> Iterator[tuple[int, float]]:
        """Items and seconds of each page of the collection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        path = f"/collections/bench/items?limit={limit}"
        while path:
            began = time.perf_counter()
            connection.request("GET", path)
            body = connection.getresponse().read()
            took = time.perf_counter() - began
            page = orjson.loads(body)
            following = [link["href"] for link in page["links"] if link["rel"] == "next"]
            yield len(page["features"]), took
            path = following and "?".join(urlsplit(following[0])[2:4])

    def cpu(self) -> tuple[float, float]:
        """Seconds that the server and PostgreSQL have worked so far."""
        with psycopg.connect(self.database.conninfo()) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return _cpu(self.process.pid), sum(_cpu(pid) for (pid,) in rows)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Measure:
    """What pages of one size took of one server."""

    requests: int
    items: int
    wall: float
    api: float
    postgresql: float

    @classmethod
    def take(cls, server: Server, limit: int, seconds: float) -> "Measure":
        """Ask for pages for some seconds, or to the end."""
        before, requests, items, wall = server.cpu(), 0, 0, 0.0
        for number, took in server.pages(limit):
            requests, items, wall = requests + 1, items + number, wall + took
            if wall > seconds and requests > 1:
                break
        after = server.cpu()
        return cls(requests, items, wall, after[0] - before[0], after[1] - before[1])

    def rates(self) -> dict[str, float]:
        """Per second, per request and per item."""
        return {
            "requests/s": self.requests / self.wall,
            "items/s": self.items / self.wall,
            "ms wall/request": 1000 * self.wall / self.requests,
            "ms API CPU/request": 1000 * self.api / self.requests,
            "ms PostgreSQL CPU/request": 1000 * self.postgresql / self.requests,
            "ms API CPU/item": 1000 * self.api / self.items,
            "ms PostgreSQL CPU/item": 1000 * self.postgresql / self.items,
        }


@contextmanager
def serving(name: str, port: int, database: DatabaseSettings, store: Path) -> Iterator[Server]:
    """One worker process of an API."""
    application, more = SERVERS[name]
    told = {f"PG{key.upper()}": str(value) for key, value in database}
    told["PGPASSWORD"] = database.password.get_secret_value()
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "error"],
        env={**os.environ, **told, "SWATH_STORAGE_URL": store.as_uri(), **more},
    )
    try:
        _wait(port)
        yield Server(port, process, database)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/_mgmt/ping")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"the server at port {port} does not start")


def main() -> None:
    items, rounds = (int(argument) for argument in [*sys.argv[1:], "100000", "5"][:2])
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - PostgreSQL runs under another account
        home, path = Path(folder) / "home", Path(folder) / "items.ndjson"
        path.write_bytes(b"\n".join(orjson.dumps(wide_item(n)) for n in range(items)))
        wishes = lifecycle.Wishes(
            ports={"database": 54620, "supervisor": 54619}, only=("database",)
        )
        lifecycle.up(home, wishes, lambda *_: nullcontext(), print)
        try:
            database = database_settings(lifecycle.open_home(home))
            load(database, path)
            measure(database, Path(folder), rounds)
        finally:
            lifecycle.down(home, lambda *_: nullcontext())
            lifecycle.delete(home)


def load(database: DatabaseSettings, path: Path) -> None:
    """The collection, with the statistics that PostgreSQL would gather by itself in time."""
    with Catalogue(database) as catalogue:
        catalogue.put_collection(COLLECTION)
        raw(catalogue, path)
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def measure(database: DatabaseSettings, folder: Path, rounds: int) -> None:
    """All servers in turns, the order turned in every round; the medians of the rounds."""
    found: dict[tuple[int, str], list[dict[str, float]]] = {}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serving(name, 54630 + n, database, folder / "store"))
            for n, name in enumerate(SERVERS)
        }
        for server in servers.values():
            next(server.pages(10))
        for number in range(rounds):
            for limit in LIMITS:
                for name in list(servers)[:: 1 if number % 2 else -1]:
                    taken = Measure.take(servers[name], limit, SECONDS)
                    found.setdefault((limit, name), []).append(taken.rates())
        whole = [Measure.take(servers["ours"], 1000, 3600.0).rates() for _ in range(rounds)]
    for (limit, name), rates in sorted(found.items()):
        print(f"limit={limit}, {name}:", json.dumps(_medians(rates), indent=2))
    print("the whole collection, ours, limit=1000:", json.dumps(_medians(whole), indent=2))


def _medians(rates: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(rate[name] for rate in rates), 3) for name in rates[0]}


if __name__ == "__main__":
    main()
