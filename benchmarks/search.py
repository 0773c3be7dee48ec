"""Searches of our API, against stock stac-fastapi-pgstac, in one run on one PostgreSQL.

    uv run python benchmarks/search.py [ITEMS] [--rounds 5] [--collections 2000]

Three servers with one worker process each stand before the same catalogue: ours, stock as it
comes, and stock with USE_API_HYDRATE. Items have 17 assets and about 9 kB. In turns each is asked
for some seconds, over one connection and without compression: searches of a random box and month,
single items, searches by a queryable, and the newest items of many collections of one item each.
CPU time is that of the server's process and of PostgreSQL's.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from pages import SERVERS, Server, serving
from registration import wide_item
from searched import fill, fill_many

from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings
from infrastructure.settings import DatabaseSettings

Question = Callable[[random.Random, int], str]
"""A request's path, by chance and the number of items."""

SECONDS = 4.0


def _area(limit: int) -> Question:
    """Items of a box of 38 by 28 degrees and a month: some 200 of 100,000 match."""

    def path(chance: random.Random, _items: int) -> str:
        west, south = chance.uniform(-179, 140), chance.uniform(-80, 50)
        month, day = chance.randint(1, 11), chance.randint(1, 28)
        box = f"{west:.4f},{south:.4f},{west + 38:.4f},{south + 28:.4f}"
        times = f"2024-{month:02d}-{day:02d}T00:00:00Z/2024-{month + 1:02d}-{day:02d}T00:00:00Z"
        return f"/search?limit={limit}&bbox={box}&datetime={times}"

    return path


def _single(chance: random.Random, items: int) -> str:
    name = wide_item(chance.randrange(items))["id"]
    return f"/collections/bench/items/{name}"


def _filtered(chance: random.Random, _items: int) -> str:
    return f"/search?collections=bench&limit=10&filter=s2:tile='{chance.randrange(60)}UDP'"


def _sorted(chance: random.Random, _items: int) -> str:
    sign = chance.choice(("%2B", "-"))
    return f"/search?collections=bench&limit=10&sortby={sign}properties.eo:cloud_cover"


def _newest(chance: random.Random, _items: int) -> str:
    month = chance.randint(2, 12)
    return f"/search?limit=10&datetime=../2024-{month:02d}-01T00:00:00Z"


ONE: dict[str, Question] = {
    "search limit=10": _area(10),
    "search limit=100": _area(100),
    "single item": _single,
    "filter on a queryable": _filtered,
    "sort by a queryable": _sorted,
}
MANY: dict[str, Question] = {"all collections limit=10": _newest}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("items", nargs="?", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--collections", type=int, default=2000)
    wanted = parser.parse_args()
    with _cluster() as (home, database):
        fill(database, wanted.items)
        _measure(ONE, database, home, wanted.items, wanted.rounds)
    if wanted.collections:
        with _cluster() as (home, database):
            fill_many(database, wanted.collections)
            _measure(MANY, database, home, wanted.collections, wanted.rounds)


@contextmanager
def _cluster() -> Iterator[tuple[Path, DatabaseSettings]]:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - PostgreSQL runs under another account
        home = Path(folder) / "home"
        ports = {"database": 54620, "supervisor": 54619}
        lifecycle.up(home, lifecycle.Wishes(ports=ports, only=("database",)), _quiet, print)
        try:
            yield home, database_settings(lifecycle.open_home(home))
        finally:
            lifecycle.down(home, _quiet)
            lifecycle.delete(home)


def _quiet(*_: object) -> nullcontext[None]:
    return nullcontext()


def _measure(
    questions: dict[str, Question], database: DatabaseSettings, home: Path, items: int, rounds: int
) -> None:
    """All servers in turns, the order turned in every round; the medians of the rounds."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serving(name, 54630 + n, database, home / "store"))
            for n, name in enumerate(SERVERS)
        }
        for question, path in questions.items():
            found: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
            for number in range(rounds):
                for name in list(servers)[:: 1 if number % 2 else -1]:
                    chance = random.Random(f"{question}{number}")  # noqa: S311 - the same for each
                    found[name].append(_ask(servers[name], path, chance, items))
            print(json.dumps({question: _told(found)}, indent=2), flush=True)


def _ask(server: Server, path: Question, chance: random.Random, items: int) -> dict[str, float]:
    """Ask for some seconds, at least three times."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    before, took = server.cpu(), []
    while sum(took) < SECONDS or len(took) < 3:
        began = time.perf_counter()
        connection.request("GET", path(chance, items))
        answer = connection.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - began)
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {body[:300]!r}")
    after = server.cpu()
    return {
        "requests/s": len(took) / sum(took),
        "p50 ms": 1000 * statistics.median(took),
        "p95 ms": 1000 * sorted(took)[int(len(took) * 0.95)],
        "API CPU ms": 1000 * (after[0] - before[0]) / len(took),
        "PostgreSQL CPU ms": 1000 * (after[1] - before[1]) / len(took),
    }


def _told(found: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    told = {
        name: {key: round(statistics.median(each[key] for each in rounds), 2) for key in rounds[0]}
        for name, rounds in found.items()
    }
    for name, rounds in found.items():
        if name != "ours":
            ratios = [
                ours["requests/s"] / theirs["requests/s"]
                for ours, theirs in zip(found["ours"], rounds, strict=True)
            ]
            told[name]["ours is faster by"] = round(statistics.median(ratios), 1)
    return told


if __name__ == "__main__":
    main()
