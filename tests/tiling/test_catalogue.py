"""The tile service over the real catalogue: what is registered shows, what is removed goes."""

import os
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import morecantile
import numpy as np
import pytest
from PIL import Image

from infrastructure.catalogue import Catalogue, ItemAssets
from infrastructure.entry import Entry
from infrastructure.register import deregister, register
from infrastructure.settings import DatabaseSettings, TilesSettings
from tiling.app import create_app
from tiling.maps import POLL

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.platform


def entry(item: ItemAssets) -> Entry:
    west, south, east, north = item.bbox
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    document: dict[str, Any] = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": item.id,
        "collection": "landsat",
        "bbox": list(item.bbox),
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2024-01-01T00:00:00Z"},
        "links": [],
        "assets": {key: {"href": href} for key, href in item.hrefs.items()},
    }
    return Entry(document, item.id, "v1", {})


def put(catalogue: Catalogue, document: dict[str, Any]) -> None:
    open_extent = {
        "spatial": {"bbox": [[-180, -90, 180, 90]]},
        "temporal": {"interval": [["2024-01-01T00:00:00Z", None]]},
    }
    catalogue.put_collection(
        document | {"type": "Collection", "stac_version": "1.1.0", "extent": open_extent}
    )


def test_registered_items_show_and_removed_ones_go(
    catalogue: Catalogue, memory: Any, settings: TilesSettings, scenes: list[ItemAssets]
) -> None:
    put(catalogue, memory.documents["landsat"])
    app = create_app(lambda: catalogue, settings)
    tile = morecantile.tms.get("WebMercatorQuad").tile(15.15, 45.05, 9)
    path = f"/landsat/wmts/landsat/webmercator/9/{tile.x}/{tile.y}.png"

    def shown(client: httpx.Client) -> int:
        time.sleep(POLL)
        response = client.get(path)
        assert response.status_code == 200, response.text
        with Image.open(BytesIO(response.content)) as image:
            return int(np.count_nonzero(np.asarray(image)[..., 3]))

    transport = httpx.WSGITransport(app=app)
    with httpx.Client(transport=transport, base_url="http://tiles.test") as client:
        assert shown(client) == 0
        register(catalogue, "landsat", [entry(scenes[0])])
        one = shown(client)
        register(catalogue, "landsat", [entry(scenes[1])])
        both = shown(client)
        deregister(catalogue, "landsat", [scenes[1].id])
        assert 0 < one < both
        assert shown(client) == one


def test_the_seed_command(
    database_environment: DatabaseSettings,
    memory: Any,
    settings: TilesSettings,
    scenes: list[ItemAssets],
    listening: Any,
) -> None:
    with Catalogue(database_environment) as catalogue:
        put(catalogue, memory.documents["landsat"])
        register(catalogue, "landsat", [entry(scene) for scene in scenes])
        with listening(create_app(lambda: catalogue, settings)) as url:
            done = subprocess.run(
                [sys.executable, "-c", "from tiling.cli import app; app()", "seed", "landsat"],
                env={**os.environ, "SWATH_TILES_URL": url},
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
    assert done.returncode == 0, done.stderr
    assert "tiles drawn, 0 failed" in done.stdout
    assert list(settings.cache.rglob("8/*/*.png"))
