"""Files that are copied into the store: which, under which name, and byte for byte."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pystac
import pytest

from enriching import item_of, shelf_in
from flows.enrich import keep
from flows.found import Found
from flows.packages.archive import unpacked
from infrastructure.errors import Unreadable
from infrastructure.storage import Shelf, open_store


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def kept(shelf: Shelf) -> dict[str, bytes]:
    """What lies on the shelf."""
    prefix = f"{shelf.prefix}/"
    return {
        meta["path"].removeprefix(prefix): b"".join(shelf.store.read(meta["path"]))
        for meta in shelf.store.list(prefix)
    }


def test_metadata_and_pictures_of_a_zip_are_kept_and_pixels_are_not(
    shared_data: Path, shelf: Shelf
) -> None:
    (path,) = (shared_data / "imagery/sentinel2-l1c-safe-zip").glob("*.zip")
    files = unpacked(Found(path.name, "1", {path.name: path.as_uri()})).files
    band = next(href for name, href in files.items() if name.endswith("_B02.jp2"))
    item = item_of(
        {
            "safe_manifest": (files["manifest.safe"], "metadata"),
            "inspire": (files["INSPIRE.xml"], "metadata"),
            "preview": (files["HTML/banner_1.png"], "overview"),
            "blue": (band, "data"),
        }
    )
    keep.enrich(item, shelf)
    once = {key: asset.href for key, asset in item.assets.items()}
    assert once == {
        "safe_manifest": shelf.href("safe_manifest-manifest.safe"),
        "inspire": shelf.href("inspire-INSPIRE.xml"),
        "preview": shelf.href("preview-banner_1.png"),
        "blue": band,
    }
    sizes = {name: len(content) for name, content in kept(shelf).items()}
    assert sizes == {
        "safe_manifest-manifest.safe": 58100,
        "inspire-INSPIRE.xml": 18864,
        "preview-banner_1.png": 42377,
    }
    keep.enrich(item, shelf)
    assert {key: asset.href for key, asset in item.assets.items()} == once
    assert not list(shelf.scratch.iterdir())


def test_names_are_safe_and_never_the_same(tmp_path: Path, shelf: Shelf) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "é x.xml").write_text(folder)
    item = item_of({key: ((tmp_path / key / "é x.xml").as_uri(), "metadata") for key in ("a", "b")})
    keep.enrich(item, shelf)
    assert kept(shelf) == {"a-~C3~A9~20x.xml": b"a", "b-~C3~A9~20x.xml": b"b"}


def test_roles_and_keys_can_be_chosen(tmp_path: Path, shelf: Shelf) -> None:
    item = pieces_of(tmp_path)
    keep.enrich(item, shelf, roles=["visual"], keys=["scene", "none"])
    assert kept(shelf).keys() == {"scene-scene.txt", "visual-visual.txt"}


def pieces_of(folder: Path) -> pystac.Item:
    roles = {"scene": "data", "visual": "visual", "notes": "metadata"}
    for key in roles:
        (folder / f"{key}.txt").write_text(key)
    return item_of({key: ((folder / f"{key}.txt").as_uri(), role) for key, role in roles.items()})


def test_a_file_in_a_bucket_is_kept(bucket: str, shelf: Shelf) -> None:
    outside = open_store(bucket).put("notes.txt", b"notes")
    item = item_of({"notes": (outside, "metadata")})
    assert keep.enrich(item, shelf).assets["notes"].href == shelf.href("notes-notes.txt")
    assert kept(shelf) == {"notes-notes.txt": b"notes"}
    gone = item_of({"notes": (f"{bucket}/gone.txt", "metadata")})
    with pytest.raises(Unreadable, match=r"gone\.txt is not there"):
        keep.enrich(gone, shelf)


def test_a_file_on_the_web_is_kept(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWATH_HARVEST_PRIVATE_HOSTS", "true")
    with ThreadingHTTPServer(("127.0.0.1", 0), Signed) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        href = f"http://127.0.0.1:{server.server_port}/a%20b.txt?signature=%2Fx%3D"
        keep.enrich(item_of({"notes": (href, "metadata")}), shelf)
        server.shutdown()
    assert kept(shelf) == {"notes-a~20b.txt": b"GET /a%20b.txt?signature=%2Fx%3D"}


class Signed(BaseHTTPRequestHandler):
    """A server whose signatures are for GET, and which answers with what it was asked."""

    def do_GET(self) -> None:
        answer = f"GET {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT")
        self.end_headers()
        self.wfile.write(answer)


def test_a_file_that_is_gone_is_a_clear_line(tmp_path: Path, shelf: Shelf) -> None:
    item = item_of({"notes": ((tmp_path / "gone.txt").as_uri(), "metadata")})
    with pytest.raises(Unreadable, match=r"gone\.txt is not there"):
        keep.enrich(item, shelf)
