"""The source of static catalogs: real ones, from a folder, over HTTP and from S3."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import obstore
import pytest

from flows.found import Found
from flows.readers import stac
from flows.scope import Scope
from flows.sources import stac_static
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.http import Http
from infrastructure.storage import open_store

LANDSAT = "catalogs/landsat-8-l1-static/catalog.json"

CATALOGS = {
    LANDSAT: 4,
    "catalogs/planet-disaster-beta2/collection.json": 5,
    "old-versions/sat-stac-0.6/catalog/catalog.json": 2,
    "items/eodag-provider-static/catalog.json": 5,
}


@contextmanager
def served(folder: Path, status: int | None = None) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def send_head(self) -> Any:
            if status and self.path.endswith("LC80150322018141LGN00.json"):
                return self.send_error(status)
            return super().send_head()

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def copy(shared_data: Path, tmp_path: Path) -> Path:
    """A catalog that a test may damage."""

    def plain(source: str, target: str) -> None:
        Path(target).write_bytes(Path(source).read_bytes())

    folder = tmp_path / "catalog"
    shutil.copytree(shared_data / "stac/catalogs/landsat-8-l1-static", folder, copy_function=plain)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    return folder


def walk(url: str, base: Path | None = None, **options: Any) -> list[Found]:
    scope = Scope(base=base or Path(), http=Http(attempts=0))
    return list(stac_static.search(scope, url=url, **options))


def link(folder: Path, *links: dict[str, str]) -> None:
    root = json.loads((folder / "catalog.json").read_text())
    root["links"] += links
    (folder / "catalog.json").write_text(json.dumps(root))


@pytest.mark.parametrize("name", CATALOGS)
def test_catalogs_of_many_versions_are_walked_from_a_folder_and_over_http(
    shared_data: Path, name: str
) -> None:
    local = walk(name, shared_data / "stac")
    with served(shared_data / "stac") as url:
        remote = walk(f"{url}/{name}")
    for found in (local, remote):
        assert [product.error for product in found] == [None] * CATALOGS[name]
        assert len({product.upstream_id for product in found}) == CATALOGS[name]
    assert [one.upstream_id for one in local] == [one.upstream_id for one in remote]
    assert all(one.root == str((shared_data / "stac" / name).parent) for one in local)
    assert all(one.root is None for one in remote)


def test_a_catalog_in_s3_is_walked(bucket: str, shared_data: Path) -> None:
    store = open_store(bucket)
    folder = shared_data / "stac/catalogs/landsat-8-l1-static"
    for path in folder.rglob("*.json"):
        obstore.put(store.backend, str(path.relative_to(folder)), path.read_bytes())
    link_there = {"rel": "item", "href": "s3://other/item.json"}
    missing = {"rel": "item", "href": "./nowhere.json"}
    root = json.loads((folder / "catalog.json").read_text())
    root["links"] += [link_there, missing]
    obstore.put(store.backend, "catalog.json", json.dumps(root).encode())
    found = walk(f"{bucket}/catalog.json")
    errors = {one.upstream_id: one.error or "" for one in found if one.error}
    assert len(found) == 4 + 2
    assert "not its own" in errors["s3://other/item.json"]
    assert "no such file" in errors[f"{bucket}/nowhere.json"]


def test_an_item_tells_where_it_came_from_and_where_its_files_are(shared_data: Path) -> None:
    with served(shared_data / "stac") as url:
        found = walk(f"{url}/items/eodag-provider-static/catalog.json")
    for product in found:
        item = stac.read(product)
        assert [link.target for link in item.get_links("via")] == [item.get_self_href()]
        assert str(item.get_self_href()).startswith(url)
        assert all(asset.href.startswith(("http", "s3")) for asset in item.assets.values())


def test_properties_that_a_collection_has_for_its_items_are_the_items_own(tmp_path: Path) -> None:
    old = {"stac_version": "0.6.0", "id": "c", "description": "C", "license": "other"}
    own = {"properties": {"eo:platform": "landsat-8", "eo:gsd": 30}, "extent": {}}
    nested = {"stac_version": "0.6.0", "id": "n", "description": "N"}
    item: dict[str, Any] = {"type": "Feature", "id": "i", "geometry": None, "assets": {}}
    item |= {"properties": {"datetime": "2018-01-01T00:00:00Z", "eo:gsd": 15}, "links": []}
    files = {
        "collection.json": {**old, **own, "links": [{"rel": "child", "href": "n/catalog.json"}]},
        "n/catalog.json": {**nested, "links": [{"rel": "item", "href": "../i.json"}]},
        "i.json": item,
    }
    (tmp_path / "n").mkdir()
    for name, document in files.items():
        (tmp_path / name).write_text(json.dumps(document))
    (found,) = walk("collection.json", tmp_path)
    assert found.document is not None
    assert found.document["properties"]["eo:platform"] == "landsat-8"
    assert found.document["properties"]["eo:gsd"] == 15


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"no": "stac"}', "no STAC"),
        ("<html>", "no JSON"),
        ("[]", "no STAC"),
        ('"word"', "no STAC"),
        ("null", "no STAC"),
        ('{"id": "x", "type": "Catalog"}', "no STAC"),
        ('{"id": "x", "links": 7}', "no STAC"),
    ],
)
def test_a_root_that_is_no_catalog_is_an_error(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "catalog.json").write_text(text)
    with pytest.raises(Unreadable, match=rf"catalog\.json: {reason}"):
        walk("catalog.json", tmp_path)


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        walk("catalog.json", tmp_path)
    with served(tmp_path) as url, pytest.raises(Unreadable, match="status 404"):
        walk(f"{url}/catalog.json")
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9/"):
        walk("http://127.0.0.1:9/catalog.json")


def test_broken_missing_and_circular_links_do_not_stop_the_walk(copy: Path) -> None:
    items = sorted(copy.rglob("LC*.json"))
    items[0].unlink()
    items[1].write_text('{"type": "Feature", "id":')
    link(
        copy,
        {"rel": "child", "href": "./nowhere/catalog.json"},
        {"rel": "child", "href": "./catalog.json"},
        {"rel": "child", "href": "landsat-8-l1/../catalog.json#again"},
        {"rel": "item", "href": "ftp://example.com/item.json"},
        {"rel": "item", "href": "http://[half"},
        {"rel": "item"},
    )
    nested = json.loads((copy / "landsat-8-l1/collection.json").read_text())
    nested["links"].append({"rel": "child", "href": "../catalog.json"})
    (copy / "landsat-8-l1/collection.json").write_text(json.dumps(nested))
    found = walk("catalog.json", copy)
    broken = {product.upstream_id: product for product in found if product.error}
    assert len([product for product in found if product.document]) == len(items) - 2
    missing = copy / "nowhere" / "catalog.json"
    files = {path.as_uri() for path in (*items[:2], missing)}
    assert broken.keys() == files | {"ftp://example.com/item.json", "http://[half"}
    assert "No such file" in (broken[items[0].as_uri()].error or "")
    assert "no JSON" in (broken[items[1].as_uri()].error or "")
    assert broken[items[1].as_uri()].original == b'{"type": "Feature", "id":'


def test_an_item_that_is_linked_twice_is_given_once_and_two_of_one_id_are_told_of(
    copy: Path,
) -> None:
    first, *_ = sorted(copy.rglob("LC*.json"))
    item = json.loads(first.read_text())
    (copy / "other.json").write_text(json.dumps({**item, "bbox": [0, 0, 1, 1]}))
    link(copy, {"rel": "item", "href": f"./{first.relative_to(copy)}"})
    link(copy, {"rel": "item", "href": "./other.json"})
    found = walk("catalog.json", copy)
    assert len(found) == 4 + 1
    (second,) = (product for product in found if product.error)
    assert second.upstream_id == (copy / "other.json").as_uri()
    assert "the second file of landsat-8-l1/" in (second.error or "")


def test_a_server_that_fails_in_the_middle_is_an_error_not_an_end(copy: Path) -> None:
    found: list[Found] = []
    with served(copy, status=503) as url, pytest.raises(Unreachable, match="status 503"):
        found.extend(
            stac_static.search(Scope(http=Http(attempts=0)), url=f"{url}/catalog.json", readers=1)
        )
    assert len(found) < 4
    with served(copy, status=410) as url:
        (gone,) = (one for one in walk(f"{url}/catalog.json") if one.error)
    assert "status 410" in (gone.error or "")


def test_a_catalog_of_the_web_leads_neither_to_our_files_nor_to_our_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "web").mkdir()
    secret = tmp_path / "secret.json"
    secret.write_text('{"type": "Feature", "id": "secret", "links": []}')
    catalog = {"type": "Catalog", "id": "c", "stac_version": "1.0.0", "description": "C"}
    with served(tmp_path) as other, served(tmp_path / "web") as url:
        hrefs = [secret.as_uri(), "s3://bucket/secret.json", f"{other}/secret.json"]
        links = [{"rel": "item", "href": href} for href in hrefs]
        (tmp_path / "web/catalog.json").write_text(json.dumps({**catalog, "links": links}))
        errors = [product.error or "" for product in walk(f"{url}/catalog.json")]
        monkeypatch.setenv("SWATH_HARVEST_PRIVATE_HOSTS", "true")
        *_, allowed = walk(f"{url}/catalog.json")
    assert len(errors) == 3
    assert "names a file of this machine" in errors[0]
    assert "a bucket that is not its own" in errors[1]
    assert "127.0.0.1 is on a private network" in errors[2]
    assert allowed.upstream_id == "secret"


def test_memory_does_not_grow_with_the_size_of_items(tmp_path: Path) -> None:
    import tracemalloc

    padding = "x" * 100_000
    links = []
    for number in range(300):
        item = {"type": "Feature", "id": str(number), "links": [], "padding": padding}
        (tmp_path / f"{number}.json").write_text(json.dumps(item))
        links.append({"rel": "item", "href": f"{number}.json"})
    (tmp_path / "catalog.json").write_text(json.dumps({"id": "c", "links": links}))
    tracemalloc.start()
    try:
        stream = stac_static.search(Scope(base=tmp_path), url="catalog.json")
        assert sum(1 for _ in stream) == 300
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * 2**20  # all of them have 30 MB
