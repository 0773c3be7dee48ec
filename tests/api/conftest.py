"""A running application over a real catalogue and a real store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings

COLLECTION = {
    "type": "Collection",
    "stac_version": "1.1.0",
    "id": "c",
    "title": "C",
    "description": "A collection",
    "license": "other",
    "links": [],
    "renders": {"default": {"title": "True colour", "assets": ["red"]}},
    "extent": {
        "spatial": {"bbox": [[-180, -90, 180, 90]]},
        "temporal": {"interval": [["1970-01-01T00:00:00Z", None]]},
    },
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the store, as the environment names it."""
    folder = tmp_path / "store"
    (folder / "c" / "a").mkdir(parents=True)
    monkeypatch.setenv("SWATH_STORAGE_URL", folder.as_uri())
    monkeypatch.setenv("SWATH_TILES_URL", "http://tiles.example")
    return folder


@pytest.fixture
def items(catalogue: Catalogue, store: Path) -> None:
    """Two items: one with a file in the store and a time range, one with a foreign file."""
    catalogue.put_collection(COLLECTION)
    (store / "c" / "a" / "red #1.tif").write_bytes(bytes(range(256)) * 8)
    ring = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    base = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "collection": "c",
        "bbox": [0, 0, 1, 1],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "links": [{"rel": "via", "href": "https://example.com/product"}],
    }
    of_a_day: dict[str, Any] = {
        "datetime": None,
        "start_datetime": "2020-05-18T00:00:00Z",
        "end_datetime": "2020-05-18T23:59:59Z",
        "eo:cloud_cover": 3.5,
    }
    href = f"{store.as_uri()}/c/a/red%20%231.tif"
    a = {
        **base,
        "id": "a",
        "properties": of_a_day,
        "assets": {"red": {"href": href, "roles": ["data"]}},
    }
    b = {
        **base,
        "id": "b",
        "properties": {"datetime": "2021-01-01T00:00:00Z", "eo:cloud_cover": 80},
        "assets": {"red": {"href": "https://example.com/red.tif", "roles": ["data"]}},
    }
    records = {"iso19139": b"<record/>"}
    register(catalogue, "c", [Entry(a, "a", "1", records), Entry(b, "b", "1")])


@pytest.fixture
async def client(
    store: Path,  # noqa: ARG001 - sets the environment
    database_environment: DatabaseSettings,  # noqa: ARG001 - sets the environment
) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the application."""
    app = create_app()
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api.example") as client,
    ):
        yield client
