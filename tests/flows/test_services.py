"""Services elsewhere: found out by their address, and told as STAC Items; and CWL documents."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from flows.registration import cwl, services
from flows.registration.detect import detect
from flows.registration.services import Process, Service
from flows.validate import valid
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.http import Http

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PEERS = Path(__file__).parent
Answers = dict[str, bytes | int]
"""Path, or `SERVICE` of the query -> what is answered: content, or a status."""


@contextmanager
def serving(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {key.upper(): value for key, value in parse_qsl(parts.query)}
            answer = answers.get(asked.get("SERVICE", parts.path), 404)
            content = answer if isinstance(answer, bytes) else b"no"
            self.send_response(200 if isinstance(answer, bytes) else answer)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def peer(program: Path, *arguments: str | Path) -> Iterator[str]:
    """A server that is a program of its own, which prints its port."""
    command = [sys.executable, program, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def found(url: str) -> Service:
    return detect(url, Http(attempts=0, timeout=(5, 5)))


def checked(service: Service) -> list[dict[str, Any]]:
    """The items of a service, valid as the catalogue wants them."""
    items = [item for _, item in services.items(service, NOW)]
    return [valid({**item, "collection": "services"}) for item in items]


RECORDED = [
    (
        "WMS",
        "wms-wmts-wcs/wms_dov_getcapabilities_130.xml",
        ("DOV View Service", "Vlaamse Overheid - DOV", "1.3.0"),
        (2.4986, 49.3590, 5.9593, 52.8196),
        "INSPIRE",
    ),
    (
        "WMS",
        "wms-wmts-wcs/wms_geoserver-cap.xml",
        ("My GeoServer WMS", "", "1.1.1"),
        (-74.012, 40.708, -74.002, 40.72),
        "GEOSERVER",
    ),
    (
        "WMTS",
        "wms-wmts-wcs/eosdis-wmts-cap.xml",
        (
            "NASA Global Image Browse Services for EOSDIS",
            "National Aeronautics and Space Administration",
            "1.0.0",
        ),
        (-180, -90, 180, 90),
        "Global",
    ),
    (
        "WCS",
        "wms-wmts-wcs/wcs_nsidc.xml",
        (
            "Atlas of the Cryosphere: Northern Hemisphere",
            "National Snow and Ice Data Center",
            "1.1.0",
        ),
        (-180, -89.3181, 179.9828, 89.5930),
        "Cryosphere",
    ),
    (
        "CSW",
        "csw-pycsw/default/expected/post_GetCapabilities.xml",
        ("pycsw Geospatial Catalogue", "pycsw", "2.0.2"),
        None,
        "catalogue",
    ),
]


@pytest.mark.parametrize(("service", "file", "told", "bbox", "keyword"), RECORDED)
def test_services_that_answer_only_to_a_request_for_their_capabilities(  # noqa: PLR0917
    shared_data: Path, service: str, file: str, told: tuple[str, ...], bbox: Any, keyword: str
) -> None:
    content = (shared_data / "responses" / file).read_bytes()
    with serving({service: content, "/ows": 400}) as url:
        service_ = found(f"{url}/ows?map=a.map")
    assert service_.kinds == (service,)
    assert (service_.title, service_.provider, service_.version) == told
    assert service_.bbox == (None if bbox is None else pytest.approx(bbox, abs=1e-4))
    assert keyword in service_.keywords
    (item,) = checked(service_)
    assert item["properties"]["protocols"] == [service]
    assert item["links"][0] == {"rel": "service", "href": f"{url}/ows?map=a.map", "title": service}


def test_an_address_of_capabilities_itself_is_read(shared_data: Path) -> None:
    content = (shared_data / "responses/wms-wmts-wcs/wms_mesonet-caps-130.xml").read_bytes()
    with serving({"WMS": content}) as url:
        told = found(f"{url}/wms?service=WMS&request=GetCapabilities&version=1.1.1")
    assert (told.kinds, told.title) == (("WMS",), "IEM WMS Service")
    assert told.bbox == (-126, 24, -66, 50)


def test_an_opensearch_description(shared_data: Path) -> None:
    file = shared_data / "responses/opensearch-cdse/creodias_describe_all.xml"
    with serving({"/describe.xml": file.read_bytes()}) as url:
        told = found(f"{url}/describe.xml")
    assert (told.kinds, told.title) == (("OpenSearch",), "All Collections")
    assert (told.provider, told.keywords[:2]) == ("CloudFerro S.A.", ("ESA", "EUMETSAT"))
    checked(told)


def test_a_recorded_stac_api(shared_data: Path) -> None:
    exchanges = orjson.loads(
        (shared_data / "responses/stac-api-recorded/TestCLISearch-test_filter.json").read_bytes()
    )
    landing = next(e for e in exchanges if e["request"]["method"] == "GET")["response"]["body"]
    document = landing if isinstance(landing, dict) else orjson.loads(landing)
    document["links"] = [link for link in document["links"] if link["rel"] != "data"]
    with serving({"/": orjson.dumps(document)}) as url:
        told = found(f"{url}/")
    assert "STAC API" in told.kinds
    assert told.title == document["title"]
    assert told.conformance == tuple(document["conformsTo"])
    checked(told)


def test_recorded_ogc_api_records_and_its_collections(shared_data: Path) -> None:
    folder = shared_data / "responses/ogcapi-records"
    landing = orjson.loads((folder / "landingPage.json").read_bytes())
    hrefs = {"data": "collections", "conformance": "/conformance"}
    landing["links"] = [
        {**link, "href": hrefs[link["rel"].rpartition("/")[2]]}
        for link in landing["links"]
        if link["rel"].rpartition("/")[2] in hrefs
    ]
    answers: Answers = {
        "/": orjson.dumps(landing),
        "/conformance": (folder / "conformance.json").read_bytes(),
        "/collections": (folder / "collections.json").read_bytes(),
    }
    with serving(answers) as url:
        told = found(f"{url}/")
    assert "OGC API - Records" in told.kinds
    checked(told)


def test_a_static_collection_brings_its_extent(shared_data: Path) -> None:
    file = shared_data / "stac/items/spec-examples-1.1.0/collection.json"
    with serving({"/collection.json": file.read_bytes()}) as url:
        told = found(f"{url}/collection.json")
    assert told.kinds == ("STAC",)
    assert told.bbox == tuple(orjson.loads(file.read_bytes())["extent"]["spatial"]["bbox"][0])
    checked(told)


def test_a_service_of_processes_is_one_item_and_one_for_each_process(tmp_path: Path) -> None:
    with peer(PEERS / "peer_processes.py", tmp_path, "hello-world", "echo") as url:
        told = found(url)
    assert set(told.kinds) == {"OGC API - Processes", "OGC API - Records"}
    assert told.bbox == (-180, -90, 180, 90)
    service, *processes = checked(told)
    assert [item["properties"]["process"] for item in processes] == ["echo", "hello-world"]
    assert [item["id"] for item in processes] == [
        f"{service['id']}-echo", f"{service['id']}-hello-world",
    ]  # fmt: skip
    hello = processes[1]["properties"]
    assert (hello["title"], hello["version"]) == ("Hello World", "0.2.0")
    assert hello["parent_identifier"] == service["id"]
    assert processes[1]["links"][0]["href"].startswith(f"{url}/processes/hello-world")
    names = [name for name, _ in services.items(told, NOW)]
    assert names == [url, f"{url}#echo", f"{url}#hello-world"]


def test_pycsw(shared_data: Path) -> None:
    folder = shared_data / "iso/canada-hnap"
    with peer(PEERS / "sources" / "peer_pycsw.py", *folder.glob("*.xml")) as url:
        told = found(f"{url}/")
    assert (told.kinds, told.title) == (("CSW",), "Test")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"/": b"<html/>"}, "is no service of STAC, OGC API, OpenSearch, CSW"),
        ({"/": b"{}"}, "JSON of neither STAC nor an OGC API"),
        ({"/": b"[]"}, "is no service of"),
        ({"/": b"words"}, "is no service of"),
        ({}, "answers with status 404"),
        ({"/": b'{"title": "x", "links": "none", "conformsTo": 3}'}, "neither STAC"),
    ],
)
def test_what_is_no_service(answers: Answers, said: str) -> None:
    with serving(answers) as url, pytest.raises(Unreadable, match=said):
        found(f"{url}/")


def test_pages_of_processes_that_go_in_a_circle() -> None:
    conforms = ["http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core"]
    page = {"processes": [{"id": "a"}], "links": [{"rel": "next", "href": "/processes"}]}
    answers: Answers = {
        "/": orjson.dumps({"conformsTo": conforms, "links": []}),
        "/processes": orjson.dumps(page),
    }
    with serving(answers) as url, pytest.raises(Unreadable, match="go in a circle"):
        found(f"{url}/")


def test_a_link_that_is_no_address_is_told() -> None:
    page = {"stac_version": "1.1.0", "links": [{"rel": "conformance", "href": "http://[x"}]}
    with serving({"/": orjson.dumps(page)}) as url, pytest.raises(Unreadable, match="no address"):
        found(f"{url}/")


def test_a_service_that_does_not_answer_may_do_so_later() -> None:
    with serving({"/": 503}) as url, pytest.raises(Unreachable, match="503"):
        found(f"{url}/")
    with serving({"/": 400, "CSW": 500}) as url, pytest.raises(Unreachable, match="500"):
        found(f"{url}/")


def test_a_private_host_is_not_asked() -> None:
    with serving({"/": b"{}"}) as url, pytest.raises(Unreadable, match="private network"):
        detect(f"{url}/", Http(private=False))


def test_ids_are_never_the_same_for_two_addresses() -> None:
    urls = ["https://a.example/csw", "https://a.example/csw/", "http://a.example/csw", "https://é/"]
    names = [services.identifier(url) for url in urls]
    assert len(set(names)) == len(urls)
    assert names[0].startswith("a-example-csw-")


def test_a_box_across_the_antimeridian_has_two_parts() -> None:
    (item,) = checked(Service("https://a/b", ("WMS",), bbox=(170.0, -10.0, -170.0, 10.0)))
    assert item["geometry"]["type"] == "MultiPolygon"
    assert item["bbox"] == [170.0, -10.0, -170.0, 10.0]


WORKFLOW = """
cwlVersion: v1.2
$graph:
  - class: CommandLineTool
    id: step
    inputs: {}
    outputs: {}
  - class: Workflow
    id: burned-area
    label: Burned area
    doc: Burned area from Sentinel-2
    inputs: {scene: Directory, aoi: "string?"}
    outputs: [{id: result, type: Directory, outputSource: step/out}]
    steps: {}
$namespaces: {s: https://schema.org/}
s:softwareVersion: 1.4.2
s:dateCreated: 2024-05-06
s:keywords: fire, Sentinel-2
s:license: https://example.com/licence
s:author:
  - class: s:Person
    s:name: Ada
"""


def test_a_packed_workflow() -> None:
    item = cwl.item(cwl.parse(WORKFLOW.encode(), "x"), "x", NOW)
    valid({**item, "collection": "applications"})
    assert item["id"] == "burned-area"
    assert item["bbox"] == [-180, -90, 180, 90]
    assert item["properties"] == {
        "type": "application",
        "title": "Burned area",
        "description": "Burned area from Sentinel-2",
        "datetime": "2024-05-06T00:00:00+00:00",
        "keywords": ["fire", "Sentinel-2"],
        "version": "1.4.2",
        "license": "other",
        "providers": [{"name": "Ada", "roles": ["producer"]}],
        "cwl:version": "v1.2",
        "cwl:class": "Workflow",
        "cwl:inputs": ["scene", "aoi"],
        "cwl:outputs": ["result"],
    }
    assert item["links"] == [{"rel": "license", "href": "https://example.com/licence"}]


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"class": "CommandLineTool", "id": "#tool"}, "tool"),
        ({"class": "Workflow", "id": "file.cwl#main"}, "main"),
        ({"class": "Workflow"}, "https://a/b.cwl"),
        (
            {"$graph": [{"class": "Workflow", "id": "b"}, {"class": "Workflow", "id": "main"}]},
            "main",
        ),
        ({"class": "Workflow", "id": "main", "s:identifier": "uuid"}, "uuid"),
    ],
)
def test_what_a_cwl_document_is_about(document: dict[str, Any], name: str) -> None:
    item = cwl.item({"cwlVersion": "v1.0", **document}, "https://a/b.cwl", NOW)
    assert item["id"] == name
    assert item["properties"]["datetime"] == "2026-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: [", "no YAML"),
        (b"- a", "no CWL: it has no cwlVersion"),
        (b"class: Workflow", "no CWL: it has no cwlVersion"),
        (b"cwlVersion: v1.2", "holds none of Workflow"),
        (b"cwlVersion: v1.2\n$graph: 3", "holds none of Workflow"),
        (b"cwlVersion: v1.2\na: " + b"[" * 5000, "no YAML"),
        (b"#" * (4 * 2**20 + 1), "more than 4194304 bytes"),
    ],
)
def test_what_is_no_cwl(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        cwl.item(cwl.parse(content, "x"), "x", NOW)


def test_a_process_links_to_its_service() -> None:
    process = Process("p", "", "", (), "", "https://a/processes/p")
    service, item = checked(Service("https://a/", ("OGC API - Processes",), processes=(process,)))
    assert item["properties"]["title"] == "p"
    assert item["links"][1]["href"] == service["links"][0]["href"] == "https://a/"
