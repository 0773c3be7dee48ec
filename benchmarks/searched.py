"""The catalogue that the search benchmark searches: wide items, and many collections of one."""

import time
from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
from registration import COLLECTION, wide_item

from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings

NAMES = (
    "coastal", "blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08",
    "nir09", "swir16", "swir22", "scl", "aot", "wvp", "visual", "thumbnail",
)  # fmt: skip
YEAR = 1704067200, 366 * 86400
"""2024: its first second, and how many it has."""

QUERYABLES = {
    "eo:cloud_cover": {"type": "number"},
    "platform": {"type": "string"},
    "s2:tile": {"type": "string"},
}


def common(name: str) -> dict[str, Any]:
    """What the asset of that name has in common in all items; pgstac keeps it once."""
    return {
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data", "reflectance"],
        "title": f"Surface reflectance, {name}",
        "eo:bands": [{"name": name, "common_name": name, "center_wavelength": 0.443}],
        "raster:bands": [
            {"nodata": 0, "data_type": "uint16", "spatial_resolution": 10, "scale": 0.0001}
        ],
        "gsd": 10,
    }


def searched_item(number: int) -> dict[str, Any]:
    """An item like those of Sentinel-2 with 17 assets, about 9 kB, taken some time in 2024."""
    item: dict[str, Any] = wide_item(number)
    base = f"s3://bucket/tiles/{number % 60}/U/DP/{item['id']}"
    item["assets"] = {
        name: {
            **common(name),
            "href": f"{base}/{name}.tif",
            "proj:shape": [10980, 10980],
            "proj:transform": [10, 0, 399960 + number, 0, -10, 5100000 - number],
            "file:size": 100_000_000 + number,
        }
        for name in NAMES
    }
    taken = YEAR[0] + number * 2654435761 % YEAR[1]
    item["properties"] |= {
        "datetime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(taken)),
        "created": "2024-11-11T00:00:00Z",
        "constellation": "sentinel-2",
        "gsd": 10,
        "proj:code": "EPSG:32633",
        "grid:code": "MGRS-33UDP",
        "s2:processing_baseline": "05.10",
        "sat:relative_orbit": number % 143,
    }
    return item


def fill(database: DatabaseSettings, items: int) -> None:
    """One collection, through the platform's own register; then what time would do by itself."""
    assets = {name: common(name) for name in NAMES}
    with Catalogue(database) as catalogue:
        catalogue.put_collection({**COLLECTION, "item_assets": assets})
        register(catalogue, "bench", _entries(range(items)))
        with catalogue.transaction() as connection:
            for name, definition in QUERYABLES.items():
                connection.execute(
                    "SELECT upsert_queryables(%s::jsonb, _index_fields => %s)",
                    [orjson.dumps({"properties": {name: definition}}).decode(), [name]],
                )
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def fill_many(database: DatabaseSettings, collections: int) -> None:
    """As many collections, with one item each."""
    with Catalogue(database) as catalogue:
        for number in range(collections):
            name = f"c{number:04d}"
            catalogue.put_collection({**COLLECTION, "id": name})
            item = {**searched_item(number), "collection": name}
            register(catalogue, name, [Entry(item, item["id"], "1")])
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute("ANALYZE")


def _entries(numbers: range) -> Iterator[Entry]:
    for number in numbers:
        item = searched_item(number)
        yield Entry(item, item["id"], "1")
