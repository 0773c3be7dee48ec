"""The folder source against real folders and a real S3 server."""

import os
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import obstore
import orjson
import pytest

from flows.found import Found
from flows.scope import Scope
from flows.sources import folder
from infrastructure.errors import Invalid, Misconfigured, Unreachable, Unreadable
from infrastructure.storage import Store, gdal_path, open_store

SAFE = "S2A_MSIL1C_20220125T151701_N0400_R125_T18LTM_20220125T190036.SAFE"
BAND = "LC08_L2SP_005009_20150710_20200908_02_T2_SR_B{}.TIF"


def products(base: Path, url: str = ".", **options: Any) -> list[Found]:
    return list(folder.search(Scope(base=base), url=url, **options))


def names(found: list[Found]) -> dict[str, list[str]]:
    return {product.upstream_id: list(product.files) for product in found}


def touch(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def lay(base: Path, *paths: str) -> Path:
    for path in paths:
        touch(base / path)
    return base


def test_a_folder_is_a_product_and_a_raster_in_the_root_is_one_too(tmp_path: Path) -> None:
    lay(tmp_path, "a/1_B2.TIF", "a/1_MTL.txt", "deep/er/2.jp2", "alone.tif", "README.md")
    (tmp_path / "empty").mkdir()
    assert names(products(tmp_path)) == {
        "alone.tif": ["alone.tif"],
        "a": ["1_B2.TIF", "1_MTL.txt"],
        "deep/er": ["2.jp2"],
        "empty": [],
    }


def test_each_raster_can_be_a_product(tmp_path: Path) -> None:
    lay(tmp_path, "2020/a.tif", "2020/b.TIFF", "2021/c.jp2", "2021/notes.txt", ".hidden/d.tif")
    found = [product.upstream_id for product in products(tmp_path, scene="file")]
    assert found == ["2020/a.tif", "2020/b.TIFF", "2021/c.jp2"]
    only = products(tmp_path, scene="file", include=["*.jp2"])
    assert [product.upstream_id for product in only] == ["2021/c.jp2"]


def test_an_image_and_what_has_its_base_name_are_one_product(shared_data: Path) -> None:
    found = products(shared_data, "imagery/meris-mediterranean-2006")
    assert [[Path(name).suffix for name in product.files] for product in found] == [
        [".jp2", ".tif", ".xml"],
        [".tif", ".xml"],
        [".tif", ".xml"],
    ]
    assert names(found) == names(products(shared_data / "imagery", "meris-mediterranean-2006"))


def test_base_names_with_dots_are_told_apart(tmp_path: Path) -> None:
    lay(tmp_path, "a.s.tif", "a.tif", "a.tif.ovr", "a.x.tif", "a.x.tif.aux.xml", "a.xml", "a-b.tif")
    lay(tmp_path, "M.1.a.cmr.xml", "M.1.a.hdf", "M.1.a.hdf.xml", "M.2.b.cmr.xml", "M.readme.txt")
    assert names(products(tmp_path)) == {
        "M.1.a.hdf": ["M.1.a.cmr.xml", "M.1.a.hdf", "M.1.a.hdf.xml"],
        "a-b.tif": ["a-b.tif"],
        "a.s.tif": ["a.s.tif"],
        "a.tif": ["a.tif", "a.tif.ovr", "a.xml"],
        "a.x.tif": ["a.x.tif", "a.x.tif.aux.xml"],
    }


def test_a_safe_is_one_product_wherever_it_lies(shared_data: Path) -> None:
    root = shared_data / "imagery/sentinel2-l1c-safe-lima"
    granule = "GRANULE/L1C_T18LTM_A034442_20220125T152341"
    (found,) = products(root)
    assert found.upstream_id == SAFE
    assert {"manifest.safe", f"{granule}/MTD_TL.xml"} <= found.files.keys()
    assert Path(gdal_path(found.files[f"{granule}/MTD_TL.xml"])).read_bytes().startswith(b"<?xml")
    assert len(found.files) == sum(path.is_file() for path in root.rglob("*"))
    (deep,) = [p for p in products(root.parent) if p.upstream_id.endswith(".SAFE")]
    assert deep.upstream_id == f"sentinel2-l1c-safe-lima/{SAFE}"
    (itself,) = products(root, SAFE)
    assert (itself.upstream_id, itself.files) == (found.upstream_id, found.files)
    assert products(root, scene="file")[0].files == found.files


def test_a_manifest_makes_a_package_of_a_folder_of_any_name(tmp_path: Path) -> None:
    inside = ("GRANULE/x/B02.jp2", "annotation/a.xml", "manifest.safe", "measurement/m.tiff")
    lay(tmp_path, *(f"in/S1A_FD5B/{name}" for name in inside), "in/other/1.tif")
    expected = {"in/S1A_FD5B": list(inside), "in/other": ["1.tif"]}
    assert names(products(tmp_path)) == expected
    assert names(products(tmp_path / "in", "S1A_FD5B")) == {"S1A_FD5B": list(inside)}
    by_file = names(products(tmp_path, scene="file"))
    assert by_file == {"in/S1A_FD5B": list(inside), "in/other/1.tif": ["1.tif"]}


def test_archives_are_products_in_any_folder(tmp_path: Path) -> None:
    lay(tmp_path, "a.zip", "in/S2A.SAFE.zip", "in/S2A.SAFE.xml", "in/b.tar.gz", "in/c.tif")
    assert names(products(tmp_path)) == {
        "a.zip": ["a.zip"],
        "in": ["c.tif"],
        "in/S2A.SAFE.zip": ["S2A.SAFE.xml", "S2A.SAFE.zip"],
        "in/b.tar.gz": ["b.tar.gz"],
    }
    assert names(products(tmp_path, "in/b.tar.gz")) == {"b.tar.gz": ["b.tar.gz"]}


def test_the_root_can_be_one_scene(shared_data: Path, tmp_path: Path) -> None:
    scene = "LC08_L2SP_005009_20150710_20200908_02_T2"
    (landsat,) = products(shared_data, "imagery/landsat8-c2l2-greenland-005009")
    assert landsat.upstream_id == scene
    assert {BAND.format(4), f"{scene}_MTL.xml"} <= landsat.files.keys()
    lay(tmp_path, "scene/B02.tif", "scene/B03.tif", "scene/QI/mask.tif")
    assert len(products(tmp_path, "scene")) == 3
    (whole,) = products(tmp_path, "scene", scene="root")
    assert names([whole]) == {"scene": ["B02.tif", "B03.tif", "QI/mask.tif"]}


def test_patterns_choose_products_and_leave_out_files(tmp_path: Path) -> None:
    lay(tmp_path, "2020/A/1.tif", "2020/A/1.png", "2020/B/2.tif", "2021/A/3.tif", "old/A/4.tif")
    assert list(names(products(tmp_path, include=["a"]))) == ["2020/A", "2021/A", "old/A"]
    found = names(products(tmp_path, include=["202?/*/*.TIF"], exclude=["*.png", "2021/*"]))
    assert found == {"2020/A": ["1.tif"], "2020/B": ["2.tif"]}
    assert list(names(products(tmp_path, exclude=["old", "b"]))) == ["2020/A", "2021/A"]
    with pytest.raises(Unreadable, match="holds no products"):
        products(tmp_path, include=["*.nc"])


def test_what_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.tif", "a/2.tif.part", "b.tif.filepart", "c.SAFE.tmp/manifest.safe", "d.tif")
    lay(tmp_path, "e/.1.tif.x7", "f.crdownload", "g/only.tif.part")
    found = names(products(tmp_path))
    assert found == {"d.tif": ["d.tif"], "a": ["1.tif"], "e": []}


def test_a_product_is_taken_when_nothing_of_it_changed_for_a_while(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.tif", "b.tif")
    os.utime(tmp_path / "b.tif", (0, 0))  # a copy that kept the time of its original
    assert products(tmp_path, settle="PT1H") == []
    assert products(tmp_path, settle=3600) == []
    time.sleep(1.1)
    touch(tmp_path / "a" / "2.tif")
    assert names(products(tmp_path, settle="PT1S")) == {"b.tif": ["b.tif"]}
    time.sleep(1.1)
    assert names(products(tmp_path, settle=1)).keys() == {"a", "b.tif"}
    with pytest.raises(Misconfigured, match="'soon' is no duration"):
        products(tmp_path, settle="soon")


def test_a_product_waits_for_its_marker(tmp_path: Path) -> None:
    lay(
        tmp_path, "a/1.tif", "a/READY", "b/1.tif", "x.tif", "x.done", "y.tif", "z.zip", "z.zip.DONE"
    )
    assert list(names(products(tmp_path, marker="*.done"))) == ["x.tif", "z.zip"]
    assert list(names(products(tmp_path, marker="READY"))) == ["a"]
    lay(tmp_path, "s.SAFE/manifest.safe", "s.SAFE/GRANULE/1.jp2", "t.SAFE/GRANULE/1.jp2")
    assert list(names(products(tmp_path, marker="manifest.safe"))) == ["s.SAFE"]


def test_a_name_that_cannot_be_told_does_not_stop_the_others(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.tif", "a/new\nline.tif", "b/2.tif")
    (tmp_path / "b" / os.fsdecode(b"caf\xe9.tif")).write_bytes(b"x")
    found = products(tmp_path)
    errors = {product.upstream_id: product.error for product in found if product.error}
    assert errors == {
        "a/new\\nline.tif": "its name has control characters",
        "b/caf\\udce9.tif": "its name is no UTF-8",
    }
    rest = names([product for product in found if not product.error])
    assert rest == {"a": ["1.tif"], "b": ["2.tif"]}
    assert len(products(tmp_path, include=["b"])) == 3


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    lay(tmp_path, "in/a/1.tif", "elsewhere/2.tif")
    (tmp_path / "in/a/up").symlink_to(tmp_path / "in")
    (tmp_path / "in/a/self").symlink_to("self")
    (tmp_path / "in/b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/c.tif").symlink_to("nowhere.tif")
    found = products(tmp_path, "in")
    assert names([p for p in found if not p.error]) == {"a": ["1.tif"], "b": ["2.tif"]}
    errors = {product.upstream_id: product.error for product in found if product.error}
    assert errors["c.tif"] == "the file cannot be read: No such file or directory"
    assert errors.keys() == {"c.tif", "a/self"}


def test_what_is_no_file_is_no_product(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.tif")
    os.mkfifo(tmp_path / "a" / "pipe.tif")
    assert names(products(tmp_path)) == {"a": ["1.tif"]}


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder of an account without rights, and the process as that account."""
    with tempfile.TemporaryDirectory() as name:
        base, root = Path(name), os.geteuid() == 0
        base.chmod(0o755)
        lay(base, "open/1.tif", "shut/2.tif")
        (base / "shut").chmod(0)
        if root:
            os.seteuid(65534)
        try:
            yield base
        finally:
            if root:
                os.seteuid(0)
            (base / "shut").chmod(0o755)


def test_a_folder_that_cannot_be_read_is_told_and_the_others_go_on() -> None:
    with nobody() as base:
        found = products(base)
        with pytest.raises(Unreachable, match=r"cannot list .*shut: Permission denied"):
            products(base, "shut")
    assert names([p for p in found if not p.error]) == {"open": ["1.tif"]}
    (shut,) = [product for product in found if product.error]
    assert shut.upstream_id == "shut"
    assert shut.error == "the folder cannot be listed: Permission denied"


def test_the_fingerprint_changes_with_the_files(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.tif")
    before = products(tmp_path)[0].fingerprint
    (tmp_path / "a" / "1.tif").chmod(0o600)
    assert products(tmp_path)[0].fingerprint == before
    touch(tmp_path / "a" / "1.tif", b"longer")
    changed = products(tmp_path)[0].fingerprint
    touch(tmp_path / "a" / "2.tif")
    assert len({before, changed, products(tmp_path)[0].fingerprint}) == 3


def test_addresses_survive_spaces_and_unicode(tmp_path: Path) -> None:
    touch(tmp_path / "a b" / "é #1.tif", b"content")
    href = products(tmp_path)[0].files["é #1.tif"]
    assert href.startswith("file:///")
    assert Path(gdal_path(href)).read_bytes() == b"content"


def test_a_missing_and_an_empty_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="holds no products"):
        products(tmp_path)
    with pytest.raises(Unreachable, match="is no folder"):
        products(tmp_path / "nope")


def test_a_large_flat_folder_is_a_stream_of_bounded_memory(tmp_path: Path) -> None:
    for number in range(12_000):
        (tmp_path / f"MOD09A1.A2022{number:06}.h19v10.tif").touch()
    for _ in folder.search(Scope(), url=str(tmp_path), scene="file"):
        pass  # Python's own tables grow by the first search
    tracemalloc.start()
    try:
        stream = folder.search(Scope(), url=str(tmp_path), scene="file")
        files = sum(len(product.files) for product in stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert files == 12_000
    assert peak < 4 * 2**20, f"{peak} bytes; the names are held, the products are not"


def test_the_same_tree_is_the_same_in_a_bucket(tmp_path: Path, bucket: str) -> None:
    tree = lay(
        tmp_path, "a/1.tif", "a-b/1.tif", "a.tif", "a.xml", "b c+%/é #.tif",
        "deep/er/x.SAFE/manifest.safe", "deep/er/x.SAFE/G/1.jp2", "deep/s1/manifest.safe",
        "deep/s1/m/1.tiff", "z/a.zip", "z/1.tif",
        "w/.hidden/1.tif", "w/2.tif", "v.tif.part", BAND.format(2), BAND.format(3),
    )  # fmt: skip
    store = upload(tree, bucket)
    store.put("z/folder", b"")  # what a console writes for an empty folder
    found = products(Path(), bucket)
    assert [p.upstream_id for p in found] == [p.upstream_id for p in products(tree)]
    assert names(found) == names(products(tree))
    assert all(href.startswith(bucket) for p in found for href in p.files.values())
    assert [p.fingerprint for p in products(Path(), f"{bucket}/")] == [p.fingerprint for p in found]
    (itself,) = products(Path(), f"{bucket}/deep/er/x.SAFE")
    assert names([itself]) == {"x.SAFE": ["G/1.jp2", "manifest.safe"]}
    assert names(products(Path(), f"{bucket}/z/a.zip")) == {"a.zip": ["a.zip"]}


def upload(tree: Path, bucket: str) -> Store:
    store = open_store(bucket)
    for path in sorted(tree.rglob("*")):
        if path.is_file():
            store.put(path.relative_to(tree).as_posix(), path)
    return store


def notice(bucket: str, *keys: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    place, _, prefix = bucket.removeprefix("s3://").partition("/")
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": name,
                "s3": {
                    "bucket": {"name": place},
                    "object": {"key": quote_plus(f"{prefix}/{key}", safe="/"), "size": 1},
                },
            }
            for key in keys
        ]
    }


def told(bucket: str, body: Any, **options: Any) -> list[Found]:
    return list(folder.from_event(Scope(), body, url=bucket, **options))


@pytest.mark.parametrize("options", [{}, {"scene": "file"}, {"scene": "root"}])
def test_every_object_s_event_finds_what_the_listing_finds(
    tmp_path: Path, bucket: str, options: dict[str, Any]
) -> None:
    tree = lay(
        tmp_path, "a/1.tif", "a/2.tif", "a.tif", "a.xml", "b c+%/é #.tif", "x/y.SAFE/manifest.safe",
        "x/y.SAFE/G/1.jp2", "deep/s1/manifest.safe", "deep/s1/m/1.tiff", "z/a.zip", "z/a.zip.md5",
        "z/1.tif", BAND.format(2), BAND.format(3),
    )  # fmt: skip
    upload(tree, bucket)
    listed = {p.upstream_id: p for p in products(Path(), bucket, **options)}
    heard: dict[str, Found] = {}
    for path in tree.rglob("*"):
        if path.is_file():
            key = path.relative_to(tree).as_posix()
            heard |= {p.upstream_id: p for p in told(bucket, notice(bucket, key), **options)}
    assert heard == listed


def test_an_event_of_a_removal_tells_what_is_left(tmp_path: Path, bucket: str) -> None:
    tree = lay(tmp_path, "a/1.tif", "a/2.tif", "b.tif", "b.xml", "c.zip", "d.SAFE/manifest.safe")
    store = upload(tree, bucket)
    gone = "ObjectRemoved:Delete"
    keys = ["a/1.tif", "b.xml", "c.zip", "d.SAFE/manifest.safe"]
    obstore.delete(store.backend, keys)
    found = told(bucket, notice(bucket, *keys, name=gone))
    left = {p.upstream_id: list(p.files) for p in found if not p.deleted}
    assert left == {"a": ["2.tif"], "b.tif": ["b.tif"]}
    assert {p.upstream_id for p in found if p.deleted} == {"c.zip", "d.SAFE"}
    obstore.delete(store.backend, "a/2.tif")
    (last,) = told(bucket, notice(bucket, "a/2.tif", name="s3:ObjectRemoved:Delete"))
    assert (last.upstream_id, last.deleted) == ("a", True)


def test_events_of_other_things_are_nothing(tmp_path: Path, bucket: str) -> None:
    upload(lay(tmp_path, "a/1.tif", "b.tif", "b.tif.part", "a/.h"), bucket)
    assert told(bucket, notice("s3://elsewhere/swath", "a/1.tif")) == []
    assert told(bucket, notice(bucket, "b.tif.part", "a/.h", "README", "a//b.tif")) == []
    assert told(bucket, notice(bucket, "a/1.tif", name="ObjectTagging:Put")) == []
    assert told(bucket, {"Service": "Amazon S3", "Event": "s3:TestEvent"}) == []
    assert told(bucket, notice(bucket, "b.tif"), settle="PT1H") == []
    assert told(bucket, notice(bucket, "a/1.tif"), include=["b*"]) == []
    wrapped = {"Type": "Notification", "Message": orjson.dumps(notice(bucket, "b.tif")).decode()}
    assert list(names(told(bucket, orjson.dumps(wrapped)))) == ["b.tif"]


def test_a_body_that_is_no_event_is_refused(bucket: str, tmp_path: Path) -> None:
    for body in (b"{", b"[]", {"Records": [{}]}, {"Records": [{"eventName": "x", "s3": 1}]}):
        with pytest.raises(Invalid, match="no event message of S3"):
            told(bucket, body)
    with pytest.raises(Misconfigured, match="is no bucket"):
        list(folder.from_event(Scope(base=tmp_path), {"Records": []}, url="."))
