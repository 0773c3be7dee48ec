"""The STAC API source against answers that were recorded from real servers, over real HTTP."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from flows.found import Found
from flows.scope import Scope
from flows.sources import stac_api
from flows.stac.api import land
from flows.stac.paging import Request, fetch
from infrastructure.errors import Unreadable
from infrastructure.http import Http

PLANETARY = "planetarycomputer.microsoft.com"
EARTH = "earth-search.aws.element84.com"

Json = dict[str, Any]


class Replay:
    """Answers as they were recorded; to a search without `limit`, whatever the limit."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.host = ""
        self.asked: list[Any] = []
        self.exchanges = [
            exchange
            for path in sorted(folder.glob("*.json"))
            for exchange in json.loads(path.read_text())
        ]

    def answer(self, method: str, path: str, body: Any) -> bytes | None:
        """Only what has the same host, path, parameters and body; links then lead to us."""
        self.asked.append(body)
        for exchange in self.exchanges:
            request = exchange["request"]
            parts = urlsplit(request["uri"])
            if parts.netloc != self.host or request["method"] != method:
                continue
            if self.same(path, body, f"{parts.path}?{parts.query}", request["body"]):
                text: str = exchange["response"]["body"]
                text = text if isinstance(text, str) else json.dumps(text)
                return text.replace(f"https://{self.host}", self.url).encode()
        return None

    def same(self, path: str, body: Any, recorded_path: str, recorded: Any) -> bool:
        asked, told = urlsplit(path), urlsplit(recorded_path)
        recorded = json.loads(recorded) if isinstance(recorded, str) else recorded
        query, recorded_query = dict(parse_qsl(asked.query)), dict(parse_qsl(told.query))
        for ours, theirs in ((body or {}, recorded or {}), (query, recorded_query)):
            free = set() if "limit" in theirs else {"limit"}
            if {key: ours[key] for key in ours.keys() - free} != theirs:
                return False
        return asked.path.rstrip("/") == told.path.rstrip("/")


@pytest.fixture
def replay(shared_data: Path) -> Iterator[Replay]:
    replay = Replay(shared_data / "responses/stac-api-recorded")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send(None)

        def do_POST(self) -> None:
            self.send(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def send(self, body: Any) -> None:
            content = replay.answer(self.command, self.path, body)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    replay.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()


def test_planetary_computer_pages_by_the_body_of_the_next_link(replay: Replay) -> None:
    replay.host = PLANETARY
    scope = Scope(bbox=(-73.21, 43.99, -73.12, 44.05))
    url = f"{replay.url}/api/stac/v1"
    stream = stac_api.search(scope, url=url, collections=["naip"], page=10)
    found: list[Found] = []
    with pytest.raises(Unreadable, match="status 404"):  # a third page was not recorded
        found.extend(stream)
    assert len({product.upstream_id for product in found}) == len(found) == 20
    assert [(asked or {}).get("token") for asked in replay.asked] == [
        None,
        None,
        "next:naip:vt_m_4307307_nw_18_060_20211029",
        "next:naip:vt_m_4307307_ne_18_h_20160805",
    ]


def test_planetary_computer_answers_a_query_on_one_page(replay: Replay) -> None:
    replay.host = PLANETARY
    scope = Scope(bbox=(-73.21, 43.99, -73.12, 44.05))
    query = {"gsd": {"gte": 0, "lte": 1}}
    url = f"{replay.url}/api/stac/v1"
    found = list(stac_api.search(scope, url=url, collections=["naip"], query=query))
    assert len(found) == 42
    assert scope.pushed == {"bbox"}


def test_planetary_computer_gives_items_by_id_by_get(replay: Replay) -> None:
    replay.host = PLANETARY
    asked = [dict(parse_qsl(urlsplit(x["request"]["uri"]).query)) for x in replay.exchanges]
    ((ids, collections),) = {(q["ids"], q.get("collections")) for q in asked if "ids" in q}
    found = stac_api.search(
        Scope(),
        url=f"{replay.url}/api/stac/v1",
        ids=ids.split(","),
        collections=collections.split(",") if collections else None,
        method="GET",
    )
    given = [product.document["id"] for product in found if product.document]
    assert len(given) == 3
    assert set(given) == set(ids.split(","))


def test_earth_search_gives_a_last_page_that_is_empty_and_counts_right(replay: Replay) -> None:
    replay.host = EARTH
    start = datetime(2023, 10, 8, tzinfo=UTC)
    scope = Scope(time=(start, start.replace(hour=23, minute=59, second=59)))
    found = list(
        stac_api.search(
            scope,
            url=f"{replay.url}/v1",
            collections=["sentinel-2-l2a", "landsat-c2-l2"],
            intersects={"type": "Point", "coordinates": [-105.1019, 40.1672]},
        )
    )
    assert [product.upstream_id.partition("/")[0] for product in found] == [
        "sentinel-2-l2a",
        "landsat-c2-l2",
    ]
    assert scope.pushed == {"time"}
    assert len(replay.asked) == 3


def test_earth_search_v0_is_searched_though_it_tells_no_conformance(replay: Replay) -> None:
    replay.host = EARTH
    stream = stac_api.search(
        Scope(), url=f"{replay.url}/v0", collections=["sentinel-s2-l2a-cogs"], page=1
    )
    found: list[Found] = []
    with pytest.raises(Unreadable, match="status 404"):  # page 2 was not recorded
        found.extend(stream)
    assert len(found) == 1
    assert replay.asked[-1] == {"collections": ["sentinel-s2-l2a-cogs"], "page": 2, "limit": 1}


@pytest.mark.parametrize(
    ("host", "path", "search", "filters"),
    [
        (PLANETARY, "/api/stac/v1", "/api/stac/v1/search", {"POST": True, "GET": True}),
        (EARTH, "/v1", "/v1/search", {"POST": False, "GET": False}),
        (EARTH, "/v0", "/v0/search", {"POST": False, "GET": False}),
        ("stac.sage.uvt.ro", "/", "/search", {"POST": True, "GET": True}),
        (
            "paituli.csc.fi",
            "/geoserver/ogc/stac/v1?f=application%2Fjson",
            "/geoserver/ogc/stac/v1/search?f=application%2Fgeo%2Bjson",
            {"POST": False, "GET": True},
        ),
    ],
)
def test_landing_pages_of_real_servers_tell_where_and_how_to_search(
    replay: Replay, host: str, path: str, search: str, filters: Json
) -> None:
    replay.host = host
    api = land(Http(), f"{replay.url}{path}")
    assert set(api.search.values()) == {f"{replay.url}{search}"}
    assert {method: api.filters(method) for method in ("POST", "GET")} == filters
    assert api.method == ("GET" if host == "paituli.csc.fi" else "POST")


@pytest.mark.parametrize(
    ("name", "matched", "following"),
    [
        ("earth_search_search.json", 25898765, "https://earth-search.aws.element84.com/v1/"),
        ("geodes_search.json", 37273723, "https://geodes-portal.cnes.fr/api/stac/collections/"),
    ],
)
def test_pages_of_other_providers_are_understood(
    shared_data: Path, replay: Replay, name: str, matched: int, following: str
) -> None:
    body = (shared_data / "responses/providers-eodag" / name).read_text()
    request = {"method": "GET", "uri": "https://provider/search", "body": None}
    replay.host = "provider"
    replay.exchanges = [{"request": request, "response": {"body": body}}]
    page = fetch(Http(), replay.url, Request("GET", f"{replay.url}/search"))
    assert (len(page.features), page.matched) == (1, matched)
    assert page.following is not None
    assert page.following.url.startswith(following)
    assert page.following.method == "GET"
