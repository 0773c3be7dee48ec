"""A harvest of a STAC API against `pypgstac load` of the same items from disk, in one run.

    uv run python benchmarks/harvest.py [ITEMS] [--stock]

On one private PostgreSQL: raw loading of an NDJSON file of wide items (about 5 kB each) into an
empty database, twice; a harvest of an API that serves them, by the platform as `swath up` starts
it, into an empty catalogue; the same harvest again, when nothing has changed; and, for 2,000 of
the items, what is done without a harvester: a crawl with pystac-client and one POST for each item
to stac-fastapi-pgstac. The API that is harvested shares the machine: its work counts, too.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import requests
from place import PAGE, Place, Wanted, make, say, started
from processes import Watch, below
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods
from pystac_client import Client
from upstream import OURS, STOCK, Served, free_port, served

from infrastructure.catalogue import Catalogue
from infrastructure.ledger import Ledger
from infrastructure.local.supervisor import Supervisor

NEIGHBOURS = 2000
"""Items for the crawl with one POST each."""

ROUNDS = 2
"""How often raw loading is measured."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("items", nargs="?", type=int, default=100_000)
    parser.add_argument("--stock", action="store_true", help="harvest stac-fastapi-pgstac")
    wanted = Wanted(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as folder, started(Path(folder), wanted) as place:
        make(place, "neighbour")
        told = _raw(place, wanted)
        with _upstream(place, wanted) as upstream:
            told |= _harvest(place, wanted, upstream, told["raw items/s"])
            told |= _neighbours(place, wanted, upstream)
    print(json.dumps(told, indent=2))


def _raw(place: Place, wanted: Wanted) -> dict[str, float]:
    """Load the file into empty databases; the last one stays for the upstream."""
    rates, spent = [], []
    for _ in range(ROUNDS):
        place.execute("DROP DATABASE IF EXISTS upstream")
        make(place, "upstream")
        say(f"raw: {wanted.items} items of {place.items.stat().st_size / wanted.items:.0f} bytes")
        with (
            _postgres(place) as watch,
            ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process,
        ):
            told = process.submit(_load, place.database("upstream").conninfo(), place.items)
            wall, cpu = told.result()
        rates.append(wanted.items / wall)
        spent.append((cpu, watch.cpu("postgres")))
    place.execute("ANALYZE", "upstream")
    return {
        "raw items/s": round(statistics.median(rates)),
        "raw CPU s, loader": round(spent[-1][0], 1),
        "raw CPU s, PostgreSQL": round(spent[-1][1], 1),
    }


def _load(conninfo: str, path: Path) -> tuple[float, float]:
    """What `pypgstac load items FILE` does, in this process; wall and CPU seconds."""
    began = time.perf_counter(), time.process_time()
    options = "-c search_path=pgstac,public"
    with psycopg.connect(conninfo, options=options, autocommit=True) as connection:
        Loader(PgstacDB(connection=connection)).load_items(str(path), Methods.insert)
    return time.perf_counter() - began[0], time.process_time() - began[1]


@contextmanager
def _upstream(place: Place, wanted: Wanted) -> Iterator[Served]:
    """The API that is harvested."""
    database = place.database("upstream")
    if wanted.stock:
        with served(STOCK, database, place.port, USE_API_HYDRATE="true") as api:
            yield api
        return
    store = (place.home / "store").as_uri()
    with served(OURS, database, place.port, SWATH_STORAGE_URL=store) as api:
        yield api


def _harvest(place: Place, wanted: Wanted, upstream: Served, raw: float) -> dict[str, float]:
    """Harvest into the empty catalogue, and once more."""
    first = _run(place, wanted, upstream, "registered")
    again = _run(place, wanted, upstream, "unchanged")
    rate, unchanged = (wanted.items / run["seconds"] for run in (first, again))
    return {
        "ours items/s": round(rate),
        "ratio": round(rate / raw, 2),
        **{f"ours {key}": round(value, 1) for key, value in first.items()},
        "unchanged items/s": round(unchanged),
        "unchanged to first": round(unchanged / rate, 1),
        **{f"unchanged {key}": round(value, 1) for key, value in again.items()},
    }


def _run(place: Place, wanted: Wanted, upstream: Served, outcome: str) -> dict[str, float]:
    """One harvest by its command: seconds by the ledger, and what it took."""
    say(f"harvest: {outcome}")
    processes = {p.name: p.pid for p in Supervisor(place.platform).processes()}
    worker, prefect = processes["worker"] or 0, processes["prefect"] or 0
    while below(worker):  # the process of the run before ends a little later than the run
        time.sleep(0.1)
    began = time.perf_counter()
    with (
        _postgres(place) as database,
        Watch(
            {
                "flow": lambda: below(worker),
                "upstream": lambda: [upstream.pid],
                "prefect": lambda: [prefect, *below(prefect), worker],
            }
        ) as watch,
    ):
        run = _swath(place, "harvest", "run", "bench", "--json")
    wall = time.perf_counter() - began
    with Catalogue(place.database("swath")) as catalogue:
        told = Ledger(catalogue).run(UUID(run))
    if told.counts[outcome] != wanted.items or not told.started or not told.ended:
        raise SystemExit(f"the harvest went wrong: {told}")
    return {
        "seconds": (told.ended - told.started).total_seconds(),
        "seconds, command": wall,
        "CPU s, flow": watch.cpu("flow"),
        "CPU s, upstream": watch.cpu("upstream"),
        "CPU s, PostgreSQL": database.cpu("postgres"),
        "CPU s, Prefect and worker": watch.cpu("prefect"),
        "peak MB": watch.peak("flow"),
    }


def _swath(place: Place, *arguments: str) -> str:
    """Run a command; the id of its run."""
    command = [sys.executable, "-m", "infrastructure.cli", *arguments]
    environment = {**os.environ, "SWATH_HOME": str(place.home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stdout} {done.stderr}")
    return str(json.loads(done.stdout)["run"])


def _postgres(place: Place) -> Watch:
    postmaster = next(p.pid for p in Supervisor(place.platform).processes() if p.name == "database")
    return Watch({"postgres": lambda: below(postmaster or 0)})


def _neighbours(place: Place, wanted: Wanted, upstream: Served) -> dict[str, float]:
    """Crawl with pystac-client and POST item by item to an API with transactions."""
    items = min(NEIGHBOURS, wanted.items)
    say(f"crawl and POST: {items} items")
    switches = {"ENABLE_TRANSACTIONS_EXTENSIONS": "true", "USE_API_HYDRATE": "true"}
    with (
        served(STOCK, place.database("neighbour"), free_port(), **switches) as target,
        requests.Session() as session,
    ):
        began = time.perf_counter()
        search = Client.open(upstream.url).search(
            collections=["bench"], limit=PAGE, max_items=items
        )
        for item in search.items_as_dicts():
            answer = session.post(f"{target.url}collections/bench/items", json=item, timeout=60)
            answer.raise_for_status()
        return {"crawl and POST items/s": round(items / (time.perf_counter() - began))}


if __name__ == "__main__":
    main()
