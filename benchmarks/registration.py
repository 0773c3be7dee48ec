"""Registration against raw `pypgstac load items`, in one run on one PostgreSQL.

    uv run python benchmarks/registration.py [ITEMS] [ROUNDS]

Both read the same NDJSON file of wide items (about 5 kB each) into an empty collection of a new
database, in turns. Ours also writes a metadata record, a ledger row and a change event for each
item, keeps the collection's extent and counts what arrived.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import orjson
import psycopg
from pydantic import SecretStr
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.local import lifecycle
from infrastructure.local.after import database_settings
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings

BANDS = ["coastal", "blue", "green", "red", "nir08", "nir09", "swir16", "swir22", "scl", "aot"]
RECORD = (b"<gmd:MD_Metadata>" + b"<gmd:contact><gco:CharacterString/></gmd:contact>" * 160)[:8000]
"""About the size of an ISO 19139 record."""

COLLECTION = {
    "type": "Collection",
    "stac_version": "1.1.0",
    "id": "bench",
    "description": "Wide items",
    "license": "other",
    "links": [],
    "extent": {
        "spatial": {"bbox": [[-180, -90, 180, 90]]},
        "temporal": {"interval": [["1970-01-01T00:00:00Z", None]]},
    },
}


def wide_item(number: int) -> dict[str, object]:
    west, south = (number * 7) % 358 - 179.5, (number * 3) % 160 - 80.5
    ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1]]
    name = f"S2A_{number:06d}_L2A"
    assets = {
        band: {
            "href": f"s3://bucket/tiles/{number % 60}/U/DP/{name}/{band}.tif",
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "roles": ["data", "reflectance"],
            "proj:shape": [10980, 10980],
            "proj:transform": [10, 0, 399960 + number, 0, -10, 5100000 - number],
            "file:size": 100_000_000 + number,
            "file:checksum": f"1220{number:064x}",
            "data_type": "uint16",
            "nodata": 0,
            "bands": [{"name": band, "statistics": {"minimum": number % 9, "maximum": 9999}}],
        }
        for band in BANDS
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "bench",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "bbox": [west, south, west + 1, south + 1],
        "properties": {
            "datetime": f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d}T10:00:00Z",
            "platform": "sentinel-2a",
            "instruments": ["msi"],
            "eo:cloud_cover": number % 100,
            "s2:tile": f"{number % 60}UDP",
            "view:sun_elevation": 40.5,
        },
        "links": [],
        "assets": assets,
    }


@contextmanager
def fresh(template: DatabaseSettings, admin: DatabaseSettings) -> Iterator[Catalogue]:
    """A new migrated database with the empty collection."""
    with psycopg.connect(admin.conninfo(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        connection.execute("CREATE DATABASE bench TEMPLATE swath OWNER swath")
    with Catalogue(template.model_copy(update={"database": "bench"})) as catalogue:
        catalogue.put_collection(COLLECTION)
        yield catalogue


def raw(catalogue: Catalogue, path: Path) -> None:
    """What `pypgstac load items FILE` does, without the start of its process."""
    with catalogue.pool.connection() as connection:
        connection.autocommit = True
        Loader(PgstacDB(pool=catalogue.pool, connection=connection)).load_items(
            str(path), Methods.insert
        )


def ours(catalogue: Catalogue, path: Path) -> None:
    """The same items through `register`."""
    with path.open("rb") as lines:
        items = map(orjson.loads, lines)
        entries = (Entry(i, i["id"], i["id"], {"iso19139": RECORD}) for i in items)
        done = register(catalogue, "bench", entries)
    if done.refused:
        raise SystemExit(f"refused: {done.refused}")


def main() -> None:
    items, rounds = (int(argument) for argument in [*sys.argv[1:], "10000", "5"][:2])
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - PostgreSQL runs under another account
        home, path = Path(folder) / "home", Path(folder) / "items.ndjson"
        path.write_bytes(b"\n".join(orjson.dumps(wide_item(n)) for n in range(items)))
        print(f"{items} items of {path.stat().st_size / items / 1000:.1f} kB, {rounds} rounds")
        wishes = lifecycle.Wishes(
            ports={"database": 54520, "supervisor": 54519}, only=("database",)
        )
        lifecycle.up(home, wishes, lambda *_: nullcontext(), print)
        try:
            measure(home, path, items, rounds)
        finally:
            lifecycle.down(home, lambda *_: nullcontext())
            lifecycle.delete(home)


def measure(home: Path, path: Path, items: int, rounds: int) -> None:
    platform = lifecycle.open_home(home)
    template = database_settings(platform)
    password = SecretStr(platform.passwords["postgres"])
    admin = template.model_copy(
        update={"user": "postgres", "password": password, "database": "postgres"}
    )
    rates: dict[str, list[float]] = {"raw": [], "ours": []}
    again: list[float] = []
    for number in range(rounds):
        turns = [("raw", raw), ("ours", ours)]
        for name, load in turns if number % 2 else reversed(turns):
            with fresh(template, admin) as catalogue:
                began = time.perf_counter()
                load(catalogue, path)
                rates[name].append(items / (time.perf_counter() - began))
                if name == "ours":
                    began = time.perf_counter()
                    load(catalogue, path)
                    again.append(items / (time.perf_counter() - began))
    ratios = [o / r for o, r in zip(rates["ours"], rates["raw"], strict=True)]
    print(
        json.dumps(
            {
                "raw items/s": round(statistics.median(rates["raw"])),
                "ours items/s": round(statistics.median(rates["ours"])),
                "ratio": round(statistics.median(ratios), 2),
                "ratios": [round(ratio, 2) for ratio in ratios],
                "ours, unchanged items/s": round(statistics.median(again)),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
