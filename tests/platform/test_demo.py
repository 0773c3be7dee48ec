"""What `make demo` leaves behind, seen from outside."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
import rasterio
from lxml import etree
from numpy.typing import NDArray
from owslib.iso import MD_Metadata
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService
from PIL import Image
from pystac.validation import validate_dict
from pystac_client import Client
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT
from rio_cogeo.cogeo import cog_validate

if TYPE_CHECKING:
    from tests.platform.conftest import Running

pytestmark = pytest.mark.platform

SAMPLE = "landsat8-itaipu"
BOX = (-54.8, -25.55, -54.3, -25.15)
"""West, south, east, north of a part of the southern scene, degrees."""


@pytest.fixture
def items(platform: "Running") -> list[dict[str, Any]]:
    client = Client.open(platform.url("api"))
    return list(client.search(collections=[SAMPLE]).items_as_dicts())


def test_the_first_demo_registers_and_the_second_changes_nothing(platform: "Running") -> None:
    assert "2 new, 0 changed" in platform.first_demo
    again = platform.swath("demo")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "0 new, 0 changed, 2 unchanged" in again.stdout
    assert "✗" not in platform.first_demo + again.stdout


def test_every_service_runs_and_is_told(platform: "Running") -> None:
    services = platform.status()
    assert list(services) == ["database", "prefect", "worker", "api", "tiles", "events"]
    assert {service["state"] for service in services.values()} == {"running"}
    assert all(service["pid"] for service in services.values())
    assert platform.swath("status").returncode == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"bbox": BOX}, {"224077", "224078"}),
        ({"bbox": (-54.3, -25.5, -54.25, -25.4)}, {"224078"}),
        ({"bbox": (10, 40, 11, 41)}, set()),
        ({"datetime": "2020-05-18"}, {"224077", "224078"}),
        ({"datetime": "2020-05-19/2020-06-01"}, set()),
        ({"query": ["eo:cloud_cover<10"]}, {"224077", "224078"}),
        ({"filter": '"eo:cloud_cover" > 50', "filter_lang": "cql2-text"}, set()),
        ({"filter": "\"landsat:wrs_row\" = '078'", "filter_lang": "cql2-text"}, {"224078"}),
    ],
)
def test_a_stac_client_finds_the_right_scenes(
    platform: "Running", query: dict[str, Any], expected: set[str]
) -> None:
    client = Client.open(platform.url("api"))
    found = client.search(collections=[SAMPLE], method="GET", **query).items()
    assert {item.id.split("_")[2] for item in found} == expected


def test_the_items_are_valid_and_whole(items: list[dict[str, Any]]) -> None:
    for item in items:
        core = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"
        assert core in validate_dict({**item, "stac_extensions": []})
        assert item["properties"]["datetime"] is None
        assert item["properties"]["start_datetime"] == "2020-05-18T00:00:00Z"
        assert item["properties"]["proj:code"] == "EPSG:32621"
        assert set(item["assets"]) == {"blue", "green", "red", "thumbnail"}
        for key in ("blue", "green", "red"):
            asset = item["assets"][key]
            (band,) = asset["bands"]
            assert band["eo:common_name"] == key
            assert 5000 < band["statistics"]["mean"] < 9000
            assert asset["nodata"] == 0
            assert asset["file:checksum"].startswith("1220")


def test_every_data_asset_is_a_valid_cog_that_is_read_over_http(
    items: list[dict[str, Any]],
) -> None:
    hrefs = [a["href"] for item in items for a in item["assets"].values() if "data" in a["roles"]]
    assert len(hrefs) == 6
    for href in hrefs:
        valid, errors, warnings = cog_validate(f"/vsicurl/{href}", quiet=True)
        assert (valid, errors, warnings) == (True, [], [])
        with rasterio.open(f"/vsicurl/{href}") as source:
            assert source.nodata == 0
            assert source.read(1, out_shape=(64, 64)).max() > 5000
    first = httpx.get(hrefs[0], headers={"Range": "bytes=0-99"})
    assert (first.status_code, len(first.content)) == (206, 100)


def test_the_iso_record_says_what_the_item_says(items: list[dict[str, Any]]) -> None:
    for item in items:
        (link,) = [link for link in item["links"] if link["rel"] == "alternate"]
        record = MD_Metadata(etree.fromstring(httpx.get(link["href"]).content))
        (identification,) = record.identification
        assert record.identifier == f"{SAMPLE}:{item['id']}"
        assert item["id"] in identification.title
        box = [float(getattr(identification.bbox, edge)) for edge in BOX_EDGES]
        assert box == pytest.approx(item["bbox"], abs=1e-4)
        assert identification.temporalextent_start.startswith("2020-05-18")
        assert identification.temporalextent_end.startswith("2020-05-18")
        online = {resource.url for resource in record.distribution.online}
        assert item["assets"]["red"]["href"] in online


BOX_EDGES = ("minx", "miny", "maxx", "maxy")


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_a_wms_map_shows_the_scenes(
    platform: "Running", items: list[dict[str, Any]], version: str
) -> None:
    wms = WebMapService(f"{platform.url('tiles')}/{SAMPLE}/service", version=version)
    assert SAMPLE in wms.contents
    answer = wms.getmap(
        layers=[SAMPLE],
        styles=[""],
        srs="EPSG:4326",
        bbox=BOX,
        size=(500, 400),
        format="image/png",
        transparent=True,
    )
    assert_looks_like(picture(answer.read()), items, "EPSG:4326", BOX)


@pytest.mark.filterwarnings("ignore:Truth-testing of elements:FutureWarning")  # OWSLib, of TIME
def test_a_wmts_tile_shows_the_scenes(platform: "Running", items: list[dict[str, Any]]) -> None:
    capabilities = f"{platform.url('tiles')}/{SAMPLE}/wmts/1.0.0/WMTSCapabilities.xml"
    wmts = WebMapTileService(capabilities)
    assert SAMPLE in wmts.contents
    import morecantile

    grid = morecantile.tms.get("WebMercatorQuad")
    tile = grid.tile(-54.5, -25.4, 10)
    base = f"{platform.url('tiles')}/{SAMPLE}"
    rest = httpx.get(f"{base}/wmts/{SAMPLE}/webmercator/{tile.z}/{tile.x}/{tile.y}.png")
    query = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": SAMPLE,
        "STYLE": "default",
        "FORMAT": "image/png",
        "TILEMATRIXSET": "webmercator",
        "TILEMATRIX": f"{tile.z:02d}",
        "TILEROW": str(tile.y),
        "TILECOL": str(tile.x),
    }
    kvp = httpx.get(f"{base}/service", params=query)
    assert kvp.status_code == 200, kvp.text
    assert kvp.content == rest.content
    bounds = tuple(grid.xy_bounds(tile))
    assert_looks_like(picture(rest.content), items, "EPSG:3857", bounds)


def picture(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(content)).convert("RGBA"))


def assert_looks_like(
    seen: NDArray[np.uint8],
    items: list[dict[str, Any]],
    crs: str,
    bounds: tuple[float, ...],
) -> None:
    """The picture's red follows the red band as GDAL warps it, and both are clear in one place."""
    rows, columns = seen.shape[:2]
    expected = np.zeros((rows, columns))
    for item in items:
        options = {
            "crs": crs,
            "transform": from_bounds(*bounds, columns, rows),
            "width": columns,
            "height": rows,
            "resampling": Resampling.bilinear,
        }
        with (
            rasterio.open(f"/vsicurl/{item['assets']['red']['href']}") as source,
            WarpedVRT(source, **options) as warped,
        ):
            expected = np.where(expected == 0, warped.read(1), expected)
    there, opaque = expected > 0, seen[..., 3] == 255
    assert (there == opaque).mean() > 0.99
    both = there & opaque & (expected > 5900) & (expected < 8900)
    assert both.mean() > 0.3
    assert np.corrcoef(expected[both], seen[..., 0][both])[0, 1] > 0.9


def test_the_prefect_ui_shows_items_picture_and_links(platform: "Running") -> None:
    api = f"{platform.url('prefect')}/api"
    artifacts = {
        artifact["key"]: artifact
        for artifact in httpx.post(f"{api}/artifacts/latest/filter", json={}).json()
    }
    table = artifacts[f"{SAMPLE}-items"]
    assert table["type"] == "table"
    quicklook = artifacts[f"{SAMPLE}-quicklook"]["data"]
    assert httpx.get(quicklook).headers["content-type"] == "image/png"
    assert "/collections/" in artifacts[f"{SAMPLE}-progress"]["data"]
