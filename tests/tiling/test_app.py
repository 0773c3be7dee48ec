"""The tile service over HTTP, with MapProxy inside and real files behind it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import morecantile
import numpy as np
import pytest
from lxml import etree
from numpy.typing import NDArray
from PIL import Image
from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from infrastructure.catalogue import ItemAssets
from infrastructure.settings import TilesSettings
from tiling.app import TileService
from tiling.maps import POLL, Maps
from tiling.render import draw
from tiling.style import Style
from tiling.view import View

GRID = morecantile.tms.get("WebMercatorQuad")
HERE = (15.15, 45.05)
"""Inside both scenes: longitude, latitude."""
Pictures = Callable[..., NDArray[np.uint8]]
WMS = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "landsat",
    "STYLES": "",
    "CRS": "EPSG:4326",
    "BBOX": "44.9,15.0,45.2,15.4",
    "WIDTH": "80",
    "HEIGHT": "60",
    "FORMAT": "image/png",
    "TRANSPARENT": "true",
}
OLD = {key: value for key, value in WMS.items() if key != "CRS"} | {
    "VERSION": "1.1.1",
    "SRS": "EPSG:4326",
    "BBOX": "15.0,44.9,15.4,45.2",
}
TILE = {
    "SERVICE": "WMTS",
    "VERSION": "1.0.0",
    "REQUEST": "GetTile",
    "LAYER": "landsat",
    "STYLE": "default",
    "TILEMATRIXSET": "webmercator",
    "FORMAT": "image/png",
}


def tile_path(zoom: int, layer: str = "landsat", at: tuple[float, float] = HERE) -> str:
    tile = GRID.tile(*at, zoom)
    return f"/landsat/wmts/{layer}/webmercator/{zoom}/{tile.x}/{tile.y}.png"


def code(response: httpx.Response) -> str | None:
    """The code of an OGC exception report, of whichever protocol."""
    root = etree.fromstring(response.content)
    for element in root.iter():
        found = element.get("exceptionCode") or element.get("code")
        if found:
            return str(found)
    return None


def test_the_root_lists_what_has_a_map(client: httpx.Client) -> None:
    (collection,) = client.get("/").json()["collections"]
    assert collection["id"] == "landsat"
    assert collection["title"] == "Land & water <8>"
    assert [layer["name"] for layer in collection["layers"]] == [
        "landsat",
        "landsat__rgb",
        "landsat__ratio",
        "landsat__near",
    ]
    tiles = collection["layers"][0]["tiles"]
    assert tiles == "http://tiles.test/landsat/wmts/landsat/webmercator/{z}/{x}/{y}.png"
    for address in (collection["wms"], collection["wmts"]):
        assert etree.fromstring(client.get(address).content) is not None
    assert client.get("/landsat").json() == collection


def test_addresses_follow_the_proxy(client: httpx.Client) -> None:
    headers = {
        "X-Forwarded-Host": "maps.example",
        "X-Forwarded-Proto": "https",
        "X-Script-Name": "/tiles",
    }
    document = client.get("/", headers=headers).json()
    assert document["collections"][0]["wmts"].startswith("https://maps.example/tiles/landsat/wmts/")
    capabilities = client.get("/landsat/wmts/1.0.0/WMTSCapabilities.xml", headers=headers).text
    assert "https://maps.example/tiles/landsat/wmts/landsat/{TileMatrixSet}" in capabilities


@pytest.mark.parametrize("zoom", [7, 11, 15])
def test_a_tile_is_the_renderers_picture(
    picture: Pictures, scenes: list[ItemAssets], zoom: int
) -> None:
    tile = picture(tile_path(zoom))
    bounds = GRID.xy_bounds(GRID.tile(*HERE, zoom))
    view = View(tuple(bounds), CRS.from_epsg(3857), 256, 256)
    style = Style.parse({"assets": ["B4", "B3", "B2"], "rescale": [[0, 10000]]})
    drawn = draw(scenes, style, view)
    assert drawn is not None
    off = np.abs(tile.astype(int) - drawn).max(axis=-1) > 2
    assert off.mean() < 2e-3
    assert len(np.unique(tile[..., :3].reshape(-1, 3), axis=0)) > 256 or zoom == 7, "not paletted"
    assert not tile[tile[..., 3] == 0, :3].any()


def test_adjacent_metatiles_have_no_seam(picture: Pictures, scenes: list[ItemAssets]) -> None:
    zoom = 13
    tile = GRID.tile(*HERE, zoom)
    x, y = tile.x // 2 * 2 + 1, tile.y
    path = "/landsat/wmts/landsat/webmercator/{}/{}/{}.png"
    joined = np.concatenate(
        [picture(path.format(zoom, x, y)), picture(path.format(zoom, x + 1, y))], axis=1
    )
    left, right = (GRID.xy_bounds(morecantile.Tile(x + n, y, zoom)) for n in (0, 1))
    view = View((left[0], left[1], right[2], left[3]), CRS.from_epsg(3857), 512, 256)
    whole = draw(scenes, Style.parse({"assets": ["B4", "B3", "B2"], "rescale": [[0, 10000]]}), view)
    assert whole is not None
    assert np.abs(joined.astype(int) - whole).max() <= 2


def test_rest_and_kvp_and_cached_bytes_are_equal(
    client: httpx.Client, memory: Any, settings: TilesSettings
) -> None:
    tile = GRID.tile(*HERE, 10)
    first = client.get(tile_path(10))
    again = client.get(tile_path(10))
    kvp = TILE | {"TILEMATRIX": "10", "TILEROW": str(tile.y), "TILECOL": str(tile.x)}
    by_key = client.get("/landsat/service", params=kvp)
    other_name = client.get(tile_path(10, "landsat__rgb"))
    assert first.content == again.content == by_key.content == other_name.content
    assert memory.questions == 1
    file = settings.cache / f"landsat/1/landsat__rgb/webmercator/10/{tile.x}/{tile.y}.png"
    assert file.read_bytes() == first.content


def test_the_tiles_of_a_metatile_cost_one_question(client: httpx.Client, memory: Any) -> None:
    tile = GRID.tile(*HERE, 12)
    x, y = tile.x // 2 * 2, tile.y // 2 * 2
    for column, row in ((0, 0), (0, 1), (1, 0), (1, 1)):
        path = f"/landsat/wmts/landsat/webmercator/12/{x + column}/{y + row}.png"
        assert client.get(path).status_code == 200
    assert memory.questions == 1


def test_concurrent_requests_draw_once(service: TileService, memory: Any) -> None:
    gate = threading.Barrier(6)

    def get() -> int:
        transport = httpx.WSGITransport(app=service)
        with httpx.Client(transport=transport, base_url="http://tiles.test") as client:
            gate.wait()
            return client.get(tile_path(11)).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = [future.result() for future in [pool.submit(get) for _ in range(6)]]
    assert codes == [200] * 6
    assert memory.questions == 1


def test_empty_places_are_clear_and_kept(
    client: httpx.Client, picture: Pictures, memory: Any
) -> None:
    corner = (15.005, 44.97)  # in the extent, left of the collar
    for _ in range(2):
        assert not picture(tile_path(15, at=corner))[..., 3].any()
    assert memory.questions == 1
    assert not picture(tile_path(10, at=(100.0, -40.0)))[..., 3].any()
    assert memory.questions == 1, "outside the extent the catalogue is not asked"
    assert client.get("/landsat/wmts/landsat/wgs84/3/8/1.png").status_code == 200


def test_levels_below_the_renders_own_are_empty_and_cost_nothing(
    picture: Pictures, memory: Any
) -> None:
    assert not picture(tile_path(8, "landsat__near"))[..., 3].any()
    assert memory.questions == 0
    assert picture(tile_path(9, "landsat__near"))[..., 3].any()
    assert picture(tile_path(17, "landsat__near"))[..., 3].all(), "past the last level it grows"


def test_axis_order_of_wms(picture: Pictures) -> None:
    new = picture("/landsat/service", **WMS)
    assert new.shape == (60, 80, 4)
    assert new[..., 3].any()
    assert not new[..., 3].all()
    assert np.array_equal(new, picture("/landsat/service", **OLD))
    eighty_four = WMS | {"CRS": "CRS:84", "BBOX": OLD["BBOX"]}
    assert np.array_equal(new, picture("/landsat/service", **eighty_four))
    box = transform_bounds("OGC:CRS84", "EPSG:3857", 15.0, 44.9, 15.4, 45.2)
    mercator = {"CRS": "EPSG:3857", "BBOX": ",".join(map(str, box))}
    other = picture("/landsat/service", **(WMS | mercator))
    assert (other[..., 3] == new[..., 3]).mean() > 0.97
    utm = {"CRS": "EPSG:32633", "BBOX": "503000,4980000,519000,4998000"}
    assert picture("/landsat/service", **(WMS | utm))[..., 3].mean() > 200


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_other_formats(client: httpx.Client, kind: str) -> None:
    response = client.get("/landsat/service", params=WMS | {"FORMAT": f"image/{kind}"})
    assert response.headers["content-type"] == f"image/{kind}"
    with Image.open(BytesIO(response.content)) as image:
        assert (image.format or "").lower() == kind


@pytest.mark.parametrize(
    "path",
    [
        "/landsat/service?SERVICE=WMS&REQUEST=GetCapabilities",
        "/landsat/service?SERVICE=WMS&VERSION=1.1.1&REQUEST=GetCapabilities",
        "/landsat/service?SERVICE=WMTS&REQUEST=GetCapabilities",
        "/landsat/wmts/1.0.0/WMTSCapabilities.xml",
    ],
)
def test_capabilities_carry_the_collections_words(client: httpx.Client, path: str) -> None:
    # An unknown version first: MapProxy must not forget its own by it.
    client.get("/landsat/service?SERVICE=WMS&VERSION=1.2.0&REQUEST=GetCapabilities")
    response = client.get(path)
    assert response.status_code == 200
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(response.content, parser)
    texts = {text.strip() for text in root.itertext()}
    assert {
        "Land & water <8>",
        'Two "scenes" & more.',
        "Survey & co",
        "landsat__ratio",
    } <= texts
    assert b"http://tiles.test/landsat/" in response.content


BAD = [
    (WMS | {"BBOX": "1,2,3"}, "InvalidParameterValue"),
    (WMS | {"BBOX": "a,b,c,d"}, "InvalidParameterValue"),
    (WMS | {"BBOX": "nan,1,2,3"}, "InvalidParameterValue"),
    (WMS | {"BBOX": "3,3,1,1"}, "InvalidParameterValue"),
    (OLD | {"BBOX": "1,2"}, "InvalidParameterValue"),
    (WMS | {"BBOX": ""}, "MissingParameterValue"),
    (WMS | {"WIDTH": "abc"}, "InvalidParameterValue"),
    (WMS | {"HEIGHT": "0"}, "InvalidParameterValue"),
    (WMS | {"WIDTH": "90000", "HEIGHT": "90000"}, "InvalidParameterValue"),
    (WMS | {"BGCOLOR": "red"}, "InvalidParameterValue"),
    (WMS | {"TIME": "foo"}, "InvalidDimensionValue"),
    (WMS | {"VERSION": "one"}, "InvalidParameterValue"),
    (WMS | {"LAYERS": "nothing"}, "LayerNotDefined"),
    (WMS | {"LAYERS": "nothing", "EXCEPTIONS": "INIMAGE"}, "LayerNotDefined"),
    (WMS | {"STYLES": "nothing"}, "StyleNotDefined"),
    (WMS | {"FORMAT": "image/nothing"}, "InvalidFormat"),
    (WMS | {"CRS": "EPSG:99999"}, "InvalidCRS"),
    (WMS | {"CRS": "nothing"}, "InvalidCRS"),
    (OLD | {"SRS": "nothing"}, "InvalidSRS"),
    (WMS | {"REQUEST": "GetFeatureInfo", "I": "x"}, "LayerNotQueryable"),
    (WMS | {"LONG": "x" * 10000}, "InvalidParameterValue"),
    (TILE | {"TILEMATRIX": "a", "TILEROW": "1", "TILECOL": "1"}, "InvalidParameterValue"),
    (TILE | {"TILEMATRIX": "99", "TILEROW": "1", "TILECOL": "1"}, "InvalidParameterValue"),
    (TILE | {"TILEMATRIX": "5", "TILEROW": "1", "TILECOL": "x"}, "InvalidParameterValue"),
    (TILE | {"TILEMATRIX": "5", "TILEROW": "99", "TILECOL": "1"}, "TileOutOfRange"),
    (TILE | {"TILEMATRIX": "5", "TILEROW": "1"}, "MissingParameterValue"),
    (
        TILE | {"TILEMATRIX": "5", "TILEROW": "1", "TILECOL": "1", "LAYER": "nothing"},
        "InvalidParameterValue",
    ),
    ({"SERVICE": "nothing"}, "InvalidParameterValue"),
    ({}, "MissingParameterValue"),
]


@pytest.mark.parametrize(("params", "expected"), BAD)
def test_bad_parameters_are_the_clients_fault(
    client: httpx.Client, params: dict[str, str], expected: str
) -> None:
    response = client.get("/landsat/service", params=params)
    assert response.status_code == 400
    assert code(response) == expected
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "rest",
    [
        "landsat/webmercator/a/1/1.png",
        "landsat/webmercator/99/1/1.png",
        "landsat/webmercator/5/99/1.png",
        "landsat/webmercator/5/1/1.gif",
        "landsat/webmercator/5/1/1",
        "landsat/nothing/5/1/1.png",
        "nothing/webmercator/5/1/1.png",
        "",
    ],
)
def test_bad_tile_addresses_are_the_clients_fault(client: httpx.Client, rest: str) -> None:
    response = client.get(f"/landsat/wmts/{rest}")
    assert response.status_code == 400
    assert code(response) in ("InvalidParameterValue", "TileOutOfRange")


def test_unknown_dimensions_make_no_caches(client: httpx.Client, settings: TilesSettings) -> None:
    for extra in ({"TIME": "1999"}, {"DIM_FOO": "../../x"}, {"elevation": "7"}):
        assert client.get("/landsat/service", params=WMS | extra).status_code == 200
    names = {path.name for path in settings.cache.rglob("*") if path.is_dir()}
    assert not [name for name in names if name.lower().startswith(("time", "dim", "elev"))]


def test_methods_and_validators(client: httpx.Client) -> None:
    path = tile_path(10)
    got = client.get(path)
    assert got.headers["cache-control"] == "public, max-age=60"
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    tag = got.headers["etag"]
    assert tag.startswith('"')
    for wanted in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        assert client.get(path, headers={"If-None-Match": wanted}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.post(path).status_code == 405
    options = client.options(path)
    assert options.status_code == 204
    assert options.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert client.get("/nothing").status_code == 404


def test_a_failure_is_503_and_not_kept(
    client: httpx.Client, memory: Any, scenes: list[ItemAssets], settings: TilesSettings
) -> None:
    gone = {"B4": "file:///secret/place.tif?token=1", "B3": "x", "B2": "x"}
    memory.items.insert(0, ItemAssets("gone", scenes[0].bbox, gone))
    for response in (client.get(tile_path(10)), client.get("/landsat/service", params=WMS)):
        assert response.status_code == 503
        assert code(response) == "NoApplicableCode"
        assert "secret" not in response.text
        assert response.headers["cache-control"] == "no-store"
    assert not list(settings.cache.rglob("*.png"))
    memory.items.pop(0)
    assert client.get(tile_path(10)).status_code == 200


class Watch:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def service(memory: Any, settings: TilesSettings, watch: Watch) -> TileService:
    return TileService(Maps(lambda: memory, settings, watch))


def test_changes_of_the_catalogue_show_without_a_restart(
    client: httpx.Client,
    memory: Any,
    watch: Watch,
    scenes: list[ItemAssets],
    settings: TilesSettings,
) -> None:
    memory.items[:] = scenes[:1]
    before = client.get(tile_path(9))
    memory.items[:] = scenes
    for _ in range(3):
        memory.put(memory.documents["landsat"])
        watch.now += POLL
        after = client.get(tile_path(9))
    assert after.content != before.content
    assert after.headers["etag"] != before.headers["etag"]
    kept = sorted(path.name for path in (settings.cache / "landsat").iterdir())
    assert kept == ["3", "4"], "older trees are swept"

    new = deepcopy(memory.documents["landsat"]) | {"id": "fresh"}
    memory.put(new)
    assert client.get("/fresh").status_code == 404
    watch.now += POLL
    assert client.get("/fresh").status_code == 200
    assert client.get(tile_path(9).replace("landsat", "fresh")).status_code == 200
    assert list((settings.cache / "fresh").rglob("*.png"))
    del memory.versions["fresh"]
    watch.now += POLL
    assert client.get("/fresh").status_code == 404
    assert not list((settings.cache / "fresh").rglob("*.png"))


def test_a_broken_collection_affects_only_itself(
    client: httpx.Client, memory: Any, watch: Watch
) -> None:
    assert client.get(tile_path(9)).status_code == 200
    good = memory.documents["landsat"]
    never = deepcopy(good) | {"id": "never", "renders": {"x": {"assets": ["a"], "nodata": "?"}}}
    odd = deepcopy(good) | {"id": "odd", "extent": {}}
    bare = {key: value for key, value in good.items() if key != "renders"} | {"id": "bare"}
    for document in (never, odd, bare):
        memory.put(document)
    memory.put(good | {"renders": {"rgb": {"assets": []}}})
    watch.now += POLL

    assert client.get(tile_path(10)).status_code == 200, "the last good one stays in service"
    assert client.get("/never").status_code == 503
    assert "nodata" in client.get("/never/service", params=WMS).text
    assert client.get("/odd").status_code == 503
    assert client.get("/bare").status_code == 404
    health = client.get("/health")
    assert health.status_code == 200
    assert health.json()["status"] == "degraded"
    assert set(health.json()["broken"]) == {"landsat", "never", "odd"}
    assert [c["id"] for c in client.get("/").json()["collections"]] == ["landsat"]

    memory.put(good)
    watch.now += POLL
    assert "landsat" not in client.get("/health").json()["broken"]
    memory.put(good | {"renders": {}})
    watch.now += POLL
    assert client.get("/landsat").status_code == 404, "without renders there is no map"


def test_tiles_are_served_while_the_catalogue_is_away(
    client: httpx.Client, memory: Any, watch: Watch
) -> None:
    memory.down = True
    assert client.get("/landsat").status_code == 503
    health = client.get("/health")
    assert health.status_code == 503
    assert health.json()["catalogue"] == "the catalogue does not answer"
    memory.down = False
    watch.now += POLL
    kept = client.get(tile_path(9))
    memory.down = True
    watch.now += POLL
    assert client.get(tile_path(9)).content == kept.content
    assert client.get(tile_path(14)).status_code == 503
    assert client.get("/health").json()["status"] == "failing"


def test_the_plug_in_is_known_to_mapproxy(tmp_path: Path) -> None:
    """As an entry point, so that a stock MapProxy finds it too."""
    from mapproxy.config.loader import load_configuration

    conf = tmp_path / "mapproxy.yaml"
    conf.write_text(
        "services: {wmts: {}}\n"
        "layers: [{name: l, title: l, sources: [c]}]\n"
        "caches: {c: {grids: [GLOBAL_WEBMERCATOR], sources: [s]}}\n"
        "sources: {s: {type: swath, collection: landsat, render: {assets: [B4]}}}\n",
        "utf-8",
    )
    loaded = load_configuration(str(conf))
    with loaded:
        (layer,) = loaded.layers["l"].tile_layers()
    assert type(layer.tile_manager.sources[0]).__name__ == "CatalogueSource"
