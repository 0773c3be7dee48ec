"""Trees of tiles are removed while tiles are drawn, kept and read."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count, cycle
from pathlib import Path
from typing import Any

import httpx
import morecantile
import pytest

from infrastructure.catalogue import ItemAssets
from infrastructure.settings import TilesSettings
from tiling.app import TileService, create_app
from tiling.cache import held, keep, purge
from tiling.maps import POLL, Maps

GRID = morecantile.tms.get("WebMercatorQuad")
BOX = (14.9, 44.9, 15.4, 45.2)
TILES = [
    f"/landsat/wmts/landsat/webmercator/{t.z}/{t.x}/{t.y}.png"
    for t in GRID.tiles(*BOX, zooms=[4, 9, 10])
]
HERE = GRID.tile(15.15, 45.05, 9)
TILE = f"/landsat/wmts/landsat/webmercator/{HERE.z}/{HERE.x}/{HERE.y}.png"
"""It shows both scenes."""
WMS = (
    "/landsat/service?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=landsat&STYLES="
    "&CRS=EPSG:3857&BBOX=1660000,5600000,1715000,5650000&WIDTH=150&HEIGHT=140&FORMAT=image/png"
)


def opened(service: TileService) -> httpx.Client:
    transport = httpx.WSGITransport(app=service)
    return httpx.Client(transport=transport, base_url="http://tiles.test")


@pytest.fixture
def hasty(memory: Any, settings: TilesSettings) -> TileService:
    """A service that asks for the versions at every request."""
    ticks = count()
    return TileService(Maps(lambda: memory, settings, lambda: next(ticks) * POLL))


def test_every_request_is_answered_while_trees_are_removed(
    hasty: TileService,
    memory: Any,
    settings: TilesSettings,
    scenes: list[ItemAssets],
    tmp_path: Path,
) -> None:
    done = threading.Event()

    def ask(paths: list[str]) -> list[str]:
        with opened(hasty) as client:
            answers = [(path, client.get(path)) for path in paths]
        return [f"{path}: {a.status_code} {a.text}" for path, a in answers if a.status_code != 200]

    def change() -> None:
        for items in cycle((scenes[:1], [], scenes)):
            memory.items = list(items)
            memory.put(memory.documents["landsat"])
            if done.wait(0.02):
                return

    def remove() -> None:
        while not done.wait(0.003):
            purge(settings.cache, "landsat")

    with ThreadPoolExecutor(5) as pool:
        others = [pool.submit(change), pool.submit(remove)]
        asked = [pool.submit(ask, [*TILES, WMS, *TILES] * 2) for _ in range(3)]
        try:
            failed = [line for future in asked for line in future.result()]
        finally:
            done.set()
        for other in others:
            other.result()
    assert failed == []
    assert_fresh(hasty, memory, settings.model_copy(update={"cache": tmp_path / "fresh"}))


def assert_fresh(service: TileService, memory: Any, elsewhere: TilesSettings) -> None:
    """Every picture is that of a service that begins with an empty folder."""
    with opened(service) as client, opened(create_app(lambda: memory, elsewhere)) as fresh:
        for path in (*TILES, WMS):
            assert client.get(path).content == fresh.get(path).content, path


def test_a_picture_of_before_the_purge_is_answered_but_not_kept(
    service: TileService,
    memory: Any,
    settings: TilesSettings,
    monkeypatch: pytest.MonkeyPatch,
    scenes: list[ItemAssets],
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    covering: Callable[..., list[ItemAssets]] = memory.assets_covering

    def slow(*question: Any, **more: Any) -> list[ItemAssets]:
        found = covering(*question, **more)
        asked.set()
        assert go_on.wait(30)
        return found

    memory.items = scenes[:1]
    with opened(service) as client, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(memory, "assets_covering", slow)
        before = pool.submit(client.get, TILE)
        assert asked.wait(30)
        monkeypatch.undo()
        memory.items = scenes
        purge(settings.cache, "landsat")
        go_on.set()
        assert before.result().status_code == 200
        assert client.get(TILE).content != before.result().content
    assert not list(settings.cache.glob("landsat/.*")), "nothing is left of the removed tree"


def test_versions_that_start_anew_find_no_old_tiles(
    hasty: TileService, memory: Any, settings: TilesSettings, scenes: list[ItemAssets]
) -> None:
    memory.versions["landsat"] = 7
    with opened(hasty) as client:
        before = client.get(TILE)
        memory.items = scenes[1:]
        memory.versions["landsat"] = 6
        assert client.get(TILE).content != before.content
        memory.versions["landsat"] = 7
        assert client.get(TILE).content != before.content
    assert (settings.cache / "landsat/7").is_dir()


def test_a_tile_is_answered_where_nothing_can_be_kept(
    service: TileService, settings: TilesSettings
) -> None:
    (settings.cache / "landsat").mkdir(parents=True)
    (settings.cache / "landsat/1").write_text("a file in the way", "utf-8")
    with opened(service) as client:
        assert client.get(TILE).status_code == 200
        assert client.get(WMS).status_code == 200


def test_files_go_with_the_folder_that_was_held(tmp_path: Path) -> None:
    place = tmp_path / "1/grid"
    with held(place) as folder:
        assert folder is not None
        assert keep(folder, "3/4/5.png", b"one", "single/0.png")
        assert keep(folder, "3/4/6.png", b"one", "single/0.png")
        assert (place / "3/4/5.png").samefile(place / "3/4/6.png")
        (tmp_path / "1").rename(tmp_path / "gone")
        with held(place):
            assert keep(folder, "3/4/7.png", b"two")
        assert (tmp_path / "gone/grid/3/4/7.png").read_bytes() == b"two"
        assert not list(place.iterdir())
