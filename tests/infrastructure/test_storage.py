"""The object store: a folder and a bucket on a real S3 server behave alike."""

import errno
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infrastructure.errors import Invalid, Misconfigured, Unreachable
from infrastructure.s3 import gdal_options
from infrastructure.storage import Shelf, Store, gdal_path, open_store

NAMES = ["a/red.tif", "a/red #1.tif", "a/ñandú ü.tif", "a b/50 % (é).txt", "a/q?x=1&y.tif", "a%20b"]
BIG = 6 * 1024 * 1024
"""More than the client sends in one piece."""


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of either kind."""
    if request.param == "folder":
        return open_store((tmp_path / "a #store ü").as_uri())
    return open_store(request.getfixturevalue("bucket"))


def content(store: Store, key: str) -> bytes:
    return b"".join(store.read(key))


def keys(store: Store, prefix: str = "") -> list[str]:
    return sorted(meta["path"] for meta in store.list(prefix))


@pytest.mark.parametrize("key", NAMES)
def test_a_file_comes_back_under_its_key_and_its_address(store: Store, key: str) -> None:
    assert keys(store) == []
    href = store.put(key, b"content")
    assert href == store.href(key)
    assert href.startswith(f"{store.root}/")
    assert store.key(href) == key
    assert content(store, key) == b"content"
    assert keys(store) == [key]
    store.put(key, b"new")
    assert content(store, key) == b"new"


def test_an_address_elsewhere_has_no_key(store: Store) -> None:
    assert store.key("https://example.com/a.tif") is None
    assert store.key(f"{store.root}-other/a.tif") is None


def test_a_large_file_is_the_same_at_either_end(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "large"
    source.write_bytes(bytes(range(256)) * (BIG // 256) + b"end")
    shelf = Shelf(store, "collection/item", tmp_path)
    href = shelf.put("large", source)
    assert href == shelf.href("large")
    assert content(store, "collection/item/large") == source.read_bytes()
    (meta,) = store.list("collection/item")
    assert meta["size"] == BIG + 3


def test_a_prefix_ends_at_a_slash(store: Store) -> None:
    for key in ("c/a/1", "c/a/2", "c/ab/1", "c/a.txt"):
        store.put(key, b"x")
    assert keys(store, "c/a") == keys(store, "c/a/") == ["c/a/1", "c/a/2"]
    assert store.delete("c/a/") == 2
    assert keys(store) == ["c/a.txt", "c/ab/1"]
    assert store.delete("c/a") == 0


@pytest.mark.parametrize("key", ["../x", "a/../../x", "a/..", ".", "./a", "/a", "a//b", ""])
def test_a_name_that_climbs_out_is_refused(store: Store, tmp_path: Path, key: str) -> None:
    outside = tmp_path / "x"
    outside.write_bytes(b"mine")
    store.put("a/b", b"x")
    doors: list[Callable[[], Any]] = [
        lambda: store.put(key, b"theirs"),
        lambda: content(store, key),
        lambda: store.delete(key),
    ]
    for door in doors:
        with pytest.raises(Invalid, match="no name for a file in the store"):
            door()
    assert outside.read_bytes() == b"mine"
    assert keys(store) == ["a/b"]
    with pytest.raises(Invalid):
        keys(store, "../")


def test_a_reader_never_sees_half_a_file(store: Store) -> None:
    versions = {bytes([n]) * BIG for n in (1, 2)}
    store.put("file", next(iter(versions)))
    done = threading.Event()

    def write() -> None:
        for _ in range(2):
            for version in versions:
                store.put("file", version)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert content(store, "file") in versions
    writer.join()


def test_a_write_that_fails_leaves_the_old_file(store: Store, tmp_path: Path) -> None:
    store.put("file", b"old")
    with pytest.raises(Unreachable, match=r"cannot write .*file: "):
        store.put("file", tmp_path)  # a folder opens, but cannot be read
    with pytest.raises(Unreachable, match=r"cannot write .*file: "):
        store.put("file", tmp_path / "missing")
    assert content(store, "file") == b"old"
    assert keys(store) == ["file"]


def test_what_is_not_there_cannot_be_read(store: Store) -> None:
    with pytest.raises(Unreachable, match=r"cannot read .*nope: "):
        content(store, "nope")


def said(action: Callable[[], Any]) -> str:
    with pytest.raises(Unreachable) as caught:
        action()
    return str(caught.value)


def test_a_server_that_is_gone_is_told_of_in_seconds(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:  # bound but never listening: nobody else can take the port
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        store = open_store(bucket)
        start = time.monotonic()
        for verb, action in {
            "write": lambda: store.put("a", b"x"),
            "read": lambda: content(store, "a"),
            "list": lambda: keys(store, "a"),
            "delete": lambda: store.delete("a"),
        }.items():
            message = said(action)
            begin = "list" if verb == "delete" else verb
            assert message.startswith(f"cannot {begin} {bucket}/a: ")
            assert "\n" not in message
    assert time.monotonic() - start < 4 * 10


def test_a_bucket_that_is_missing_is_told_of(bucket: str) -> None:
    store = open_store(bucket.replace("test-", "gone-"))
    words = "The specified bucket does not exist"
    assert said(lambda: store.put("a", b"x")) == f"cannot write {store.root}/a: {words}"
    assert said(lambda: content(store, "a")) == f"cannot read {store.root}/a: {words}"
    assert said(lambda: keys(store)) == f"cannot list {store.root}/: {words}"


@pytest.mark.parametrize("url", ["/plain/path", "ftp://host/x", "s3://", "file:", "s3:bucket"])
def test_what_is_no_store_is_misconfigured(url: str) -> None:
    with pytest.raises(Misconfigured, match="is no store"):
        open_store(url)


def test_a_folder_that_cannot_be_made_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Misconfigured, match="cannot make the folder"):
        open_store((tmp_path / "file" / "store").as_uri())


def s3_words(environ: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in gdal_options(environ).items() if key.startswith("AWS_")}


def test_gdal_follows_the_endpoint_of_the_environment() -> None:
    assert s3_words({"AWS_REGION": "eu-west-1"}) == {}
    own = {"AWS_HTTPS": "YES", "AWS_S3_ENDPOINT": "s3.example.org", "AWS_VIRTUAL_HOSTING": "FALSE"}
    assert s3_words({"AWS_ENDPOINT_URL": "https://s3.example.org/"}) == own
    plain = {**own, "AWS_HTTPS": "NO", "AWS_S3_ENDPOINT": "127.0.0.1:9000"}
    both = {
        "AWS_ENDPOINT_URL": "https://s3.example.org",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000",
    }
    assert s3_words(both) == plain


@pytest.mark.parametrize("url", ["s3.example.org", "ftp://s3.example.org", "https://host/path"])
def test_an_endpoint_that_is_none_is_misconfigured(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(Misconfigured, match="AWS_ENDPOINT_URL"):
        gdal_options({"AWS_ENDPOINT_URL": url})
    with pytest.raises(Misconfigured, match="AWS_ENDPOINT_URL"):
        open_store("s3://bucket")


def test_gdal_opens_each_kind_of_address() -> None:
    assert gdal_path("s3://bucket/a #1.tif") == "/vsis3/bucket/a #1.tif"
    assert gdal_path("file:///a%20%231.tif") == "/a #1.tif"
    assert gdal_path("https://example.com/a.tif") == "/vsicurl/https://example.com/a.tif"
    with pytest.raises(Misconfigured, match="its scheme is not"):
        gdal_path("ftp://example.com/a.tif")


@pytest.mark.parametrize("key", ["c/i/a.tif", "c/i/a~2Fb.tif"])
def test_a_file_that_is_taken_in_is_moved_whole(tmp_path: Path, key: str) -> None:
    store, path = open_store((tmp_path / "store").as_uri()), tmp_path / "a.tif"
    for content in (b"1" * 5000, b"2" * 100):  # the second takes the place of the first
        path.write_bytes(content)
        href = store.take(key, path)
        assert not path.exists()
        assert store.key(href) == key
        assert b"".join(store.read(key)) == content


def test_a_file_from_another_disk_is_taken_in_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    store, path = open_store((tmp_path / "store").as_uri()), tmp_path / "a.tif"
    path.write_bytes(b"1")
    monkeypatch.setattr(Path, "replace", other_disk)
    store.take("c/i/a.tif", path)
    assert (b"".join(store.read("c/i/a.tif")), path.exists()) == (b"1", False)
