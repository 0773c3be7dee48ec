"""Items scattered over the globe and the years, for what is held against an answer in Python."""

from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

COLLECTIONS = ("north", "south", "words")
PLATFORMS = ("alpha", "bravo", None)
WORDS = ("delta", "kilo", "Zürich", "north-sea", "10m")
"""Words that English endings do not change."""


def item(number: int, home: str | None = None) -> Document:
    """The item of that number: always the same, and unlike its neighbours in everything."""
    west, south = number * 37 % 340 - 170.0, number * 29 % 160 - 80.0
    ring = [[west, south], [west + 4, south], [west + 4, south + 6], [west, south + 6]]
    year, month, day = 2014 + number % 9, number % 12 + 1, number % 28 + 1
    time = f"{year}-{month:02d}-{day:02d}T{number % 24:02d}:30:00Z"
    told: Document = {"datetime": time}
    if number % 5 == 0:
        told |= {
            "datetime": None,
            "start_datetime": time,
            "end_datetime": f"{year}-12-31T00:00:00Z",
        }
    if number % 4:
        told["eo:cloud_cover"] = number * 7 % 1010 / 10
    if platform := PLATFORMS[number % 3]:
        told["platform"] = platform
    if number % 6:
        told["instruments"] = [["msi"], ["oli", "tirs"], ["msi", "oli"]][number % 3]
    if number % 2:
        told["title"] = f"{WORDS[number % 5]} {WORDS[number // 5 % 5]}"
    if number % 7 == 0:
        told["keywords"] = [WORDS[number % 5], WORDS[(number + 1) % 5]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [],
        "id": f"n{number:03d}",
        "collection": home or COLLECTIONS[number % 2],
        "bbox": [west, south, west + 4, south + 6],
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": told,
        "assets": {},
        "links": [],
    }


def start(document: Document) -> str:
    """The beginning of an item (RFC 3339, UTC)."""
    told = document["properties"]
    return str(told.get("start_datetime") or told["datetime"])


def end(document: Document) -> str:
    """The end of an item (RFC 3339, UTC)."""
    told = document["properties"]
    return str(told.get("end_datetime") or told["datetime"])


def matches(document: Document, search: Document) -> bool:
    """Whether an item is what a search of `searches` finds."""
    told = document["properties"]
    limit = search.get("query", {}).get("eo:cloud_cover", {}).get("lt", 1001)
    (_, platform) = search.get("filter", {"args": (None, told.get("platform"))})["args"]
    return (
        document["collection"] in search.get("collections", COLLECTIONS)
        and document["id"] in search.get("ids", [document["id"]])
        and _meets(document, search.get("bbox", [-180, -90, 180, 90]))
        and _during(document, search.get("datetime", "0/9"))
        and told.get("eo:cloud_cover", 1000) < limit
        and told.get("platform") == platform
    )


def _meets(document: Document, bbox: list[float]) -> bool:
    west, south, east, north = document["bbox"]
    w, s, e, n = bbox
    across = west <= e or east >= w if w > e else west <= e and east >= w
    return across and south <= n and north >= s


def _during(document: Document, interval: str) -> bool:
    since, until = interval.split("/")
    return start(document) <= until and end(document) >= since


def searches() -> st.SearchStrategy[Document]:
    """Bodies of searches, of everything that narrows them."""
    west, south = st.integers(-179, 179), st.integers(-89, 80)
    boxes = st.tuples(west, south, west, st.integers(1, 60)).map(
        lambda b: [b[0] + 0.5, b[1] + 0.5, b[2] + 0.5, min(b[1] + b[3] + 0.5, 90)]
    )
    years = st.integers(2013, 2023)
    intervals = st.tuples(years, years).map(
        lambda y: f"{min(y)}-03-01T00:00:00Z/{max(y)}-09-01T00:00:00Z"
    )
    platform = {"property": "platform"}
    narrowed = st.one_of(
        st.just({}),
        st.integers(1, 100).map(lambda n: {"query": {"eo:cloud_cover": {"lt": n}}}),
        st.sampled_from(["alpha", "bravo"]).map(
            lambda p: {"filter-lang": "cql2-json", "filter": {"op": "=", "args": [platform, p]}}
        ),
    )
    others = st.fixed_dictionaries(
        {},
        optional={
            "collections": st.sampled_from([["north"], ["south"], ["north", "south"], ["none"]]),
            "ids": st.lists(st.integers(0, 130).map("n{:03d}".format), min_size=1, max_size=60),
            "bbox": boxes,
            "datetime": intervals,
        },
    )
    return st.tuples(others, narrowed).map(lambda parts: {**parts[0], **parts[1]})
