"""Counts of what a search finds, held against counts in Python."""

import asyncio
import math
from collections import Counter
from datetime import datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

import scattered
from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register
from scattered import Document

pytestmark = pytest.mark.platform

ITEMS = [scattered.item(number) for number in range(120)]

NAMES = [
    "total_count", "datetime_min", "datetime_max", "datetime_frequency", "cloud_cover_frequency",
    "collection_frequency", "platform_frequency", "instrument_frequency",
    "centroid_geohash_grid_frequency", "centroid_geotile_grid_frequency",
]  # fmt: skip


@pytest.fixture(autouse=True)
def filled(catalogue: Catalogue) -> None:
    for name in scattered.COLLECTIONS:
        catalogue.put_collection(collection(name))
        mine = [i for i in ITEMS if i["collection"] == name]
        done = register(catalogue, name, [Entry(i, i["id"], "1") for i in mine])
        assert len(done.registered) == len(mine)


async def aggregate(client: httpx.AsyncClient, body: Document, path: str = "") -> Document:
    answer = await client.post(f"{path}/aggregate", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "AggregationCollection"
    return {told["name"]: told for told in answer.json()["aggregations"]}


def buckets(told: Document) -> dict[str, int]:
    return {bucket["key"]: bucket["frequency"] for bucket in told["buckets"]}


LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"


def geohash(lon: float, lat: float, precision: int) -> str:
    """Halving longitude and latitude in turns, five halves a letter."""
    x, y = [-180.0, 180.0], [-90.0, 90.0]
    number = 0
    for place in range(precision * 5):
        bounds, value = (y, lat) if place % 2 else (x, lon)
        middle = sum(bounds) / 2
        number = number * 2 + (value >= middle)
        bounds[0 if value >= middle else 1] = middle
    return "".join(LETTERS[number >> 5 * n & 31] for n in reversed(range(precision)))


def geotile(lon: float, lat: float, zoom: int) -> str:
    size = 2**zoom
    northing = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return f"{zoom}/{int((lon + 180) / 360 * size)}/{int((1 - northing / math.pi) / 2 * size)}"


def expected(items: list[Document], interval: str, precision: int, zoom: int) -> dict[str, Any]:
    """What each aggregation counts, by key."""
    told = [item["properties"] for item in items]
    clouds = [p["eo:cloud_cover"] for p in told if "eo:cloud_cover" in p]
    cut = {"year": 4, "month": 7, "day": 10}[interval]
    rest = "-01-01T00:00:00Z"[cut - 4 :] if cut < 10 else "T00:00:00Z"
    middles = [shape(item["geometry"]).centroid for item in items]
    return {
        "datetime_frequency": Counter(scattered.start(item)[:cut] + rest for item in items),
        "cloud_cover_frequency": Counter(
            f"{min(int(cloud // 10), 9) * 10}-{min(int(cloud // 10), 9) * 10 + 10}"
            for cloud in clouds
            if cloud <= 100
        ),
        "collection_frequency": Counter(item["collection"] for item in items),
        "platform_frequency": Counter(p["platform"] for p in told if "platform" in p),
        "instrument_frequency": Counter(i for p in told for i in p.get("instruments", ())),
        "centroid_geohash_grid_frequency": Counter(geohash(m.x, m.y, precision) for m in middles),
        "centroid_geotile_grid_frequency": Counter(geotile(m.x, m.y, zoom) for m in middles),
    }


async def check(client: httpx.AsyncClient, search: Document, fine: tuple[str, int, int]) -> None:
    """The counts of one search are those of Python."""
    items = [item for item in ITEMS if scattered.matches(item, search)]
    precisions = {
        "datetime_frequency_interval": fine[0],
        "centroid_geohash_grid_frequency_precision": fine[1],
        "centroid_geotile_grid_frequency_precision": fine[2],
    }
    told = await aggregate(client, {**search, **precisions, "aggregations": NAMES})
    assert told["total_count"]["value"] == len(items)
    assert told["datetime_min"]["value"] == min(map(scattered.start, items), default=None)
    assert told["datetime_max"]["value"] == max(map(scattered.end, items), default=None)
    for name, counts in expected(items, *fine).items():
        assert {k: n for k, n in buckets(told[name]).items() if n} == counts, name
        if name != "instrument_frequency":
            assert told[name]["overflow"] == len(items) - sum(counts.values()), name


async def test_counts_are_those_of_python(client: httpx.AsyncClient) -> None:
    loop = asyncio.get_running_loop()
    fine = st.tuples(
        st.sampled_from(["year", "month", "day"]), st.integers(1, 12), st.integers(0, 20)
    )

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(scattered.searches(), fine)
    def checked(search: Document, fine: tuple[str, int, int]) -> None:
        asyncio.run_coroutine_threadsafe(check(client, search, fine), loop).result(60)

    await asyncio.to_thread(checked)


NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | st.sampled_from(NAMES)
JSON = st.recursive(
    SCALARS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=4), parts),
    max_leaves=8,
)
POSITION = st.tuples(st.integers(-200, 200), st.integers(-100, 100))
SHAPES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "Nothing"]),
        "coordinates": POSITION
        | st.lists(POSITION, max_size=5)
        | st.lists(st.lists(POSITION, max_size=6).map(lambda ring: [*ring, *ring[:1]]), max_size=2),
    }
)
OPERATORS = ["=", "<", "and", "not", "like", "in", "between", "isNull", "s_intersects", "t_before",
             "a_contains", "+", "casei", "unheard"]  # fmt: skip
CONDITIONS = st.recursive(
    SCALARS | st.sampled_from([{"property": "platform"}, {"property": "eo:cloud_cover"}]) | SHAPES,
    lambda parts: st.fixed_dictionaries(
        {"op": st.sampled_from(OPERATORS), "args": st.lists(parts, max_size=3)}
    ),
    max_leaves=6,
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "aggregations": st.just(NAMES) | JSON,
        "bbox": st.lists(NUMBERS, min_size=3, max_size=7) | JSON,
        "intersects": SHAPES | JSON,
        "datetime": st.sampled_from(["../..", "2020-01-01", "99999-01-01T00:00:00Z"]) | JSON,
        "filter": CONDITIONS | JSON,
        "query": JSON,
        "q": st.lists(st.text(max_size=9), max_size=3) | JSON,
        "ids": JSON,
        "centroid_geotile_grid_frequency_precision": JSON,
    },
)


async def test_any_question_is_answered_or_refused(client: httpx.AsyncClient) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=300, deadline=None, suppress_health_check=[*HealthCheck])
    @given(BODIES)
    def checked(body: Document) -> None:
        asking = client.post("/aggregate", json={"aggregations": NAMES, **body})
        answer = asyncio.run_coroutine_threadsafe(asking, loop).result(60)
        assert answer.status_code in (200, 400), answer.text

    await asyncio.to_thread(checked)


async def test_get_counts_what_post_counts(client: httpx.AsyncClient) -> None:
    query = {
        "aggregations": "total_count,platform_frequency",
        "bbox": "-100,-50,100,50",
        "datetime": "2015-01-01T00:00:00Z/..",
        "collections": "north,south",
        "filter": "\"eo:cloud_cover\" < 60 AND platform = 'alpha'",
    }
    answer = (await client.get("/aggregate", params=query)).json()
    cloud, platform = {"property": "eo:cloud_cover"}, {"property": "platform"}
    body = {
        "aggregations": ["total_count", "platform_frequency"],
        "bbox": [-100, -50, 100, 50],
        "datetime": query["datetime"],
        "collections": ["north", "south"],
        "filter-lang": "cql2-json",
        "filter": {
            "op": "and",
            "args": [{"op": "<", "args": [cloud, 60]}, {"op": "=", "args": [platform, "alpha"]}],
        },
    }
    told = await aggregate(client, body)
    assert answer["aggregations"] == [*told.values()]
    assert told["total_count"]["value"] == buckets(told["platform_frequency"])["alpha"] > 0


async def test_the_interval_fits_the_time_unless_it_is_told(client: httpx.AsyncClient) -> None:
    asked = {"aggregations": ["datetime_frequency"]}
    (told,) = (await aggregate(client, asked)).values()
    assert {bucket["key"][4:] for bucket in told["buckets"]} <= {
        f"-{month:02d}-01T00:00:00Z" for month in range(1, 13)
    }
    short = {**asked, "datetime": "2016-01-01T00:00:00Z/2016-03-31T00:00:00Z"}
    (told,) = (await aggregate(client, short)).values()
    assert any(datetime.fromisoformat(b["key"]).day > 1 for b in told["buckets"])


async def test_a_collection_counts_its_own(client: httpx.AsyncClient) -> None:
    asked = {"aggregations": ["total_count"], "collections": ["south"]}
    told = await aggregate(client, asked, "/collections/north")
    assert told["total_count"]["value"] == sum(i["collection"] == "north" for i in ITEMS)
    offered = (await client.get("/collections/north/aggregations")).json()["aggregations"]
    assert [kind["name"] for kind in offered] == [n for n in NAMES if n != "collection_frequency"]
    url = "/collections/north/aggregate?aggregations=collection_frequency"
    assert (await client.get(url)).status_code == 400
    for path in ("/collections/none/aggregations", "/collections/none/aggregate"):
        answer = await client.get(path, params={"aggregations": "total_count"})
        assert answer.status_code == 404


async def test_a_footprint_across_the_antimeridian_lies_there(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    halves = [[[178, 0], [180, 0], [180, 2], [178, 2], [178, 0]],
              [[-180, 0], [-179, 0], [-179, 2], [-180, 2], [-180, 0]]]  # fmt: skip
    shape_ = {"type": "MultiPolygon", "coordinates": [[half] for half in halves]}
    across = {**scattered.item(999, "words"), "geometry": shape_, "bbox": [178, 0, -179, 2]}
    register(catalogue, "words", [Entry(across, "across", "1")])
    asked = {"aggregations": ["centroid_geotile_grid_frequency"], "collections": ["words"]}
    (told,) = (await aggregate(client, {**asked, "bbox": [170, -5, -170, 5]})).values()
    assert buckets(told) == {geotile(179.5, 1, 5): 1}


async def test_a_value_of_an_odd_type_is_in_no_range(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    odd = [scattered.item(n, "words") for n in (1, 2, 3)]
    for document, value in zip(odd, ("lots", 250, 1e300), strict=True):
        document["properties"]["eo:cloud_cover"] = value
    register(catalogue, "words", [Entry(i, i["id"], "1") for i in odd])
    asked = {"aggregations": ["cloud_cover_frequency"], "collections": ["words"]}
    (told,) = (await aggregate(client, asked)).values()
    assert not any(buckets(told).values())
    assert told["overflow"] == len(odd)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "aggregations: name some"),
        ({"aggregations": "nothing"}, "no aggregation nothing"),
        ({"aggregations": "total_count", "bbox": "1,2,3"}, "4 or 6"),
        ({"aggregations": "total_count", "bbox": "1,2,3,x"}, "bbox"),
        ({"aggregations": "total_count", "datetime": "yesterday"}, "datetime"),
        ({"aggregations": "total_count", "datetime": "2021-01-01T00:00:00Z/2020-01-01T00:00:00Z"},
         ""),
        ({"aggregations": "total_count", "intersects": "nowhere"}, ""),
        ({"aggregations": "total_count", "filter": "platform ="}, "filter"),
        ({"aggregations": "total_count", "filter": "unheard_of(platform) = 1"}, ""),
        ({"aggregations": "total_count", "ids": "a\0b"}, ""),
        ({"aggregations": "total_count", "centroid_geohash_grid_frequency_precision": "13"},
         "centroid_geohash_grid_frequency_precision"),
        ({"aggregations": "total_count", "datetime_frequency_interval": "fortnight"}, "interval"),
    ],
)  # fmt: skip
async def test_a_wrong_question_is_told(
    client: httpx.AsyncClient, query: dict[str, str], words: str
) -> None:
    answer = await client.get("/aggregate", params=query)
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["description"]


async def test_counting_that_takes_too_long_is_given_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = client._transport.app.state.surroundings.api  # type: ignore[attr-defined]
    monkeypatch.setattr(settings, "aggregation_timeout", 0.001)
    answer = await client.post("/aggregate", json={"aggregations": NAMES})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_links_lead_to_the_aggregations(client: httpx.AsyncClient) -> None:
    for path in ("/", "/collections/north"):
        links = (await client.get(path)).json()["links"]
        told = {(link["rel"], link.get("method")): link["href"] for link in links}
        assert (await client.get(told["aggregations", None])).status_code == 200
        asked = {"aggregations": "total_count"}
        assert (await client.get(told["aggregate", "GET"], params=asked)).status_code == 200
        body = {"aggregations": ["total_count"]}
        assert (await client.post(told["aggregate", "POST"], json=body)).status_code == 200
    classes = (await client.get("/conformance")).json()["conformsTo"]
    assert "https://api.stacspec.org/v0.3.0/aggregation" in classes


async def test_the_parameters_are_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api")).json()["paths"]
    told = {p["name"] for p in paths["/collections/{collection_id}/aggregate"]["get"]["parameters"]}
    assert {"collection_id", "aggregations", "bbox", "filter", "filter-lang", "q"} <= told
    assert {"centroid_geotile_grid_frequency_precision", "datetime_frequency_interval"} <= told
