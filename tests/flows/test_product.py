"""From found to entry: versions side by side, and what records of others may not do."""

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from flows.collection import CollectionFile
from flows.found import Found
from flows.product import place, prepare
from infrastructure.entry import Entry
from infrastructure.errors import Invalid, Unreadable
from infrastructure.storage import Store, open_store

SAMPLES = Path(__file__).parent.parent.parent / "samples" / "itaipu"
BAND = next(SAMPLES.glob("*224077*/*_B2.TIF"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = open_store((tmp_path / "store").as_uri())
    monkeypatch.setenv("SWATH_STORAGE_URL", store.root)
    return store


def story(**fields: Any) -> CollectionFile:
    start = {"id": "c", "title": "C", "description": "C", "source": {"type": "folder"}}
    return CollectionFile.model_validate({**start, "enrich": ["cog", "thumbnail"], **fields})


def go(found: Found, store: Store, **fields: Any) -> Entry:
    entry = prepare(found, story(**fields), store, lambda _name, _activity: None)
    assert entry is not None
    return entry


def record(assets: dict[str, str]) -> Found:
    """A STAC Item as a foreign API may give it."""
    ring = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    document = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "foreign",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [0, 0, 1, 1],
        "properties": {"datetime": "2024-01-01T00:00:00Z"},
        "links": [],
        "assets": {key: {"href": href, "roles": ["data"]} for key, href in assets.items()},
    }
    return Found("foreign", "1", document=document)


def test_two_versions_of_a_product_never_share_a_file(store: Store) -> None:
    files = {"20240101.tif": BAND.as_uri()}
    one, two = (go(Found("20240101.tif", version, files), store) for version in "12")
    assert one.id == two.id
    hrefs = [entry.item["assets"]["data"]["href"] for entry in (one, two)]
    assert len(set(hrefs)) == 2
    assert all(store.key(href) for href in hrefs)
    assert place("c", "i", Found("a", "1")) != place("c", "i", Found("b", "1"))


@pytest.mark.parametrize("local", ["file:///etc/hostname", "/etc/hostname", "../../etc/hostname"])
def test_a_foreign_record_cannot_name_a_local_file(store: Store, local: str) -> None:
    with pytest.raises(Unreadable, match="neither on the web nor in a bucket"):
        go(record({"red": local}), store, readers=["stac"])
    assert list(store.list()) == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9", "localhost:9", "[::1]:9", "10.0.0.1", "169.254.169.254"]
)
def test_a_foreign_record_cannot_lead_into_a_private_network(store: Store, host: str) -> None:
    with pytest.raises(Unreadable, match="private network"):
        go(record({"red": f"http://{host}/a.tif"}), store, readers=["stac"])


class Redirecting(BaseHTTPRequestHandler):
    """Sends everybody to `target`, and notes who came to any other path."""

    target = ""
    came: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.path == "/away.tif":
            self.send_response(302)
            self.send_header("Location", self.target)
        else:
            self.came.append(self.path)
            self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_a_public_host_cannot_redirect_into_a_private_network(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def public(host: str, port: Any, *rest: Any, **more: Any) -> Any:
        """A name that is public to who looks it up, and here to who connects."""
        here = {None: "93.184.216.34"}.get(port, "127.0.0.1")
        return real(here if host == "public.example" else host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", public)
    monkeypatch.setenv("NO_PROXY", "*")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    Redirecting.target = f"http://127.0.0.1:{server.server_port}/secret.tif?sig=SECRET"
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    away = f"http://public.example:{server.server_port}/away.tif"
    with pytest.raises(Unreadable, match=r"127\.0\.0\.1 is on a private network") as caught:
        go(record({"red": away}), store, readers=["stac"])
    assert Redirecting.came == []
    assert "SECRET" not in str(caught.value)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("links", [[None], ["https://example.com"], {"rel": "via"}, "none"])
@pytest.mark.parametrize("steps", [[], ["projection"]])
def test_links_that_are_none_are_told(store: Store, links: Any, steps: list[str]) -> None:
    found = record({})
    assert found.document
    found.document["links"] = links
    with pytest.raises(Invalid, match="foreign: `links` is not a list of objects"):
        go(found, store, readers=["stac"], enrich=steps)


def test_links_may_be_null_and_their_relations_anything_that_is_told(store: Store) -> None:
    found = record({})
    assert found.document
    found.document["links"] = None
    go(found, store, readers=["stac"], enrich=[])
    found.document["links"] = [{"rel": [], "href": "https://example.com"}]
    with pytest.raises(Invalid, match=r"foreign: links\.0\.rel: \[\] is not a text"):
        go(found, store, readers=["stac"], enrich=[])


def test_an_asset_key_is_no_path(tmp_path: Path, store: Store) -> None:
    precious = tmp_path / "precious.tif"
    precious.write_text("mine")
    found = record({str(precious.with_suffix("")): BAND.as_uri()})
    trusted = Found(found.upstream_id, "1", document=found.document, root=str(SAMPLES))
    entry = go(trusted, store, readers=["stac"])
    assert precious.read_text() == "mine"
    names = [meta["path"].rpartition("/")[2] for meta in store.list()]
    assert len(names) == len(entry.item["assets"]) == 2


def test_a_vrt_leads_nowhere(tmp_path: Path, store: Store) -> None:
    vrt = tmp_path / "20240101.tif"
    vrt.write_text(
        '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource><SourceFilename>{BAND}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(Unreadable, match="no raster that GDAL knows"):
        go(Found("20240101.tif", "1", {vrt.name: vrt.as_uri()}), store)


def test_a_reason_never_shows_a_signed_address(store: Store) -> None:
    found = record({"red": "https://nowhere.invalid/a.tif?sig=SECRET"})
    with pytest.raises(Exception, match="nowhere") as caught:
        go(found, store, readers=["stac"])
    assert "SECRET" not in str(caught.value)


def test_a_source_can_say_what_it_could_not_take_up(store: Store) -> None:
    with pytest.raises(Unreadable, match="x: damaged"):
        go(Found("x", "1", error="damaged"), store)


def test_the_entry_is_json(store: Store) -> None:
    entry = go(Found("20240101.tif", "1", {"20240101.tif": BAND.as_uri()}), store)
    assert json.loads(json.dumps(entry.item)) == entry.item
