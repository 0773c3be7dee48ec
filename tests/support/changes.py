"""Changes of a catalogue, and what its outbox tells of them."""

from typing import Any

import psycopg

from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.events import outbox
from infrastructure.events.outbox import START, Page, Position
from infrastructure.events.selection import EVERYTHING, Selection


def entry(name: str, west: float = 0.0, cloud: float = 0.0, **more: Any) -> Entry:
    east = west + 1
    ring = [[west, 10], [east, 10], [east, 11], [west, 11], [west, 10]]
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "bbox": [west, 10, east, 11],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2024-01-01T00:00:00Z", "eo:cloud_cover": cloud},
        "links": [],
        "assets": {},
        **more,
    }
    return Entry(item, f"up/{name}", "1")


def read(
    catalogue: Catalogue, selected: Selection = EVERYTHING, after: Position = START, limit: int = 99
) -> Page:
    with catalogue.transaction() as connection:
        return outbox.read(connection, after, selected, limit)


def told(page: Page) -> list[tuple[str, str]]:
    return [(event.kind, event.item_id) for event in page.events]


def emit(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(
        "INSERT INTO swath.event (kind, collection, item_id) VALUES ('registered', 'c', %s)", [name]
    )
