"""Products that come as archives, the good ones and the others."""

import io
import tarfile
import zipfile
from pathlib import Path

import obstore
import pytest

from flows.found import Found
from flows.packages import content
from flows.packages.archive import unpacked
from infrastructure import archives
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.redirections import landed
from infrastructure.storage import gdal_path, open_store


def product(*paths: Path) -> Found:
    return Found("product", "1", {path.name: path.as_uri() for path in paths})


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_names_lose_the_folder_that_all_files_lie_in(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"X.SAFE/m.xml": b"1", "X.SAFE/a/b.jp2": b"2"})
    assert list(unpacked(product(path)).files) == ["a/b.jp2", "m.xml"]
    path = zipped(tmp_path / "b.zip", {"X.SAFE/m.xml": b"1", "readme.txt": b"2"})
    assert list(unpacked(product(path)).files) == ["X.SAFE/m.xml", "readme.txt"]


def test_what_lies_beside_an_archive_is_of_the_product_too(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.tif": b"1"})
    (tmp_path / "a.xml").write_text("<a/>")
    found = unpacked(product(path, tmp_path / "a.xml"))
    assert list(found.files) == ["a.xml", "a.tif"]
    assert content.read(found.files["a.tif"]) == b"1"


@pytest.mark.parametrize("name", ["a.zip", "a b!.zip", "ü#?.zip"])
def test_a_member_is_read_whatever_the_names_are(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / name, {"top/ä b!/c#d.xml": b"<c/>"})
    ((inner, href),) = unpacked(product(path)).files.items()
    assert inner == "ä b!/c#d.xml"
    assert content.read(href) == b"<c/>"
    assert b"".join(content.pieces(href)) == b"<c/>"


def test_a_member_has_an_address_that_gdal_and_we_understand() -> None:
    href = archives.inside("zip", "s3://bucket/a b.zip", "X.SAFE/ä.jp2")
    assert href == "zip+s3://bucket/a b.zip!/X.SAFE/%C3%A4.jp2"
    assert gdal_path(href) == "/vsizip/{/vsis3/bucket/a b.zip}/X.SAFE/ä.jp2"
    assert landed(href, private_allowed=False) == href
    assert archives.member("file:///a+b!/c") is None


def test_an_archive_in_another_store_is_read_by_ranges(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.bin", bytes(5_000_000))
        archive.writestr("last.xml", b"<last/>")
    obstore.put(store.backend, "a.zip", memory.getvalue())
    with (
        io.BufferedReader(content._Remote(store.backend, "a.zip")) as remote,
        zipfile.ZipFile(remote) as archive,
    ):
        assert archive.read("last.xml") == b"<last/>"
        assert len(archive.read("big.bin")) == 5_000_000


def test_paths_that_lead_out_of_the_product_are_left_out(tmp_path: Path) -> None:
    names = ["a/b.tif", "a/../../etc/passwd", "/etc/passwd", "a/.hidden", "__MACOSX/a/b.tif"]
    path = zipped(tmp_path / "a.zip", dict.fromkeys(names, b"1"))
    assert list(unpacked(product(path)).files) == ["b.tif"]


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(tmp_path / "whole.zip", {"a": b"1" * 5000}).read_bytes()[:3000])
    with pytest.raises(Unreadable, match=r"a\.zip: the archive is damaged"):
        unpacked(product(path))
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as bundle:
        bundle.add(tmp_path / "whole.zip", "whole.zip")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Unreadable, match=r"a\.tar\.gz: the archive is damaged"):
        unpacked(product(path))


def test_an_encrypted_archive_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.xml": b"1"})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag in the central directory
    path.write_bytes(raw)
    with pytest.raises(Unreadable, match="the archive is encrypted"):
        unpacked(product(path))


def test_metadata_that_would_fill_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "MOST", 1000)
    path = zipped(tmp_path / "a.zip", {"bomb.xml": bytes(100_000)})
    (href,) = unpacked(product(path)).files.values()
    with pytest.raises(Unreadable, match="more than 1000 bytes"):
        content.read(href)


def test_a_member_that_cannot_be_unpacked_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m.xml", bytes(range(256)) * 99)
    raw = bytearray(path.read_bytes())
    raw[35:60] = b"\xff" * 25
    path.write_bytes(raw)
    (href,) = unpacked(product(path)).files.values()
    with pytest.raises(Unreadable, match="the archive is damaged"):
        content.read(href)


def test_of_a_member_that_a_tar_has_twice_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as bundle:
        for text in (b"first", b"the last"):
            info = tarfile.TarInfo("m.xml")
            info.size = len(text)
            bundle.addfile(info, io.BytesIO(text))
        link = tarfile.TarInfo("link.xml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        bundle.addfile(link)
    assert content.members(path.as_uri(), "tar") == {"m.xml": 8}
    (href,) = unpacked(product(path)).files.values()
    assert content.read(href) == b"the last"


def test_signatures_of_addresses_are_not_told() -> None:
    href = "zip+http://127.0.0.1:9/a.zip?sig=secret!/m.xml"
    with pytest.raises((Unreachable, Unreadable)) as told:
        content.read(href)
    assert "secret" not in str(told.value)
