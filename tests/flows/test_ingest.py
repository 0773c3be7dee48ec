"""Registrations of every type, and deregistrations, over a real catalogue and real servers."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
import yaml

from documents import collection
from flows.granules import rank
from flows.registration.job import Dismissed, Ingest
from flows.registration.removal import Removal
from flows.rules import Duplicates
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import Invalid, NotFound, SwathError, Unreachable, Unreadable
from infrastructure.jobs import Jobs, Result
from infrastructure.ledger import Run
from infrastructure.orders import Deregistration, Registration
from infrastructure.quarantine import Quarantine
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings, HarvestSettings
from infrastructure.storage import open_store

pytestmark = pytest.mark.platform

SCENES = Path(__file__).parent.parent.parent / "samples" / "itaipu"
PEERS = Path(__file__).parent

ITEM: dict[str, Any] = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "x",
    "bbox": [0.0, 0.0, 1.0, 1.0],
    "geometry": {"type": "Point", "coordinates": [0.5, 0.5]},
    "properties": {"datetime": "2020-01-01T00:00:00Z"},
    "links": [],
    "assets": {"data": {"href": "./data.tif"}},
}

CWL = "cwlVersion: v1.2\nclass: Workflow\nid: {name}\nlabel: {label}\ninputs: []\noutputs: []\n"


class Place:
    """A catalogue, a folder that is served on the web, and a folder of collection files."""

    def __init__(self, catalogue: Catalogue, folder: Path, url: str) -> None:
        self.catalogue = catalogue
        self.store = folder / "store"
        self.web = folder / "web"
        self.collections = folder / "collections"
        self.url = url
        self.settings = HarvestSettings(
            collections=self.collections, private_hosts=True, local_folders=[folder / "local"]
        )
        self.jobs = Jobs(catalogue)

    def begun(self, kind: str, order: dict[str, Any]) -> UUID:
        run = uuid4()
        self.jobs.accept(run, kind, order.get("collection"), order)
        assert self.jobs.begin(run) == order
        return run

    def register(self, **order: Any) -> Run:
        """Carry out an order as its flow does, without the attempts that it makes."""
        run = self.begun("register", order)
        work = Ingest(Registration(**order), self.catalogue, self.settings, run)
        work.open()
        for job, lot in work.batches():
            late = job.prepare(lot)
            assert not late, late
            job.register(lot)
        work.close()
        self.jobs.end(run, work.counts, work.error())
        return self.jobs.job(run)

    def deregister(self, **order: Any) -> Run:
        run = self.begun("deregister", order)
        work = Removal(Deregistration(**order), self.catalogue, self.settings, run)
        for home, items in work.batches():
            work.remove(home, items)
        self.jobs.end(run, work.counts, work.error())
        return self.jobs.job(run)

    def results(self, job: Run) -> list[Result]:
        return self.jobs.results(job.id, 100, 0)[0]

    def item(self, collection: str, name: str) -> dict[str, Any] | None:
        with self.catalogue.transaction() as connection:
            row = connection.execute(
                "SELECT content_hydrate(items) FROM items WHERE collection = %s AND id = %s",
                [collection, name],
            ).fetchone()
        return row[0] if row else None

    def ids(self, collection: str) -> list[str]:
        with self.catalogue.transaction() as connection:
            rows = connection.execute(
                "SELECT id FROM items WHERE collection = %s ORDER BY id", [collection]
            ).fetchall()
        return [name for (name,) in rows]

    def put(self, name: str, content: Any) -> str:
        """Put a file on the web; its address."""
        path = self.web / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
        return f"{self.url}/{name}"

    def write(self, **story: Any) -> None:
        """Write a collection file."""
        source = {"type": "folder", "url": "."}
        whole = {"title": "T", "description": "D", "source": source, **story}
        (self.collections / f"{story['id']}.yaml").write_text(yaml.safe_dump(whole))


def counts(job: Run) -> dict[str, int]:
    return {name: number for name, number in job.counts.items() if number}


@pytest.fixture
def place(
    catalogue: Catalogue,
    database_environment: DatabaseSettings,  # noqa: ARG001 - for `flows.deregister`
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    for name in ("store", "web", "collections", "local"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("SWATH_STORAGE_URL", (tmp_path / "store").as_uri())
    monkeypatch.setenv("SWATH_HARVEST_PRIVATE_HOSTS", "true")  # for readers of files
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    handler = partial(Handler, directory=str(tmp_path / "web"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    catalogue.put_collection(collection("c"))
    yield Place(catalogue, tmp_path, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


def test_an_item_by_its_content(place: Place) -> None:
    item = {**ITEM, "collection": "c", "assets": {"data": {"href": "https://a/data.tif"}}}
    job = place.register(type="stac-item", content=item)
    assert (job.state, job.error, job.collection) == ("completed", None, "c")
    assert counts(job) == {"found": 1, "registered": 1}
    (result,) = place.results(job)
    assert (result.source, result.upstream_id, result.item_id) == ("registration", "x", "x")
    assert place.item("c", "x")
    with place.catalogue.transaction() as connection:
        row = connection.execute("SELECT request FROM swath.run WHERE id = %s", [job.id]).fetchone()
    assert row == ({"type": "stac-item"},), "a document that is registered is not kept twice"
    again = place.register(type="stac-item", content=item)
    assert counts(again) == {"found": 1, "unchanged": 1}
    assert [result.item_id for result in place.results(again)] == ["x"]
    changed = {**item, "properties": {**item["properties"], "title": "new"}}
    assert counts(place.register(type="stac-item", content=changed)) == {"found": 1, "updated": 1}


def test_an_item_by_its_address(place: Place) -> None:
    url = place.put("a/x.json", ITEM)
    job = place.register(type="stac-item", url=url, collection="c")
    assert counts(job) == {"found": 1, "registered": 1}
    item = place.item("c", "x")
    assert item
    assert item["collection"] == "c"
    assert item["assets"]["data"]["href"] == f"{place.url}/a/data.tif"
    assert [link["href"] for link in item["links"] if link["rel"] == "via"] == [url]


def test_a_real_item_names_its_collection_itself(place: Place, shared_data: Path) -> None:
    folder = shared_data / "imagery/sentinel2-l2a-cog-29RKH"
    (file,) = folder.rglob("*.json")
    document = orjson.loads(file.read_bytes())
    place.catalogue.put_collection({**collection("c"), "id": document["collection"]})
    job = place.register(type="stac-item", url=place.put("item.json", document))
    assert (job.state, job.collection) == ("completed", document["collection"]), job.error
    assert place.ids(document["collection"]) == [document["id"]]


def test_some_items_of_a_collection_of_features_fail_and_the_others_are_registered(
    place: Place,
) -> None:
    bad = {**ITEM, "id": "bad", "properties": {"datetime": "yesterday"}}
    features = {"type": "FeatureCollection", "features": [ITEM, bad, {"id": 3}]}
    url = place.put("items.json", features)
    job = place.register(type="stac-item", url=url, collection="c")
    assert job.state == "completed"
    assert counts(job) == {"found": 3, "registered": 1, "quarantined": 2}
    reasons = {r.upstream_id: r.reason for r in place.results(job) if r.state == "quarantined"}
    assert len(reasons) == 2
    assert "datetime" in (reasons[f"{url}#bad"] or "")
    kept = Quarantine(place.catalogue).original("c", f"{url}#bad")
    assert orjson.loads(kept.content)["properties"] == bad["properties"]


def test_a_static_catalog_is_walked(place: Place, shared_data: Path) -> None:
    folder = shared_data / "stac/catalogs/landsat-8-l1-static"
    for path in folder.rglob("*.json"):
        place.put(str(path.relative_to(folder)), path.read_bytes())
    root = next(path for path in ("catalog.json", "collection.json") if (folder / path).exists())
    job = place.register(type="stac-item", url=f"{place.url}/{root}", collection="c")
    assert job.state == "completed", job.error
    assert len(place.ids("c")) == counts(job)["registered"] == 4


def test_a_duplicate_of_what_is_harvested_follows_the_rule_of_the_collection(
    place: Place,
) -> None:
    item = {**ITEM, "collection": "c", "assets": {}}
    harvested = Entry(item, "up/x", "1", rank=rank(item, Duplicates()))
    register(place.catalogue, "c", [harvested])
    order = {"type": "stac-item", "collection": "c"}
    properties = {**ITEM["properties"], "title": "another"}
    older = place.register(**order, content={**ITEM, "assets": {}, "properties": properties})
    assert (older.state, counts(older)) == ("completed", {"found": 1, "superseded": 1})
    properties = {**ITEM["properties"], "updated": "2030-01-01T00:00:00Z", "title": "newer"}
    newer = place.register(**order, content={**ITEM, "assets": {}, "properties": properties})
    assert newer.state == "completed"
    assert counts(newer).keys() == {"found", "updated"}
    there = place.item("c", "x")
    assert there
    assert there["properties"]["title"] == "newer"


def test_what_is_wrong_with_the_only_item_is_what_the_job_says(place: Place) -> None:
    geometry = {"type": "Point", "coordinates": [500, 100]}
    bad = {**ITEM, "geometry": geometry, "assets": {}}
    job = place.register(type="stac-item", content=bad, collection="c")
    assert job.state == "failed"
    assert job.error
    assert "latitudes" in job.error
    assert place.ids("c") == []
    (listed,) = Quarantine(place.catalogue).list("c")
    assert (listed.source, listed.reason) == ("registration", job.error)
    good = {**ITEM, "assets": {}}
    assert counts(place.register(type="stac-item", content=good, collection="c"))["registered"] == 1
    assert Quarantine(place.catalogue).list("c") == []


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (ITEM, Unreadable, "it names no collection; say one"),
        ({**ITEM, "collection": "nope"}, NotFound, "no collection 'nope' in the catalogue"),
        ({**ITEM, "collection": "a/b"}, NotFound, "no collection 'a/b'"),
        ({"type": "Thing", "collection": "c"}, Unreadable, "no STAC Item but of type 'Thing'"),
        ({"type": "FeatureCollection", "features": []}, Unreadable, "there are no items in it"),
        ({"type": "FeatureCollection", "features": "x"}, Unreadable, "there are no items in it"),
    ],
)
def test_an_item_that_cannot_go_anywhere(
    place: Place, content: dict[str, Any], error: type[SwathError], said: str
) -> None:
    with pytest.raises(error, match=said):
        place.register(type="stac-item", content=content)
    url = place.put("x.json", content)
    with pytest.raises(error, match=said):
        place.register(type="stac-item", url=url)


def test_addresses_that_lead_nowhere(place: Place) -> None:
    for name, error, said in (
        ("missing.json", Unreadable, "status 404"),
        (place.put("words", b"words").rpartition("/")[2], Unreadable, "no JSON"),
        (place.put("list", b"[1]").rpartition("/")[2], Unreadable, "no JSON object"),
    ):
        with pytest.raises(error, match=said):
            place.register(type="stac-item", url=f"{place.url}/{name}", collection="c")
    with pytest.raises(Unreachable, match="does not answer"):
        place.register(type="stac-item", url="http://127.0.0.1:9/x", collection="c")


def test_a_private_host_is_not_asked_unless_the_operator_allows_it(place: Place) -> None:
    place.settings = place.settings.model_copy(update={"private_hosts": False})
    url = place.put("x.json", ITEM)
    for kind in ("stac-item", "stac-collection", "iso", "application", "catalogue", "product"):
        with pytest.raises(Unreadable, match="private network"):
            place.register(type=kind, url=url, collection="c")


def test_a_collection_file_decides_how_it_is_read(place: Place) -> None:
    place.write(id="filed", properties={"platform": "sat"}, readers=["landsat"])
    job = place.register(type="stac-item", content={**ITEM, "assets": {}}, collection="filed")
    assert job.state == "completed", job.error
    item = place.item("filed", "x")
    assert item
    assert item["properties"]["platform"] == "sat"
    assert place.catalogue.collection("filed")["description"] == "D"


def test_a_product_in_a_folder_goes_through_the_steps(place: Place) -> None:
    place.write(id="scenes", enrich=["cog", "projection", "file"])
    scene = next(SCENES.glob("*224077*"))
    place.settings = place.settings.model_copy(update={"local_folders": [SCENES]})
    job = place.register(type="product", url=scene.as_uri(), collection="scenes")
    assert job.state == "completed", job.error
    (result,) = place.results(job)
    assert (result.upstream_id, result.item_id) == (scene.name, scene.name)
    item = place.item("scenes", scene.name)
    assert item
    made = [asset["href"] for asset in item["assets"].values() if asset["href"].endswith(".tif")]
    assert made
    assert all(href.startswith(place.store.as_uri()) for href in made)
    removal = place.deregister(url=scene.as_uri())
    assert counts(removal) == {"found": 1, "deregistered": 1}
    assert [path for path in place.store.rglob("*") if path.is_file()] == []


def test_a_product_on_the_web(place: Place, bucket: str, s3_server: str) -> None:
    place.write(id="images", readers=["geotiff"])
    file = next(SCENES.glob("*224077*/*_B2.TIF"))
    url = f"{s3_server}/{bucket.removeprefix('s3://')}/2024-03-01.tif"
    public = {"x-amz-acl": "public-read"}
    httpx.put(url, content=file.read_bytes(), headers=public, trust_env=False).raise_for_status()
    job = place.register(type="product", url=url, collection="images")
    assert job.state == "completed", job.error
    assert place.ids("images") == ["2024-03-01"]


def test_a_product_in_a_bucket(place: Place, bucket: str) -> None:
    place.write(id="images", readers=["geotiff"])
    file = next(SCENES.glob("*224077*/*_B2.TIF"))
    open_store(bucket).put("in/2024-03-01.tif", file)
    url = f"{bucket}/in/2024-03-01.tif"
    job = place.register(type="product", url=url, collection="images")
    assert job.state == "completed", job.error
    assert place.ids("images") == ["2024-03-01"]
    assert counts(place.deregister(url=url)) == {"found": 1, "deregistered": 1}


def test_files_of_this_machine_are_closed_unless_the_operator_opens_a_folder(
    place: Place, tmp_path: Path
) -> None:
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "2024-01-01.tif").write_bytes(b"x")
    (tmp_path / "local" / "link").symlink_to(outside)
    for url in (
        outside.as_uri(),
        f"{tmp_path.as_uri()}/local/../secret",
        f"{tmp_path.as_uri()}/local/link",
    ):
        with pytest.raises(Unreadable, match="none of the folders of SWATH_HARVEST_LOCAL_FOLDERS"):
            place.register(type="product", url=url, collection="c")


def test_a_metadata_record_by_address_and_by_content(place: Place, shared_data: Path) -> None:
    file = shared_data / "iso/greece-and-others/3e9a8c05.xml"
    url = place.put("record.xml", file.read_bytes())
    job = place.register(type="iso", url=url, collection="c")
    assert job.state == "completed", job.error
    (result,) = place.results(job)
    assert result.upstream_id == url
    place.deregister(url=url)
    text = file.read_text("utf-8")
    latin = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{text[text.index("<", 5) :]}'
    inline = place.register(type="iso", content=latin, collection="c")
    assert inline.state == "completed", inline.error
    (again,) = place.results(inline)
    assert again.upstream_id == again.item_id == result.item_id
    with place.catalogue.transaction() as connection:
        records = connection.execute("SELECT standard FROM swath.record").fetchall()
    assert records == [("iso19139",)]
    changed = place.register(type="iso", content=text.replace("2011", "2012"), collection="c")
    assert counts(changed) == {"found": 1, "updated": 1}
    assert place.ids("c") == [result.item_id], "the same record is the same item"


def test_a_record_that_cannot_be_read_is_quarantined(place: Place, shared_data: Path) -> None:
    path = shared_data / "iso/greece-and-others/3e9a8c05.xml"
    box = re.compile("<gmd:EX_GeographicBoundingBox.*?Box>", re.DOTALL)
    broken = box.sub("", path.read_text("utf-8"))
    job = place.register(type="iso", content=broken, collection="c")
    assert job.state == "failed"
    assert "geographic extent" in str(job.error)
    (listed,) = Quarantine(place.catalogue).list("c")
    original = Quarantine(place.catalogue).original("c", listed.upstream_id)
    assert b"MD_Metadata" in original.content
    entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert place.register(type="iso", content=entity, collection="c").state == "failed"
    with pytest.raises(Unreadable, match="names no collection"):
        place.register(type="iso", content="<a/>")


def test_an_application(place: Place) -> None:
    url = place.put("app.cwl", CWL.format(name="burn", label="One").encode())
    job = place.register(type="application", url=url)
    assert (job.state, job.collection) == ("completed", "applications"), job.error
    item = place.item("applications", "burn")
    assert item
    assert item["properties"]["title"] == "One"
    assert place.catalogue.collection("applications")["title"] == "Applications"
    stored = item["assets"]["application"]["href"]
    assert stored.startswith(f"{place.store.as_uri()}/applications/burn/")
    assert {"rel": "via", "href": url, "type": "application/cwl+yaml"} in item["links"]
    assert counts(place.register(type="application", url=url)) == {"found": 1, "unchanged": 1}
    place.put("app.cwl", CWL.format(name="burn", label="Two").encode())
    assert counts(place.register(type="application", url=url)) == {"found": 1, "updated": 1}
    files = [path for path in place.store.rglob("*") if path.is_file()]
    assert [path.read_text() for path in files] == [CWL.format(name="burn", label="Two")]
    item = place.item("applications", "burn")
    assert item
    assert item["assets"]["application"]["href"] == files[0].as_uri()
    place.deregister(url=url)
    assert place.ids("applications") == []
    assert [path for path in place.store.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("as_text", [True, False])
def test_an_application_by_its_content(place: Place, as_text: bool) -> None:
    text = CWL.format(name="inline", label="L")
    job = place.register(type="application", content=text if as_text else yaml.safe_load(text))
    assert job.state == "completed", job.error
    assert place.ids("applications") == ["inline"]
    with pytest.raises(Unreadable, match="no cwlVersion"):
        place.register(type="application", content="a: b")


def test_a_service_and_its_processes_come_and_go(place: Place) -> None:
    conforms = ["http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core"]
    names = ["ndvi", "ndwi"]
    for offered in (names, names[:1]):
        processes = {"processes": [{"id": name} for name in offered]}
        url = place.put("api.json", {"title": "A", "conformsTo": conforms, "links": [
            {"rel": "processes", "href": place.put("p.json", processes)}]})  # fmt: skip
        job = place.register(type="service", url=url)
        assert job.state == "completed", job.error
    assert counts(job) == {"found": 2, "unchanged": 2, "deregistered": 1}
    service, process = place.ids("services")
    assert process == f"{service}-ndvi"
    assert {result.item_id for result in place.results(job)} == {service, process}
    assert place.catalogue.collection("services")["title"] == "Services"
    removal = place.deregister(url=url)
    assert counts(removal) == {"found": 2, "deregistered": 2}
    assert place.ids("services") == []


def test_a_catalogue(place: Place, shared_data: Path) -> None:
    file = shared_data / "responses/csw-pycsw/default/expected/post_GetCapabilities.xml"
    job = place.register(type="catalogue", url=place.put("csw.xml", file.read_bytes()))
    assert (job.state, job.collection) == ("completed", "services")
    (name,) = place.ids("services")
    item = place.item("services", name)
    assert item
    assert item["properties"]["protocols"] == ["CSW"]


def test_a_collection(place: Place, shared_data: Path) -> None:
    file = shared_data / "stac/items/spec-examples-1.1.0/collection.json"
    document = orjson.loads(file.read_bytes())
    job = place.register(type="stac-collection", url=place.put("d/collection.json", document))
    assert (job.state, job.collection) == ("completed", document["id"]), job.error
    assert counts(job) == {"found": 1, "registered": 1}
    kept = place.catalogue.collection(document["id"])
    assert kept["description"] == document["description"]
    assert {link["rel"] for link in kept["links"]}.isdisjoint({"self", "root", "parent"})
    again = place.register(type="stac-collection", content=document)
    assert list(counts(again)) == ["found", "updated"]  # its addresses had been made absolute
    assert list(counts(place.register(type="stac-collection", content=document))) == [
        "found", "unchanged",
    ]  # fmt: skip


def test_a_collection_of_a_metadata_record(place: Place, shared_data: Path) -> None:
    file = shared_data / "iso/iso19115-3/metawal.wallonie.be-catchments.xml"
    url = place.put("d/series.xml", file.read_bytes())
    job = place.register(type="stac-collection", url=url, collection="catchments")
    assert (job.state, job.collection) == ("completed", "catchments"), job.error
    kept = place.catalogue.collection("catchments")
    assert kept["title"] == "Protection des captages - Série"
    assert kept["iso:hierarchy_level"] == "series"
    assert (kept["links"][-1]["rel"], kept["links"][-1]["href"]) == ("via", url)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"id": "a b"}, Invalid, "'a b' is no id for a collection"),
        ({"license": None}, Invalid, "no valid STAC Collection: license: null is not a text"),
        ({"keywords": "a"}, Invalid, 'no valid STAC Collection: keywords: "a" is not a list'),
        ({"providers": [{}]}, Invalid, "Collection: providers.0: `name` is missing"),
        ({"summaries": {"gsd": 3}}, Invalid, "Collection: summaries.gsd: 3 is not a list"),
        ({"links": [None]}, Invalid, "no valid STAC Collection: links.0: null is not an object"),
        ({"extent": 3}, Invalid, "no valid STAC Collection: extent: 3 is not an object"),
        ({"extent": 3, "stac_version": "0.9.0"}, Unreadable, "no STAC Collection"),
        ({"type": "Feature"}, Invalid, 'type: "Collection" was expected'),
        ({"id": "filed"}, Invalid, "collection 'filed' has a file"),
    ],
)
def test_what_is_no_collection(
    place: Place, change: dict[str, Any], error: type[SwathError], said: str
) -> None:
    place.write(id="filed")
    with pytest.raises(error, match=said):
        place.register(type="stac-collection", content={**collection("c"), **change})
    with pytest.raises(Invalid, match="the collection's id is 'c', not 'd'"):
        place.register(type="stac-collection", content=collection("c"), collection="d")


def test_items_are_deregistered_by_their_ids(place: Place) -> None:
    for name in ("x", "y", "z"):
        place.register(type="stac-item", content={**ITEM, "id": name, "assets": {}}, collection="c")
    job = place.deregister(collection="c", items=["x", "y", "nope"])
    assert job.state == "completed"
    assert counts(job) == {"found": 3, "deregistered": 2, "absent": 1}
    assert [(r.item_id, r.state) for r in place.results(job)] == [
        ("x", "deregistered"), ("y", "deregistered"),
    ]  # fmt: skip
    assert place.ids("c") == ["z"]
    again = place.deregister(collection="c", items=["x", "nope"])
    assert (again.state, again.error) == ("failed", "not in the catalogue: c/x, c/nope")
    job = place.register(type="stac-item", content={**ITEM, "assets": {}}, collection="c")
    assert counts(job) == {"found": 1, "registered": 1}, "it comes back when it is asked for"


def test_only_what_was_registered_by_an_address_is_deregistered_by_it(place: Place) -> None:
    first = place.put("one.json", {**ITEM, "id": "one"})
    longer = place.put("one.json2", {**ITEM, "id": "two"})
    for url in (first, longer):
        place.register(type="stac-item", url=url, collection="c")
    bad = place.put("bad.json", {**ITEM, "id": "bad", "geometry": {"type": "Point"}})
    assert place.register(type="stac-item", url=bad, collection="c").state == "failed"
    place.deregister(url=first)
    assert place.ids("c") == ["two"]
    assert counts(place.deregister(url=bad)) == {"deregistered": 1}
    assert Quarantine(place.catalogue).list("c") == []
    nothing = place.deregister(url=first)
    assert nothing.error == f"nothing is registered by the address {first}"
    assert nothing.state == "failed"


def test_a_removal_that_is_tried_again_tells_of_all_that_it_removed(place: Place) -> None:
    for name in ("x", "y"):
        place.register(type="stac-item", content={**ITEM, "id": name, "assets": {}}, collection="c")
    order = Deregistration(collection="c", items=["x", "y"])
    run = place.begun("deregister", {"collection": "c", "items": ["x", "y"]})
    work = Removal(order, place.catalogue, place.settings, run)
    ((collection, items),) = work.batches()
    (place.store / "c").write_text("in the way of the folder")
    with pytest.raises(Unreachable):
        work.remove(collection, items)
    assert place.ids("c") == [], "the catalogue comes first"
    (place.store / "c").unlink()
    work.remove(collection, items)
    assert (work.counts["deregistered"], work.counts["absent"], work.error()) == (2, 0, None)


def test_a_job_that_was_cancelled_goes_no_further(place: Place) -> None:
    features = [{**ITEM, "id": f"i{number}", "assets": {}} for number in range(4)]
    order = {
        "type": "stac-item",
        "content": {"type": "FeatureCollection", "features": features},
        "collection": "c",
    }
    run = place.begun("register", order)
    settings = place.settings.model_copy(update={"batch": 2})
    work = Ingest(Registration(**order), place.catalogue, settings, run)
    work.open()
    batches = work.batches()
    job, lot = next(batches)
    job.prepare(lot)
    job.register(lot)
    assert place.jobs.settle(run, "cancelled")
    with pytest.raises(Dismissed):
        next(batches)
    place.jobs.end(run, work.counts)
    assert place.jobs.job(run).state == "cancelled"
    assert place.ids("c") == ["i0", "i1"]
    removal = place.begun("deregister", {"collection": "c", "items": ["i0"]})
    place.jobs.settle(removal, "cancelled")
    gone = Removal(Deregistration(collection="c", items=["i0"]), place.catalogue, settings, removal)
    with pytest.raises(Dismissed):
        next(gone.batches())
