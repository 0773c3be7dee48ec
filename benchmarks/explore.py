"""Filters, free text and counts over many items, before and after a collection has indexes.

    uv run python benchmarks/explore.py [ITEMS]

Times are those in PostgreSQL, of one page of ten items without its count, medians of five.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import orjson
import psycopg
from registration import COLLECTION, wide_item

from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings
from infrastructure.queryables import indexes
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings

PLACES = ("fields", "forests", "cities", "coasts")

PAGE = """
SELECT r.id, r.content::text FROM search_rows(
    swath.condition(%(search)s::jsonb), sort_sqlorderby(%(search)s::jsonb), NULL, 10) AS r
"""


def _where(op: str, name: str, value: Any) -> dict[str, Any]:
    condition = {"op": op, "args": [{"property": name}, value]}
    return {"filter-lang": "cql2-json", "filter": condition}


SEARCHES: dict[str, dict[str, Any]] = {
    "cloud cover below 0.01": _where("<", "eo:cloud_cover", 0.01),
    "least cloud first": {"sortby": [{"field": "eo:cloud_cover", "direction": "asc"}]},
    "a rare platform": _where("=", "platform", "sentinel-2x"),
    "a grid cell": _where("=", "grid:code", "MGRS-17UDP-3"),
    "last updates first": {"sortby": [{"field": "updated", "direction": "desc"}]},
    "q: a word that the newest quarter lacks": {"q": ["forests"]},
    "q: a phrase of all": {"q": ["surface reflectance"]},
    "q: an id": {"q": ["S2A 123456 L2A"]},
    "q: a phrase of none, of common words": {"q": ["forests reflectance"]},
}

CLOUDS = {"by": "range", "name": "eo:cloud_cover", "minimum": 0, "maximum": 100, "width": 10}
MONTHS = {"by": "datetime", "interval": "month"}
COUNTS: dict[str, list[dict[str, Any]]] = {
    "total": [],
    "months and collections": [MONTHS, {"by": "collection"}],
    "cloud cover": [CLOUDS],
    "map tiles": [{"by": "geotile", "precision": 5}],
    "five keys": [
        MONTHS,
        CLOUDS,
        {"by": "collection"},
        {"by": "property", "name": "platform"},
        {"by": "geohash", "precision": 4},
    ],
}


def item(number: int) -> dict[str, Any]:
    """An item with a title, a description and more properties than those of registration.py."""
    document: dict[str, Any] = wide_item(number)
    document["properties"] |= {
        "title": f"Sentinel-2 MSI level 2A tile {number % 60}UDP",
        "description": f"Surface reflectance of orbit {number % 143} over {PLACES[number % 4]}.",
        "keywords": ["sentinel", "optical", "reflectance"],
        "eo:cloud_cover": number * 7919 % 100003 / 1000.03,
        "platform": "sentinel-2x" if number % 50000 == 77 else f"sentinel-2{'abc'[number % 3]}",
        "sat:relative_orbit": number % 143,
        "grid:code": f"MGRS-{number % 60:02d}UDP-{number // 60 % 500}",
        "datetime": f"{2017 + number % 8}-{number % 12 + 1:02d}-{number % 28 + 1:02d}T10:00:00Z",
    }
    return document


def main() -> None:
    items = int([*sys.argv[1:], "200000"][0])
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - PostgreSQL runs under another account
        home = Path(folder) / "home"
        ports = {"database": 54520, "supervisor": 54519}
        wishes = lifecycle.Wishes(ports=ports, only=("database",))
        lifecycle.up(home, wishes, lambda *_: nullcontext(), print)
        try:
            measure(database_settings(lifecycle.open_home(home)), items)
        finally:
            lifecycle.down(home, lambda *_: nullcontext())
            lifecycle.delete(home)


def measure(database: DatabaseSettings, items: int) -> None:
    with Catalogue(database) as catalogue:
        catalogue.put_collection({**COLLECTION, indexes.KEY: []})
        register(catalogue, "bench", (Entry(item(n), str(n), "1") for n in range(items)))
        before = searched(database)
        counted(database)
        catalogue.put_collection(COLLECTION)
        began = time.perf_counter()
        with catalogue.transaction() as connection:
            made = indexes.keep(connection, "bench")
    print(f"indexes of {', '.join(made)}: {time.perf_counter() - began:.1f} s")
    for name, after in searched(database).items():
        print(f"{name:40} {before[name]:8.1f} {after:8.1f} ms")


def searched(database: DatabaseSettings) -> dict[str, float]:
    with _connected(database) as connection:
        connection.execute("VACUUM ANALYZE")
        return {
            name: median(lambda b=body: connection.execute(PAGE, {"search": _json(b)}).fetchall())  # type: ignore[misc]
            for name, body in SEARCHES.items()
        }


def counted(database: DatabaseSettings) -> None:
    count = "SELECT * FROM swath.aggregate(%s::jsonb, %s::jsonb, 10000)"
    with _connected(database) as connection:
        for name, keys in COUNTS.items():
            for place, search in (("everything", {}), ("a box", {"bbox": [0, 40, 20, 60]})):
                values = [_json(search), _json(keys)]
                took = median(lambda v=values: connection.execute(count, v).fetchall())  # type: ignore[misc]
                print(f"count by {name}, {place}: {took:.0f} ms")


def median(ask: Callable[[], Any]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _connected(database: DatabaseSettings) -> psycopg.Connection[tuple[Any, ...]]:
    options = "-c search_path=pgstac,public"
    return psycopg.connect(database.conninfo(), autocommit=True, options=options)


def _json(document: Any) -> str:
    return orjson.dumps(document).decode()


if __name__ == "__main__":
    main()
