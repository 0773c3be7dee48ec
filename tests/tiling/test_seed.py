"""Seeding and purging through a real server, on real files."""

from typing import Any

import httpx
import morecantile
import pytest
from typer.testing import CliRunner

from infrastructure.errors import NotFound, Unreachable
from infrastructure.settings import TilesSettings
from tiling.cache import purge
from tiling.cli import app
from tiling.seed import blocks, seed
from tiling.services import extent

GRID = morecantile.tms.get("WebMercatorQuad")


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


def test_list_and_purge_commands(
    url: str, client: httpx.Client, settings: TilesSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWATH_TILES_URL", url)
    monkeypatch.setenv("SWATH_TILES_CACHE", str(settings.cache))
    monkeypatch.setenv("COLUMNS", "300")
    listed = CliRunner().invoke(app, ["list"], catch_exceptions=False)
    assert "landsat__ratio" in listed.stdout
    assert client.get("/landsat/wmts/landsat/webmercator/9/277/184.png").status_code == 200
    purged = CliRunner().invoke(app, ["purge", "landsat"], catch_exceptions=False)
    assert purged.stdout.endswith("tiles removed\n")
    assert not list(settings.cache.rglob("*.png"))
