"""Sources against real folders and real HTTP servers."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.found import Found
from flows.sources import folder, stac_api, stac_static
from infrastructure.errors import Unreachable, Unreadable


def products(base: Path, **options: Any) -> list[Found]:
    return list(folder.search(None, base=base, url=".", **options))


def touch(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_folder_is_a_product_and_a_raster_in_the_root_is_one_too(tmp_path: Path) -> None:
    for name in ("a/1_B2.TIF", "a/1_MTL.txt", "deep/er/2.jp2", "alone.tif", "README.md"):
        touch(tmp_path / name)
    (tmp_path / "empty").mkdir()
    found = {product.upstream_id: sorted(product.files) for product in products(tmp_path)}
    assert found == {
        "alone.tif": ["alone.tif"],
        "a": ["1_B2.TIF", "1_MTL.txt"],
        "deep/er": ["2.jp2"],
        "empty": [],
    }


def test_each_raster_can_be_a_product(tmp_path: Path) -> None:
    for name in ("2020/a.tif", "2020/b.TIFF", "2021/c.jp2", "2021/notes.txt", ".hidden/d.tif"):
        touch(tmp_path / name)
    found = [product.upstream_id for product in products(tmp_path, scene="file")]
    assert found == ["2020/a.tif", "2020/b.TIFF", "2021/c.jp2"]
    only = products(tmp_path, scene="file", include=["*.jp2"])
    assert [product.upstream_id for product in only] == ["2021/c.jp2"]


def test_the_fingerprint_changes_with_the_files(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.tif")
    before = products(tmp_path)[0].fingerprint
    assert products(tmp_path)[0].fingerprint == before
    touch(tmp_path / "a" / "1.tif", b"longer")
    changed = products(tmp_path)[0].fingerprint
    touch(tmp_path / "a" / "2.tif")
    assert len({before, changed, products(tmp_path)[0].fingerprint}) == 3


def test_addresses_survive_spaces_and_unicode(tmp_path: Path) -> None:
    touch(tmp_path / "a b" / "é #1.tif", b"content")
    href = products(tmp_path)[0].files["é #1.tif"]
    assert href.startswith("file:///")
    from infrastructure.storage import gdal_path

    assert Path(gdal_path(href)).read_bytes() == b"content"


def test_a_missing_and_an_empty_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="holds no products"):
        products(tmp_path)
    with pytest.raises(Unreachable, match="is no folder"):
        products(tmp_path / "nope")


def test_a_static_catalog_is_walked(shared_data: Path) -> None:
    base = shared_data / "stac/catalogs"
    found = list(stac_static.search(None, base=base, url="landsat-8-l1-static/catalog.json"))
    assert len({product.upstream_id for product in found}) == len(found) == 4
    assert all(product.document and product.document["assets"] for product in found)


def test_a_root_that_is_no_catalog_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        list(stac_static.search(None, base=tmp_path, url="catalog.json"))
    for text in ('{"no": "stac"}', "<html>", "[]", '"word"', "null"):
        (tmp_path / "catalog.json").write_text(text)
        with pytest.raises(Unreadable, match=r"catalog\.json: no STAC"):
            list(stac_static.search(None, base=tmp_path, url="catalog.json"))
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9/"):
        list(stac_static.search(None, base=tmp_path, url="http://127.0.0.1:9/catalog.json"))


def test_broken_and_missing_files_of_a_static_catalog_do_not_stop_the_walk(
    shared_data: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "catalog"
    shutil.copytree(shared_data / "stac/catalogs/landsat-8-l1-static", copy, copy_function=_copy)
    items = sorted(copy.rglob("LC*.json"))
    items[0].unlink()
    items[1].write_text('{"type": "Feature", "id":')
    root = json.loads((copy / "catalog.json").read_text())
    root["links"] += [
        {"rel": "child", "href": "./nowhere/catalog.json"},
        {"rel": "child", "href": "./catalog.json"},
    ]
    (copy / "catalog.json").write_text(json.dumps(root))
    found = list(stac_static.search(None, base=copy, url="catalog.json"))
    broken = {product.upstream_id: product.error or "" for product in found if product.error}
    assert len([product for product in found if product.document]) == len(items) - 2
    assert broken.keys() == {str(p) for p in (*items[:2], copy / "nowhere" / "catalog.json")}
    assert "No such file" in broken[str(items[0])]
    assert "no STAC" in broken[str(items[1])]


def test_a_catalog_of_the_web_cannot_name_files_of_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    catalog = {"type": "Catalog", "id": "c", "stac_version": "1.0.0", "description": "C"}
    with answered({**catalog, "links": [{"rel": "item", "href": secret.as_uri()}]}) as url:
        (found,) = stac_static.search(None, base=tmp_path, url=f"{url}/catalog.json")
    assert "names a file of this machine" in (found.error or "")


def _copy(source: str, target: str) -> None:
    Path(target).write_bytes(Path(source).read_bytes())


GEOJSON = "application/geo+json"


class Upstream:
    """A small STAC API with token paging and the Query extension, over real HTTP."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self.items = items
        self.searches: list[dict[str, Any]] = []
        self.broken_after: int | None = None

    def landing(self, url: str) -> dict[str, Any]:
        return {
            "type": "Catalog",
            "id": "up",
            "stac_version": "1.0.0",
            "description": "An upstream",
            "conformsTo": [
                "https://api.stacspec.org/v1.0.0/core",
                "https://api.stacspec.org/v1.0.0/item-search",
                "https://api.stacspec.org/v1.0.0/item-search#query",
            ],
            "links": [
                {"rel": "self", "href": url},
                {"rel": "root", "href": url},
                {"rel": "search", "href": f"{url}/search", "method": "POST", "type": GEOJSON},
            ],
        }

    def search(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        self.searches.append(body)
        since = body.get("query", {}).get("updated", {}).get("gte", "")
        hits = [i for i in self.items if i["properties"].get("updated", "") >= since]
        start, limit = int(body.get("token", 0)), int(body["limit"])
        links = []
        if start + limit < len(hits):
            following = {**body, "token": str(start + limit)}
            link = {"rel": "next", "href": f"{url}/search", "method": "POST", "body": following}
            links.append(link)
        return {
            "type": "FeatureCollection",
            "features": hits[start : start + limit],
            "links": links,
        }


@contextmanager
def served(upstream: Upstream) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self, status: int, document: dict[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.answer(200, upstream.landing(url))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            page = upstream.search(url, body)
            broken = upstream.broken_after is not None
            if broken and len(upstream.searches) > (upstream.broken_after or 0):
                self.answer(500, {"description": "out of order"})
            else:
                self.answer(200, page)

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def answered(document: Any) -> Iterator[str]:
    """A server that gives every question the same answer: JSON, or text as HTML."""
    kind = "text/html" if isinstance(document, str) else "application/json"
    content = (document if isinstance(document, str) else json.dumps(document)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def upstream(shared_data: Path) -> Upstream:
    lines = (shared_data / "stac/bulk/naip-100-items.ndjson").read_text().splitlines()
    items = [json.loads(line) for line in lines]
    for number, item in enumerate(items):
        item.setdefault("links", [])
        item["properties"]["updated"] = f"2024-01-{number // 10 + 1:02d}T00:00:00Z"
    return Upstream(items)


def test_an_api_is_read_to_its_last_page(upstream: Upstream) -> None:
    with served(upstream) as url:
        found = list(stac_api.search(None, base=Path(), url=url, page=30))
    assert [product.document["id"] for product in found if product.document] == [
        item["id"] for item in upstream.items
    ]
    assert len(upstream.searches) == 4


def test_only_what_changed_is_asked_for_when_the_api_can_tell(upstream: Upstream) -> None:
    since = datetime(2024, 1, 10, tzinfo=UTC)
    with served(upstream) as url:
        found = list(stac_api.search(since, base=Path(), url=url, incremental=True))
        everything = list(stac_api.search(since, base=Path(), url=url))
    assert (len(found), len(everything)) == (10, 100)


def test_an_api_that_breaks_off_is_an_error_not_an_end(upstream: Upstream) -> None:
    upstream.broken_after = 2
    seen: list[Found] = []
    with served(upstream) as url, pytest.raises(Unreachable, match="out of order"):
        seen.extend(stac_api.search(None, base=Path(), url=url, page=30))
    assert len(seen) == 60


def test_an_api_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(Unreachable, match=r"STAC API http://127.0.0.1:9/ does not answer"):
        list(stac_api.search(None, base=Path(), url="http://127.0.0.1:9/"))


CATALOG = {"type": "Catalog", "id": "c", "stac_version": "1.0.0", "description": "C", "links": []}


@pytest.mark.parametrize(
    "document",
    [
        "<html>Welcome</html>",
        {},
        [],
        None,
        CATALOG,
        {**CATALOG, "conformsTo": ["https://api.stacspec.org/v1.0.0/core"]},
        {
            **CATALOG,
            "type": "Collection",
            "license": "other",
            "extent": {
                "spatial": {"bbox": [[0, 0, 1, 1]]},
                "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]},
            },
        },
    ],
)
@pytest.mark.filterwarnings("ignore::pystac_client.warnings.PystacClientWarning")
def test_a_wrong_address_is_one_sentence_that_names_it(document: Any) -> None:
    with answered(document) as url, pytest.raises(Unreadable) as caught:
        list(stac_api.search(None, base=Path(), url=url))
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("features", [None, "absent", {}])
def test_a_page_without_a_list_of_features_is_an_error_not_an_end(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, features: Any
) -> None:
    page = {"type": "FeatureCollection", "features": features, "links": []}
    if features == "absent":
        del page["features"]
    monkeypatch.setattr(upstream, "search", lambda *_: page)
    with served(upstream) as url, pytest.raises(Unreadable, match="has no list of features"):
        list(stac_api.search(None, base=Path(), url=url))


def test_an_empty_page_is_not_the_end_while_it_names_a_next_one(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = upstream.search

    def sparse(url: str, body: dict[str, Any]) -> dict[str, Any]:
        page = search(url, body)
        return {**page, "features": []} if body.get("token") == "30" else page

    monkeypatch.setattr(upstream, "search", sparse)
    with served(upstream) as url:
        assert len(list(stac_api.search(None, base=Path(), url=url, page=30))) == 70


def test_a_page_that_names_itself_is_no_endless_loop(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = upstream.search

    def stuck(url: str, body: dict[str, Any]) -> dict[str, Any]:
        return search(url, {**body, "token": "0"})

    monkeypatch.setattr(upstream, "search", stuck)
    with served(upstream) as url, pytest.raises(Unreadable, match="names itself as the next"):
        list(stac_api.search(None, base=Path(), url=url, page=30))


def test_records_that_are_no_items_do_not_stop_the_others(upstream: Upstream) -> None:
    del upstream.items[3]["id"]
    upstream.items[4]["id"] = None
    with served(upstream) as url:
        found = list(stac_api.search(None, base=Path(), url=url, page=30))
    broken = [product for product in found if product.error]
    assert len(found) == len({product.upstream_id for product in found}) == 100
    assert [product.error for product in broken] == ["the record has no `id`"] * 2
    assert all(product.document is None for product in broken)


def test_a_misspelt_option_is_found_before_the_run() -> None:
    with pytest.raises(TypeError, match="collection"):
        stac_api.search(None, base=Path(), url="http://127.0.0.1:9/", collection=["naip"])  # type: ignore[call-arg]


def test_an_option_that_makes_no_sense_is_one_sentence(upstream: Upstream) -> None:
    with served(upstream) as url, pytest.raises(Unreadable, match="cannot be searched"):
        list(stac_api.search(None, base=Path(), url=url, datetime="yesterday"))
