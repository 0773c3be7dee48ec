"""Seeding and purging through a real server, on real files."""

from collections.abc import Iterator
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import morecantile
import pytest

from infrastructure.errors import NotFound, Unreachable
from infrastructure.settings import TilesSettings
from tiling.app import TileService
from tiling.cache import purge
from tiling.seed import blocks, seed
from tiling.services import extent

GRID = morecantile.tms.get("WebMercatorQuad")


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
        """Say nothing."""


@pytest.fixture
def url(service: TileService) -> Iterator[str]:
    with make_server("127.0.0.1", 0, service, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "box", [(14.9, 44.9, 15.4, 45.2), (-180, -90, 180, 90), (175, -20, -175, -10)]
)
def test_blocks_count_each_tile_once(box: tuple[float, float, float, float]) -> None:
    for zoom in (0, 1, 4, 7):
        found = list(blocks(box, range(zoom, zoom + 1)))
        assert len({(b.x // 2, b.y // 2) for b in found}) == len(found) or zoom == 1
        west, south, east, north = box
        halves = [box] if west < east else [(west, south, 180, north), (-180, south, east, north)]
        tiles = {
            (t.x, t.y) for half in halves for t in GRID.tiles(*half, zooms=[zoom], truncate=True)
        }
        assert sum(b.tiles for b in found) == len(tiles)


def test_seed_fills_the_cache_and_purge_empties_it(
    url: str, memory: Any, settings: TilesSettings, client: httpx.Client
) -> None:
    (box,) = extent(memory.documents["landsat"])
    seen: list[tuple[int, int]] = []
    result = seed(url, "landsat", box, 9, 11, lambda *state: seen.append(state))

    tiles = len(list(GRID.tiles(*box, zooms=[9, 10, 11])))
    assert (result.tiles, result.failed) == (3 * tiles, 0)
    assert seen[-1] == (3 * tiles, 3 * tiles)
    for layer in ("rgb", "ratio", "near"):
        for tile in GRID.tiles(*box, zooms=[9, 10, 11]):
            folder = settings.cache / f"landsat/1/landsat__{layer}/webmercator/{tile.z}"
            assert (folder / f"{tile.x}/{tile.y}.png").is_file()
    questions = memory.questions
    tile = next(GRID.tiles(*box, zooms=[11]))
    path = f"/landsat/wmts/landsat/webmercator/11/{tile.x}/{tile.y}.png"
    assert client.get(path).status_code == 200
    assert memory.questions == questions

    assert purge(settings.cache, "landsat") >= 3 * tiles
    assert not list(settings.cache.rglob("*.png"))
    assert client.get(path).status_code == 200
    assert memory.questions == questions + 1


def test_failures_are_counted(url: str, memory: Any) -> None:
    (box,) = extent(memory.documents["landsat"])
    memory.items = [
        type(item)(item.id, item.bbox, dict.fromkeys(item.hrefs, "file:///gone"))
        for item in memory.items
    ]
    result = seed(url, "landsat", box, 9, 9)
    tiles = len(list(GRID.tiles(*box, zooms=[9])))
    assert (result.tiles, result.failed) == (0, 3 * tiles)


def test_no_map_and_no_server(url: str) -> None:
    with pytest.raises(NotFound):
        seed(url, "nothing", (0, 0, 1, 1), 0, 1)
    with pytest.raises(Unreachable):
        seed("http://127.0.0.1:9", "landsat", (0, 0, 1, 1), 0, 1)
