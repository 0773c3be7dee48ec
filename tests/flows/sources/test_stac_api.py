"""The STAC API source over real HTTP: a small API that can be made to page badly."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from flows.found import Found
from flows.scope import Scope
from flows.sources import stac_api
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.http import HeaderAuth, Http

Json = dict[str, Any]
Answer = Callable[[str, str, Json, Json], tuple[int, Any]]
"""Method, path, parameters and headers -> status, and JSON or bytes."""

CORE = ["https://api.stacspec.org/v1.0.0/core", "https://api.stacspec.org/v1.0.0/item-search"]
QUERY = "https://api.stacspec.org/v1.0.0/item-search#query"
FILTER = [
    "https://api.stacspec.org/v1.0.0/item-search#filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
]


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            self.send(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def send(self, parameters: Json) -> None:
            path = urlsplit(self.path).path
            status, body = answer(self.command, path, parameters, dict(self.headers))
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content) * (2 if status == 206 else 1)))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = status == 206  # closes in the middle of the body

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Api:
    """A small STAC API with token paging."""

    def __init__(self, items: list[Json], classes: list[str]) -> None:
        self.items = items
        self.classes = classes
        self.url = ""
        self.searches: list[Json] = []
        self.headers: list[Json] = []
        self.matched: Callable[[], int] | None = None
        self.page: Callable[[Json, Json], Any] = lambda _, page: page
        """Spoils a page: parameters and page -> page, bytes, or status."""

    def __call__(self, method: str, path: str, parameters: Json, headers: Json) -> tuple[int, Any]:
        if path != "/search":
            return 200, self.landing()
        self.searches.append({**parameters, "method": method})
        self.headers.append(headers)
        page = self.page(parameters, self.answer(method, parameters))
        if isinstance(page, int):
            return page, {"description": "out of order"}
        return 200, page

    def landing(self) -> Json:
        search = [
            {"rel": "search", "href": "./search", "method": method, "type": "application/geo+json"}
            for method in ("GET", "POST")
        ]
        return {
            "type": "Catalog",
            "id": "up",
            "stac_version": "1.0.0",
            "description": "An upstream",
            "conformsTo": self.classes,
            "links": [{"rel": "self", "href": self.url}, *search],
        }

    def hits(self, parameters: Json) -> list[Json]:
        since = parameters.get("query", {}).get("updated", {}).get("gte", "")
        return [item for item in self.items if item["properties"].get("updated", "") >= since]

    def answer(self, method: str, parameters: Json) -> Json:
        hits = self.hits(parameters)
        start, limit = int(parameters.get("token", 0)), int(parameters["limit"])
        page: Json = {"type": "FeatureCollection", "features": hits[start : start + limit]}
        if self.matched:
            page["numberMatched"] = self.matched()
        page["links"] = []
        if start + limit < len(hits):
            page["links"].append(self.following(method, parameters, str(start + limit)))
        return page

    def following(self, method: str, parameters: Json, token: str) -> Json:
        if method == "GET":
            href = f"search?limit={parameters['limit']}&token={token}"
            return {"rel": "next", "href": f"{self.url}/{href}"}
        body = {**parameters, "token": token}
        return {"rel": "next", "href": f"{self.url}/search", "method": "POST", "body": body}


@pytest.fixture
def api(shared_data: Path) -> Iterator[Api]:
    """100 real items, ten of them changed on each of ten days."""
    lines = (shared_data / "stac/bulk/naip-100-items.ndjson").read_text().splitlines()
    items = [json.loads(line) for line in lines]
    for number, item in enumerate(items):
        item["properties"]["updated"] = f"2024-01-{number // 10 + 1:02d}T00:00:00Z"
    api = Api(items, CORE)
    with served(api) as url:
        api.url = url
        yield api


def search(api: Api, scope: Scope | None = None, **options: Any) -> list[Found]:
    scope = scope or Scope(http=Http(attempts=0))
    return list(stac_api.search(scope, url=api.url, **{"page": 30, **options}))


def names(found: list[Found]) -> list[str]:
    return [product.document["id"] for product in found if product.document]


@pytest.mark.parametrize("method", ["GET", "POST", None])
def test_an_api_is_read_to_its_last_page_in_its_order(api: Api, method: str | None) -> None:
    found = search(api, method=method, collections=["naip"])
    assert names(found) == [item["id"] for item in api.items]
    assert [product.document for product in found] == api.items
    assert {asked["method"] for asked in api.searches} == {method or "POST"}
    assert len(api.searches) == 4


def test_the_next_pages_are_on_their_way_while_the_caller_works_on_this_one(api: Api) -> None:
    stream = stac_api.search(Scope(), url=api.url, page=30)
    next(stream)
    for _ in range(100):
        if len(api.searches) == 1 + stac_api.AHEAD:
            break
        time.sleep(0.05)
    assert len(api.searches) == 1 + stac_api.AHEAD
    stream.close()


@pytest.mark.parametrize("merge", [True, False])
def test_a_next_page_is_asked_for_as_its_link_says(api: Api, merge: bool) -> None:
    def page(parameters: Json, page: Json) -> Json:
        for link in page["links"]:
            link["headers"] = {"X-Page": f"after-{parameters.get('token', 0)}"}
            link["merge"] = merge
            body = {"token": link["body"]["token"]}
            link["body"] = body if merge else {**body, "limit": 30, "only": "this"}
        return page

    api.page = page
    assert len(search(api, collections=["naip"])) == 100
    first, *others = api.searches
    collections = [asked.get("collections") for asked in others]
    assert collections == ([["naip"]] * 3 if merge else [None] * 3)
    assert [asked.get("only") for asked in others] == ([None] * 3 if merge else ["this"] * 3)
    assert [headers.get("X-Page") for headers in api.headers[1:]] == [
        "after-0",
        "after-30",
        "after-60",
    ]
    assert first["collections"] == ["naip"]


def test_what_pages_repeat_is_given_once(api: Api) -> None:
    api.page = lambda _, page: {**page, "features": [*api.items[:7], *page["features"]]}
    assert names(search(api)) == [item["id"] for item in api.items]


def test_what_falls_between_two_pages_is_found_with_pages_of_another_size(api: Api) -> None:
    def lossy(parameters: Json, page: Json) -> Json:
        first = bool(parameters.get("token"))
        return {**page, "features": page["features"][1:] if first else page["features"]}

    api.matched = lambda: 100
    api.page = lossy
    found = search(api)
    assert sorted(names(found)) == sorted(item["id"] for item in api.items)
    assert {asked["limit"] for asked in api.searches} == {30, 1, 29}


def test_items_that_an_api_has_and_never_lists_are_an_error_with_both_numbers(api: Api) -> None:
    api.matched = lambda: 103
    found: list[Found] = []
    with pytest.raises(Unreadable, match="has 103 items and lists 100; set `counted: false`"):
        found.extend(stac_api.search(Scope(), url=api.url))
    assert len(found) == 100
    assert len(search(api, counted=False)) == 100


def test_a_number_that_is_said_to_be_an_estimate_is_not_held_against_the_items(api: Api) -> None:
    api.matched = lambda: 103
    api.page = lambda _, page: {**page, "numberMatchedEstimated": True}
    assert len(search(api)) == 100


def test_items_that_come_or_go_meanwhile_are_no_loss(api: Api) -> None:
    numbers = iter([100, 101, 102, 103, 104, 105])
    api.matched = lambda: next(numbers)
    assert len(search(api)) == 100
    left = iter([104, 104, 104, 104])
    api.matched = lambda: next(left, 100)
    assert len(search(api)) == 100
    assert len(api.searches) == 4 + 5


@pytest.mark.parametrize("circle", [["0"], ["60", "30"]])
def test_pages_in_a_circle_are_an_error(api: Api, circle: list[str]) -> None:
    turns = {str(n * 30): token for n, token in enumerate(circle, start=1)}

    def turned(parameters: Json, page: Json) -> Json:
        following = turns.get(str(parameters.get("token", "0")))
        links = [api.following("POST", {**parameters}, following)] if following else page["links"]
        return {**page, "links": links}

    api.page = turned
    with pytest.raises(Unreadable, match="go in a circle"):
        search(api)


def test_pages_without_end_and_without_anything_new_are_an_error(api: Api) -> None:
    tokens = iter(range(10_000))

    def endless(parameters: Json, page: Json) -> Json:
        links = [api.following("POST", parameters, f"0{next(tokens)}")]
        return {**page, "features": api.items[:30], "links": links}

    api.page = endless
    with pytest.raises(Unreadable, match="100 pages of the search have nothing new"):
        search(api)


def test_an_empty_page_is_not_the_end_while_it_names_a_next_one(api: Api) -> None:
    api.page = lambda asked, page: {**page, "features": []} if asked.get("token") == "30" else page
    assert len(search(api)) == 70


@pytest.mark.parametrize("features", [None, "absent", {}])
def test_a_page_without_a_list_of_features_is_an_error_not_an_end(api: Api, features: Any) -> None:
    api.page = lambda *_: {
        key: value
        for key, value in {"type": "FeatureCollection", "features": features}.items()
        if value != "absent"
    }
    with pytest.raises(Unreadable, match="has no list of features"):
        search(api)


@pytest.mark.parametrize(
    ("spoilt", "error", "words"),
    [
        (500, Unreachable, "status 500: .*out of order"),
        (429, Unreachable, "status 429"),
        (404, Unreadable, "status 404"),
        (b'{"type": "FeatureCollection", "features": [', Unreadable, "no JSON"),
        (b"<html>", Unreadable, "no JSON"),
    ],
)
def test_an_api_that_breaks_off_is_an_error_not_an_end(
    api: Api, spoilt: Any, error: type[Exception], words: str
) -> None:
    api.page = lambda asked, page: spoilt if asked.get("token") == "60" else page
    found: list[Found] = []
    with pytest.raises(error, match=words):
        found.extend(stac_api.search(Scope(http=Http(attempts=0)), url=api.url, page=10))
    assert len(found) == 60


def test_an_api_that_closes_in_the_middle_of_a_page_is_unreachable() -> None:
    with served(lambda *_: (206, b'{"links": [')) as url, pytest.raises(Unreachable):
        list(stac_api.search(Scope(http=Http(attempts=0)), url=url))


def test_an_api_that_is_busy_is_asked_again(api: Api) -> None:
    answers = iter([429, 503])
    api.page = lambda _, page: next(answers, page)
    assert len(search(api, Scope(http=Http(attempts=3)))) == 100


def test_an_api_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(Unreachable, match=r"http://127.0.0.1:9/ does not answer"):
        list(stac_api.search(Scope(http=Http(attempts=0)), url="http://127.0.0.1:9/"))


CATALOG = {"type": "Catalog", "id": "c", "stac_version": "1.0.0", "description": "C", "links": []}


@pytest.mark.parametrize(
    "document",
    [
        b"<html>Welcome</html>",
        {},
        [],
        None,
        CATALOG,
        {**CATALOG, "conformsTo": ["https://api.stacspec.org/v1.0.0/core"]},
        {**CATALOG, "links": None},
        {**CATALOG, "stac_version": "0.9.0"},
    ],
)
def test_a_wrong_address_is_one_sentence_that_names_it(document: Any) -> None:
    with served(lambda *_: (200, document)) as url, pytest.raises(Unreadable) as caught:
        list(stac_api.search(Scope(), url=url))
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_api_of_before_1_need_not_say_where_its_search_is(api: Api) -> None:
    landing = {**api.landing(), "stac_version": "0.9.0", "links": []}
    del landing["conformsTo"]
    api.landing = lambda: landing  # type: ignore[method-assign]
    assert len(search(api)) == 100


def test_records_that_are_no_items_do_not_stop_the_others(api: Api) -> None:
    del api.items[3]["id"]
    api.items[4]["id"] = None
    api.items[5] = {"properties": {}, "id": "\ud800"}
    page = api.answer("POST", {"limit": 100})
    page["features"][6] = 7
    api.page = lambda *_: page
    api.items[7]["id"] = "a\0b"
    found = search(api, page=100)
    broken = {product.error: product for product in found if product.error}
    assert len(found) == len({product.upstream_id for product in found}) == 100
    reasons = [product.error for product in found]
    assert reasons.count("the record has no `id` that can be kept") == 3
    assert "the record is no JSON object" in broken
    assert any("cannot be kept as JSON" in reason for reason in broken if reason)
    assert all(product.original for product in found if product.error)
    assert all(product.document is None for product in found if product.error)


def test_numbers_that_json_has_not_become_the_words_that_stac_has(api: Api) -> None:
    api.items[0]["properties"]["nodata"] = float("nan")
    api.items[1]["properties"]["limits"] = [float("inf"), -float("inf")]
    found = search(api)
    assert len(found) == 100
    first, second = (product.document or {} for product in found[:2])
    assert first["properties"]["nodata"] == "nan"
    assert second["properties"]["limits"] == ["inf", "-inf"]


def test_what_was_withdrawn_is_a_tombstone(api: Api) -> None:
    api.items[0]["properties"]["unpublished"] = "2024-06-01T00:00:00Z"
    api.items[1]["properties"]["unpublished"] = "2994-06-01T00:00:00Z"
    found = search(api)
    assert [product.deleted for product in found[:3]] == [True, False, False]
    assert found[0].changed == datetime(2024, 1, 1, tzinfo=UTC)


def test_the_query_extension_tells_what_changed(api: Api) -> None:
    api.classes = [*CORE, QUERY]
    scope = Scope(since=datetime(2024, 1, 10, tzinfo=UTC))
    assert len(search(api, scope, query={"gsd": {"lte": 1}})) == 10
    assert scope.pushed == {"since"}
    assert api.searches[0]["query"] == {
        "gsd": {"lte": 1},
        "updated": {"gte": "2024-01-09T23:59:59Z"},
    }


def test_an_api_that_cannot_tell_what_changed_lists_everything(api: Api) -> None:
    scope = Scope(since=datetime(2024, 1, 10, tzinfo=UTC), filter={"op": "isNull", "args": []})
    assert len(search(api, scope)) == 100
    assert scope.pushed == set()


def test_a_condition_that_the_api_refuses_is_left_to_the_harvest(api: Api) -> None:
    api.classes = [*CORE, *FILTER]
    api.page = lambda asked, page: 400 if "updated" in json.dumps(asked) else page
    condition = {"op": "<=", "args": [{"property": "eo:cloud_cover"}, 10]}
    scope = Scope(http=Http(attempts=0), since=datetime(2024, 1, 10, tzinfo=UTC), filter=condition)
    assert len(search(api, scope)) == 100
    assert scope.pushed == {"filter"}
    assert api.searches[-1]["filter"] == condition


def test_a_condition_that_the_next_page_forgets_is_held_by_the_harvest(api: Api) -> None:
    def forgetful(_: Json, page: Json) -> Json:
        for link in page["links"]:
            link["body"] = {"token": link["body"]["token"], "limit": 30}
        return page

    api.classes, api.page = [*CORE, *FILTER], forgetful
    scope = Scope(filter={"op": "<=", "args": [{"property": "gsd"}, 10]})
    assert len(search(api, scope)) == 100
    assert "filter" not in scope.pushed


def test_a_next_page_whose_address_is_none_is_told(api: Api) -> None:
    def astray(_: Json, page: Json) -> Json:
        page["links"] = [{"rel": "next", "href": "http://[x"}]
        return page

    api.classes, api.page = [*CORE, *FILTER], astray
    for condition in (None, {"op": "<=", "args": [{"property": "gsd"}, 10]}):
        with pytest.raises(Unreadable, match=r"http://\[x: |http://\[x is no address"):
            search(api, Scope(filter=condition))


def test_a_search_on_a_private_host_that_a_page_names_is_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = api.landing()
    elsewhere = api.url.replace("127.0.0.1", "localhost")
    for link in landing["links"]:
        link["href"] = f"{elsewhere}/search"
    api.landing = lambda: landing  # type: ignore[method-assign]
    with pytest.raises(Unreadable, match="localhost is on a private network"):
        search(api)
    monkeypatch.setenv("SWATH_HARVEST_PRIVATE_HOSTS", "true")
    scope = Scope(http=Http(auth=HeaderAuth("X-Key", "secret")))
    assert len(search(api, scope)) == 100
    sent = [headers.get("X-Key") for headers in api.headers]
    assert sent == [None, "secret", "secret", "secret"]  # the pages after it are at home again


def test_credentials_go_with_every_page(api: Api) -> None:
    assert len(search(api, Scope(http=Http(auth=HeaderAuth("X-Key", "secret"))))) == 100
    assert [headers.get("X-Key") for headers in api.headers] == ["secret"] * 4


def test_a_misspelt_option_is_found_before_the_run() -> None:
    with pytest.raises(TypeError, match="collection"):
        stac_api.search(Scope(), url="http://127.0.0.1:9/", collection=["naip"])  # type: ignore[call-arg]


def test_an_order_is_asked_for_in_the_words_of_each_method(api: Api) -> None:
    search(api, sortby="-properties.datetime,id")
    search(api, sortby=["-properties.datetime", "+id"], method="GET")
    post, get = api.searches[0], api.searches[4]
    assert post["sortby"] == [
        {"field": "properties.datetime", "direction": "desc"},
        {"field": "id", "direction": "asc"},
    ]
    assert get["sortby"] == "-properties.datetime,+id"
