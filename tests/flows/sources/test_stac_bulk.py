"""The source of files with many items: real ones, and what can be wrong with them."""

import gzip
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import obstore
import pytest
from stac_geoparquet.arrow import parse_stac_items_to_parquet

from flows.found import Found
from flows.scope import Scope
from flows.sources import stac_bulk
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.http import Http
from infrastructure.storage import open_store

Json = dict[str, Any]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def read(url: str, base: Path | None = None) -> list[Found]:
    scope = Scope(base=base or Path(), http=Http(attempts=0))
    return list(stac_bulk.search(scope, url=url))


def item(name: str, **properties: Any) -> Json:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "geometry": {"type": "Point", "coordinates": [1.0, 2.0]},
        "bbox": [1.0, 2.0, 1.0, 2.0],
        "properties": {"datetime": "2024-01-01T00:00:00Z", **properties},
        "links": [],
        "assets": {},
    }


def lines(*items: Json) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in items)


def without_nulls(value: Any) -> Any:
    """As it comes out of a table, where null and absent are the same."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def naip(shared_data: Path) -> list[Json]:
    text = (shared_data / "stac/bulk/naip-100-items.ndjson").read_text()
    return [json.loads(line) for line in text.splitlines()]


FORMS = {
    "lines.ndjson": lambda items: lines(*items).encode(),
    "blank.jsonl": lambda items: f"\ufeff\n\n{lines(*items)}\n\n".encode(),
    "lines.ndjson.gz": lambda items: gzip.compress(lines(*items).encode()),
    "members.ndjson.gz": lambda items: b"".join(
        gzip.compress(lines(one).encode()) for one in items
    ),
    "array.json": lambda items: json.dumps(items).encode(),
    "array.json.gz": lambda items: gzip.compress(json.dumps(items, indent=2).encode()),
    "collection.geojson": lambda items: json.dumps(
        {"type": "FeatureCollection", "links": [{"rel": "x"}], "n": 1, "features": items}
    ).encode(),
    "pretty.json": lambda items: json.dumps(
        {"features": items, "type": "FeatureCollection", "numberMatched": 100}, indent=2
    ).encode(),
    "named-as-nothing": lambda items: lines(*items).encode(),
}


@pytest.mark.parametrize("name", FORMS)
def test_items_come_as_they_stand_in_files_of_every_form(
    tmp_path: Path, naip: list[Json], name: str
) -> None:
    (tmp_path / name).write_bytes(FORMS[name](naip))
    local = read(name, tmp_path)
    with served(tmp_path) as url:
        remote = read(f"{url}/{name}")
    for found in (local, remote):
        assert [product.document for product in found] == naip
    assert {product.root for product in local} == {str(tmp_path)}
    assert {product.root for product in remote} == {None}


def test_items_come_out_of_geoparquet_as_they_went_in(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "stac/bulk/sentinel-2-l2a-1000-items.ndjson.gz"
    items = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    parse_stac_items_to_parquet(items, output_path=str(tmp_path / "items.parquet"))
    found = {product.upstream_id: product.document for product in read("*.parquet", tmp_path)}
    assert len(found) == 1000
    for one in items:
        document = found[f"{one['collection']}/{one['id']}"]
        assert document is not None
        times = (document["properties"].pop("datetime"), one["properties"].pop("datetime"))
        assert times[0][:23] == times[1][:23]
        assert document == without_nulls(one)


def test_a_row_that_is_no_item_does_not_stop_the_others(tmp_path: Path) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    path = tmp_path / "items.parquet"
    items = [item(str(number), gsd=number or None) for number in range(5)]
    items[1]["properties"]["only"] = {"here": [1, None]}
    parse_stac_items_to_parquet(items, output_path=str(path))
    table = pq.read_table(path)
    shapes = table["geometry"].to_pylist()
    shapes[2] = None
    column = table.schema.get_field_index("geometry")
    field = table.schema.field(column)
    pq.write_table(table.set_column(column, field, pa.array(shapes, field.type)), path)
    found = read("items.parquet", tmp_path)
    documents = {product.upstream_id: product.document for product in found if product.document}
    assert documents.keys() == {"c/0", "c/1", "c/3", "c/4"}
    assert [product.error for product in found if product.error] != []
    assert documents["c/0"] is not None
    assert "gsd" not in documents["c/0"]["properties"]
    assert "only" not in documents["c/0"]["properties"]


def test_real_files_are_read_whole(shared_data: Path) -> None:
    counts = {
        "naip-1000-items.ndjson.gz": 1000,
        "landsat-c2-l2-100-items.ndjson.gz": 100,
        "sentinel-2-l2a-1000-items.ndjson.gz": 1000,
        "openaerialmap-2951-items.ndjson.gz": 934,  # so many ids; the others repeat them
    }
    for name, count in counts.items():
        found = read(name, shared_data / "stac/bulk")
        assert len({product.upstream_id for product in found}) == len(found) == count
        assert not any(product.error for product in found)


def test_of_an_id_that_comes_again_the_newest_is_given_once(tmp_path: Path) -> None:
    old, new = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"
    (tmp_path / "1.ndjson").write_text(
        lines(
            item("newest first", updated=new),
            item("newest last", updated=old),
            item("told once", updated=old, n=1),
            item("never told", n=1),
            item("the same", n=1),
            item("alone"),
            item("in two files", updated=new, n=1),
            item("newest first", updated=old),
            item("newest last", updated=new),
            item("told once", n=2),
            item("never told", n=2),
            item("the same", n=1),
            item("the same", n=1),
        )
    )
    (tmp_path / "2.ndjson.gz").write_bytes(
        gzip.compress(lines(item("in two files", updated=old, n=2)).encode())
    )
    found = {one.upstream_id: one for one in read(".", tmp_path)}
    properties = {
        name.removeprefix("c/"): one.document["properties"]
        for name, one in found.items()
        if one.document
    }
    assert Counter(one.upstream_id for one in read(".", tmp_path)).most_common(1)[0][1] == 1
    assert properties["newest first"]["updated"] == new
    assert properties["newest last"]["updated"] == new
    assert {name: values.get("n") for name, values in properties.items()} == {
        "newest first": None,
        "newest last": None,
        "told once": 1,
        "never told": 2,
        "the same": 1,
        "alone": None,
        "in two files": 1,
    }


def test_a_broken_line_does_not_stop_the_others(tmp_path: Path) -> None:
    text = lines(item("a")) + '{"type": "Feature", "id": \n[1]\n7\n' + lines(item("b"))
    (tmp_path / "items.ndjson").write_bytes(text.encode() + b"\xff\xfe\n{}\n")
    found = read("items.ndjson", tmp_path)
    broken = [product for product in found if product.error]
    assert [one.upstream_id for one in found if one.document] == ["c/a", "c/b"]
    assert len(broken) == 5
    assert [one.original for one in broken][:2] == [b'{"type": "Feature", "id":', b"[1]"]
    assert "items.ndjson: line 2: no JSON" in (broken[0].error or "")
    assert len({one.upstream_id for one in broken}) == 5
    again = [product.upstream_id for product in read("items.ndjson", tmp_path)]
    assert again == [product.upstream_id for product in found]


@pytest.mark.parametrize("name", ["lines.ndjson.gz", "array.json", "array.json.gz", "pretty.json"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_file_that_is_cut_short_is_an_error_after_what_came(
    tmp_path: Path, naip: list[Json], name: str, part: float
) -> None:
    content = FORMS[name](naip * 3)
    (tmp_path / name).write_bytes(content[: int(len(content) * part)])
    (tmp_path / "whole.ndjson").write_text(lines(item("whole")))
    found: list[Found] = []
    with pytest.raises(Unreadable, match=name):
        found.extend(stac_bulk.search(Scope(base=tmp_path), url="."))
    assert "c/whole" in {product.upstream_id for product in found}
    if part > 0.5:
        assert len(found) == 101


def test_other_files_are_no_items(tmp_path: Path) -> None:
    (tmp_path / "empty.ndjson").write_text("")
    (tmp_path / "blank.json").write_text(" \n ")
    assert read(".", tmp_path) == []
    (tmp_path / "empty.json").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "list.json").write_text(" [ ] ")
    assert read("*.json", tmp_path) == []
    for content in (b"PAR1 and nothing else", b"\x1f\x8b nothing else", b'[{"id": "a"} {}]'):
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(Unreadable, match=r"bad\.json"):
            read("bad.json", tmp_path)


def test_one_item_in_a_file_of_many_lines_is_one_item(tmp_path: Path) -> None:
    (tmp_path / "item.json").write_text(json.dumps(item("a"), indent=2))
    (found,) = read("item.json", tmp_path)
    assert found.document == item("a")


def test_a_property_named_features_makes_no_collection_of_an_item(tmp_path: Path) -> None:
    items = [{"features": [7], **item("a")}, item("b")]
    (tmp_path / "items.ndjson").write_text(lines(*items))
    assert [one.upstream_id for one in read("items.ndjson", tmp_path)] == ["c/a", "c/b"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.ndjson", {"a"}),
        ("**/*.ndjson", {"a", "b", "c"}),
        ("x/*.ndjson", {"b"}),
        ("x/?/c.ndjson", {"c"}),
        (".", {"a", "b", "c"}),
        ("x", {"b", "c"}),
        ("x/b.ndjson", {"b"}),
    ],
)
def test_files_are_named_by_path_folder_or_pattern(
    tmp_path: Path, bucket: str, pattern: str, found: set[str]
) -> None:
    store = open_store(bucket)
    for name in ("a.ndjson", "x/b.ndjson", "x/y/c.ndjson", "x/notes.txt"):
        content = lines(item(Path(name).stem))
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
        obstore.put(store.backend, name, content.encode())
    local = read(pattern, tmp_path)
    remote = read(f"{bucket}/{pattern}".removesuffix("/."))
    assert {one.upstream_id for one in local} == {f"c/{name}" for name in found}
    assert {one.upstream_id for one in remote} == {f"c/{name}" for name in found}


def test_files_that_are_not_there_are_an_error(tmp_path: Path, bucket: str) -> None:
    for url in ("nothing.ndjson", "*.ndjson", ".", f"{bucket}/*.ndjson"):
        with pytest.raises(Unreadable, match="there is no such file"):
            read(url, tmp_path)
    with pytest.raises(Unreadable, match="no such file"):
        read(f"{bucket}/nothing.ndjson")
    with served(tmp_path) as url, pytest.raises(Unreadable, match="status 404"):
        read(f"{url}/nothing.ndjson")
    with pytest.raises(Unreachable, match="does not answer"):
        read("http://127.0.0.1:9/items.ndjson")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc

    items = (item(str(number), padding="x" * 50_000) for number in range(600))
    with gzip.open(tmp_path / "lines.ndjson.gz", "wt", compresslevel=1) as file:
        file.writelines(lines(one) for one in items)
    (tmp_path / "all.json").write_text(
        json.dumps([item(str(number), padding="x" * 50_000) for number in range(600)])
    )
    for name in ("lines.ndjson.gz", "all.json"):
        tracemalloc.start()
        try:
            stream = stac_bulk.search(Scope(base=tmp_path), url=name)
            assert sum(1 for _ in stream) == 600
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 12 * 2**20, name  # each file has 30 MB
