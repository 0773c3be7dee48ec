"""TIME: by its text, through every service, in the capabilities and over the real catalogue."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from lxml import etree
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService
from PIL import Image

from infrastructure.catalogue import Catalogue, ItemAssets
from infrastructure.entry import Entry
from infrastructure.register import register
from infrastructure.settings import TilesSettings
from tiling.times import Moment, moment, named

DAYS = [date(2024, 5, 30), date(2024, 6, 1), date(2024, 6, 20), date(2025, 1, 1)]
FIRST, SECOND = date(2024, 5, 30), date(2024, 6, 20)
TILE = "webmercator/9/277/184.png"
KEY = {
    "SERVICE": "WMTS",
    "VERSION": "1.0.0",
    "REQUEST": "GetTile",
    "LAYER": "landsat",
    "STYLE": "default",
    "TILEMATRIXSET": "webmercator",
    "TILEMATRIX": "9",
    "TILECOL": "277",
    "TILEROW": "184",
    "FORMAT": "image/png",
}
MAP = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "landsat",
    "STYLES": "",
    "CRS": "EPSG:3857",
    "BBOX": "1643787,5557447,1722058,5635718",
    "WIDTH": "256",
    "HEIGHT": "256",
    "FORMAT": "image/png",
    "TRANSPARENT": "true",
}


@pytest.mark.parametrize(
    ("text", "name", "nearest"),
    [
        ("default", None, False),
        ("current", "2025-01-01", False),
        ("2024-06-01", "2024-06-01", False),
        ("2024-06-01T23:59:59.5Z", "2024-06-01", False),
        ("2024-06-02T01:30:00+02:00", "2024-06-01", False),
        ("2024-06-03", "2024-06-01", True),
        ("1999-01-01", "2024-05-30", True),
        ("9999-12-31", "2025-01-01", True),
        ("2024-06", "2024-06", False),
        ("2024", "2024", False),
        ("2024-06-01/2024-06-30", "2024-06", False),
        ("2024-06/2024-06/P1D", "2024-06", False),
        ("2024-01-01/2024-12-31", "2024", False),
        ("2024-06-01T00:00:00Z/2024-06-01T23:59:59Z", "2024-06-01", False),
        ("2024-06-01/2024-06-20", "2024-06-01_2024-06-20", False),
        ("2024-06-03/2024-06-03", "2024-06-03_2024-06-03", False),
        ("2023", "2023-01-01_2023-12-31", False),
        ("../2024-06-01", "0001-01-01_2024-06-01", False),
        ("2024-06-20/current", "2024-06-20_2025-01-01", False),
        ("2024-05-30/..", None, False),
        ("2000/2100", None, False),
    ],
)
def test_every_way_to_say_a_period_has_one_name(text: str, name: str | None, nearest: bool) -> None:
    assert moment(text, DAYS) == Moment(name, nearest)
    if name:
        assert named(name).name in (name, name.partition("_")[0], "2023")
    assert moment(text, []) == Moment()


BAD = [
    "foo",
    "2024-13",
    "2024-02-30",
    "2024-06-02/2024-06-01",
    "a/b",
    "1/2/3/4",
    "0001-01-01T00+01:00",
]
BAD += ["2024-06-01/2024-06-02/P", "2024-06-01,2024-06-02", "../../etc", "20240601", "0000", "/"]


@pytest.mark.usefixtures("dated")
@pytest.mark.parametrize("text", BAD)
def test_what_is_no_time_is_told(client: httpx.Client, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(text, DAYS)
    for params, code in ((MAP, "InvalidDimensionValue"), (KEY, "InvalidParameterValue")):
        response = client.get("/landsat/service", params=params | {"TIME": text})
        assert response.status_code == 400
        assert code in response.text
    for old in ("1.1.1", "1.3.0"):
        versioned = MAP | {"VERSION": old, "SRS": "EPSG:3857", "TIME": text}
        response = client.get("/landsat/service", params=versioned)
        assert (response.status_code, "InvalidDimensionValue" in response.text) == (400, True)


@pytest.fixture
def dated(memory: Any) -> Any:
    """The first scene is of the first day, the second of the second."""
    memory.dates = {"scene-0": FIRST, "scene-1": SECOND}
    return memory


def shown(response: httpx.Response) -> int:
    """How many pixels of a picture show something."""
    assert response.status_code == 200, response.text
    with Image.open(BytesIO(response.content)) as image:
        return int(np.count_nonzero(np.asarray(image)[..., 3]))


@pytest.mark.usefixtures("dated")
def test_each_service_shows_the_day(client: httpx.Client, settings: TilesSettings) -> None:
    both = client.get(f"/landsat/wmts/landsat/{TILE}")
    first = client.get("/landsat/service", params=KEY | {"TIME": "2024-05-30"})
    second = client.get("/landsat/service", params=KEY | {"time": "current"})
    assert 0 < shown(first) < shown(both)
    assert first.content != second.content
    same = [
        client.get(f"/landsat/wmts/landsat/{TILE}", params={"TIME": "2024-05-30T10:00:00Z"}),
        client.get(f"/landsat/wmts/landsat/2024-05-30/{TILE}"),
        client.get(f"/landsat/wmts/landsat/2024-05-30/2024-05-30/{TILE}"),
        client.get(f"/landsat/wmts/landsat/2024-05/{TILE}"),
    ]
    assert {response.content for response in same} == {first.content}
    assert client.get(f"/landsat/wmts/landsat/default/{TILE}").content == both.content
    assert client.get(f"/landsat/wmts/landsat/2024/{TILE}").content == both.content
    one = client.get("/landsat/service", params=MAP | {"TIME": "2024-05-30"})
    assert 0 < shown(one) < shown(client.get("/landsat/service", params=MAP))
    folder = settings.cache / "landsat/1/landsat__rgb/webmercator"
    assert (folder / "time-2024-05-30/9/277/184.png").read_bytes() == first.content
    assert (folder / "9/277/184.png").read_bytes() == both.content


@pytest.mark.usefixtures("dated")
def test_the_nearest_day_is_told(client: httpx.Client) -> None:
    near = client.get("/landsat/service", params=MAP | {"TIME": "2024-06-01"})
    assert near.headers["warning"] == '99 - "Nearest value used: time=2024-05-30 ISO8601"'
    exact = client.get("/landsat/service", params=MAP | {"TIME": "2024-05-30"})
    assert "warning" not in exact.headers
    assert near.content == exact.content


def test_days_are_asked_for_once(client: httpx.Client, dated: Any) -> None:
    params = KEY | {"TIME": "2024-05-30"}
    assert client.get("/landsat/service", params=params).status_code == 200
    asked = dated.questions
    assert client.get("/landsat/service", params=params | {"TIME": "2024-05"}).status_code == 200
    assert dated.questions == asked + 1, "a month is kept by its own name"
    assert client.get("/landsat/service", params=params).status_code == 200
    assert dated.questions == asked + 1


@pytest.mark.usefixtures("dated")
def test_no_time_makes_the_cache_grow_without_end(
    client: httpx.Client, settings: TilesSettings
) -> None:
    draw = np.random.default_rng(1)
    for start, length in draw.integers(0, 3_000_000, (60, 2)) // (1, 3000):
        day = date(1, 1, 1) + timedelta(days=int(start))
        end = day + timedelta(days=int(length))
        for text in (f"{day}", f"{day}/{end}", day.isoformat()[:7], day.isoformat()[:4]):
            params = KEY | {"TIME": text, f"DIM_{start}": text}
            assert client.get("/landsat/service", params=params).status_code in (200, 400)
    names = {path.name for path in settings.cache.rglob("time-*")}
    allowed = {"2024-05-30", "2024-06-20", "2024-05", "2024-06", "2024"}
    assert names <= {f"time-{name}" for name in allowed}
    assert not list(settings.cache.rglob("*dim*"))


def test_an_interval_is_the_mosaic_of_its_days(client: httpx.Client, dated: Any) -> None:
    dated.dates["scene-2"] = date(2024, 1, 1)
    dated.items.append(ItemAssets("scene-2", (0.0, 0.0, 1.0, 1.0), {}))
    whole = client.get(f"/landsat/wmts/landsat/{TILE}")
    interval = client.get("/landsat/service", params=KEY | {"TIME": "2024-05-01/2024-06-25"})
    assert interval.content == whole.content
    empty = client.get("/landsat/service", params=KEY | {"TIME": "2024-02-01/2024-03-02"})
    assert shown(empty) == 0


@pytest.mark.filterwarnings("ignore:Truth-testing of elements:FutureWarning")  # by OWSLib
@pytest.mark.parametrize("count", [0, 1, 2, 5000])
def test_capabilities_tell_the_days_and_stay_small(url: str, dated: Any, count: int) -> None:
    scene = dated.items[0]
    dated.items[:] = [ItemAssets(f"s{n}", scene.bbox, scene.hrefs) for n in range(count)]
    dated.dates = {f"s{n}": date(2010, 1, 1) + timedelta(days=n) for n in range(count)}
    last = date(2010, 1, 1) + timedelta(days=count - 1)
    expected = {
        0: [],
        1: ["2010-01-01"],
        2: ["2010-01-01", "2010-01-02"],
        5000: [f"2010-01-01/{last}/P1D"],
    }[count]
    for version in ("1.1.1", "1.3.0"):
        service = WebMapService(f"{url}/landsat/service", version=version)
        layer = service["landsat__rgb"]
        # OWSLib reads the values of 1.1.1 from the Extent and those of 1.3.0 from the Dimension.
        assert (layer.timepositions or []) == expected
        assert len(service.getServiceXML()) < 30_000
    for address in ("service", "wmts/1.0.0/WMTSCapabilities.xml"):
        body = httpx.get(f"{url}/landsat/{address}?SERVICE=WMTS&REQUEST=GetCapabilities").content
        tiles = WebMapTileService(f"{url}/landsat/service", xml=body)["landsat__rgb"]
        named_ = tiles.dimensions.get("Time", {"values": ["default"]})["values"]
        assert named_ == ["default", *expected]
        templates = [entry["template"] for entry in tiles.resourceURLs]
        assert [("{Time}" in text) for text in templates] == [bool(count)] * len(templates)
        assert templates or address == "service"
        assert etree.fromstring(body) is not None
        assert len(body) < 60_000


@pytest.mark.platform
def test_the_catalogue_knows_its_days(catalogue: Catalogue) -> None:
    catalogue.put_collection(
        {
            "type": "Collection",
            "stac_version": "1.1.0",
            "id": "c",
            "description": "Days.",
            "license": "CC0-1.0",
            "links": [],
            "extent": {
                "spatial": {"bbox": [[-180, -90, 180, 90]]},
                "temporal": {"interval": [["2024-01-01T00:00:00Z", None]]},
            },
        }
    )
    assert catalogue.days("c") == []
    instants = ["2024-05-30T23:59:59Z", "2024-05-30T00:00:00Z", "2024-06-01T00:00:00Z"]
    register(catalogue, "c", [dated_entry(number, text) for number, text in enumerate(instants)])
    long = dated_entry(9, "2024-07-01T00:00:00Z")
    properties = {"datetime": None, "start_datetime": "2024-07-01T00:00:00Z"}
    long.item["properties"] = properties | {"end_datetime": "2024-07-08T00:00:00Z"}
    register(catalogue, "c", [long])
    assert catalogue.days("c") == [FIRST, date(2024, 6, 1), date(2024, 7, 1)]

    def found(first: date, last: date) -> list[str]:
        box = (-1.0, -1.0, 2.0, 2.0)
        return [i.id for i in catalogue.assets_covering("c", box, 9, ["red"], days=(first, last))]

    assert sorted(found(FIRST, FIRST)) == ["i0", "i1"]
    assert found(date(2024, 6, 1), date(2024, 6, 30)) == ["i2"]
    assert found(date(2024, 7, 8), date(2024, 7, 9)) == ["i9"]
    assert found(date(2024, 7, 9), date.max) == []
    assert len(found(date.min, date.max)) == 4


def dated_entry(number: int, instant: str) -> Entry:
    ring = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
    assert datetime.fromisoformat(instant).tzinfo == UTC
    document: dict[str, Any] = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"i{number}",
        "collection": "c",
        "bbox": [0.0, 0.0, 1.0, 1.0],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": instant},
        "links": [],
        "assets": {"red": {"href": f"s3://bucket/{number}.tif"}},
    }
    return Entry(document, document["id"], "v1", {})
