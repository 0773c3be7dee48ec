import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flows.found import Found
from flows.readers import stac
from flows.scope import Scope
from flows.sources import oarec
from flows.validate import valid
from infrastructure.errors import Invalid, Unreachable, Unreadable

Json = dict[str, Any]

Answer = tuple[int, dict[str, str], bytes]

Serve = Callable[[Callable[[str, str, bytes], Answer]], str]


def item(found: Found) -> Json:
    """The STAC Item as a harvest registers it: read, and valid by STAC's core schema."""
    read = stac.read(found)
    read.collection_id = "c"
    return valid(read.to_dict(include_self_link=False, transform_hrefs=False))


@contextmanager
def running(program: str, *arguments: str) -> Iterator[str]:
    """Address of a server that runs in a process of its own."""
    command = [sys.executable, str(Path(__file__).parent / program), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().decode().strip()
            assert port, f"{program} has not started"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def pygeoapi(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a pygeoapi with real records, of which it gives 2 at a time."""
    records = [
        shared_data / "responses/ogcapi-records/record.json",
        *(shared_data / "malformed/records").glob("*.json"),
    ]
    folder = tmp_path_factory.mktemp("pygeoapi")
    with running("peer_pygeoapi.py", str(folder), *map(str, records)) as url:
        yield url


@pytest.fixture(scope="module")
def iso_records(shared_data: Path) -> list[Path]:
    folders = ("canada-hnap", "dublin-core", "eo", "greece-and-others", "ids-with-paths")
    return [path for name in folders for path in (shared_data / "iso" / name).glob("*.xml")]


@pytest.fixture(scope="module")
def pycsw_records_api(iso_records: list[Path]) -> Iterator[str]:
    """Address of a pycsw with real records, of which it gives 5 at a time."""
    with running("peer_pycsw_records.py", *map(str, iso_records)) as url:
        yield url


def test_pygeoapi_is_read_to_its_last_page(pygeoapi: str) -> None:
    found = list(oarec.search(Scope(), url=pygeoapi))
    assert len(found) == 3
    by_end = {record.upstream_id[-12:]: record for record in found}
    ozone = item(by_end["e/totalozone"])
    assert ozone["properties"]["title"] == "Total Ozone - daily observations"
    with pytest.raises(Invalid, match=r"longitudes from -242\.0 to -52\.0"):
        item(by_end["wob-realtime"])
    assert item(by_end["wob realtime"])["properties"]["wmo:dataPolicy"] == "core"


def test_pygeoapi_is_asked_for_a_box(pygeoapi: str) -> None:
    scope = Scope(bbox=(60, -20, 100, 20), time=(datetime(1990, 1, 1, tzinfo=UTC), None))
    found = list(oarec.search(scope, url=pygeoapi, collections=["records"]))
    assert [item(record)["properties"]["title"] for record in found] == [
        "Total Ozone - daily observations"
    ]
    assert scope.pushed == {"bbox"}


def test_pycsw_is_read_to_its_last_page(pycsw_records_api: str, iso_records: list[Path]) -> None:
    found = list(oarec.search(Scope(), url=pycsw_records_api))
    assert len({record.upstream_id for record in found}) == len(iso_records) == len(found)
    errors = {record.error for record in found if record.error}
    assert errors == {"the record has no geometry"}
    documents = {d["properties"].get("title"): d for d in (item(r) for r in found if not r.error)}
    assert len(documents) == 18  # the Greek ones share their titles
    series = documents["Sentinel-2 MSI Level 1C"]
    assert series["bbox"] == [-180.0, -56.0, 180.0, 82.0]
    assert series["properties"]["created"] == "2015-06-21T00:00:00Z"
    assert series["properties"]["swath:upstream"]["created"] == "2015-06-21"
    again = {record.upstream_id: record for record in oarec.search(Scope(), url=pycsw_records_api)}
    assert all(again[record.upstream_id].fingerprint == record.fingerprint for record in found)


def test_pycsw_is_asked_for_a_box(pycsw_records_api: str) -> None:
    scope = Scope(bbox=(19, 34, 30, 42))
    found = list(oarec.search(scope, url=pycsw_records_api))
    assert scope.pushed == {"bbox"}
    assert 5 < len(found) < 20
    for record in found:
        west, south, east, north = item(record)["bbox"]
        assert west <= 30
        assert east >= 19
        assert south <= 42
        assert north >= 34


def test_pycsw_is_asked_for_what_it_takes_conditions_on(pycsw_records_api: str) -> None:
    series = {"op": "=", "args": [{"property": "title"}, "Sentinel-2 MSI Level 1C"]}
    either = {"op": "or", "args": [series, {**series, "args": [{"property": "title"}, "DTM"]}]}
    scope = Scope(filter=either, bbox=(19, 34, 30, 42), since=datetime(2024, 1, 1, tzinfo=UTC))
    found = list(oarec.search(scope, url=pycsw_records_api))
    titles = {item(record)["properties"]["title"] for record in found}
    assert titles <= {"Sentinel-2 MSI Level 1C", "DTM"}
    assert scope.pushed == {"bbox", "filter"}  # a property `updated` it does not have
    clouds = {"op": "<", "args": [{"property": "eo:cloud_cover"}, 10]}
    scope = Scope(filter=clouds)
    assert len(list(oarec.search(scope, url=pycsw_records_api))) > 30
    assert scope.pushed == set()


CLASSES = [
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
]


class Catalogue:
    """A server of records that can be made to behave badly."""

    def __init__(self, examples: Path) -> None:
        self.collections = json.loads((examples / "collections.json").read_text("utf-8"))
        self.queryables = json.loads((examples / "queryables.json").read_text("utf-8"))
        record = json.loads((examples / "record.json").read_text("utf-8"))
        self.records = [{**record, "id": f"{record['id']}/{n}"} for n in range(10)]
        self.home = ""
        self.asked: list[dict[str, str]] = []
        self.links = True
        self.total: int | None = 10
        self.refuses: Callable[[str], bool] = lambda _condition: False

    def answer(self, _method: str, path: str, _body: bytes) -> Answer:
        address = urlsplit(path)
        fixed: dict[str, Json] = {
            "/": {"links": [{"rel": "data", "href": f"{self.home}/collections"}]},
            "/collections": self.collections,
            "/conformance": {"conformsTo": CLASSES},
            "/collections/tepcat/queryables": self.queryables,
        }
        if address.path in fixed:
            return self.said(fixed[address.path])
        asked = {key: value[0] for key, value in parse_qs(address.query).items()}
        if self.refuses(asked.get("filter", "")):
            return 400, {}, b'{"code": "InvalidParameterValue"}'
        self.asked.append(asked)
        return self.said(self.page(int(asked.get("offset", 0)), int(asked.get("limit", 10))))

    def said(self, document: Json) -> Answer:
        return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()

    def page(self, offset: int, limit: int) -> Json:
        following = f"items?offset={offset + limit}&limit={limit}"
        more = self.links and offset + limit < len(self.records)
        document = {
            "type": "FeatureCollection",
            "features": self.records[offset : offset + limit],
            "links": [{"rel": "next", "href": following}] if more else [],
        }
        return document if self.total is None else {**document, "numberMatched": self.total}


@pytest.fixture
def catalogue(shared_data: Path, serve: Serve) -> Catalogue:
    server = Catalogue(shared_data / "responses/ogcapi-records")
    server.home = serve(lambda *request: server.answer(*request))  # noqa: PLW0108 - for tests
    return server


@pytest.mark.parametrize(("links", "total"), [(True, 10), (True, None), (False, 10)])
def test_every_way_of_paging_is_followed(
    catalogue: Catalogue, links: bool, total: int | None
) -> None:
    catalogue.links, catalogue.total = links, total
    found = list(oarec.search(Scope(), url=catalogue.home, page=3))
    assert [record.upstream_id for record in found] == [
        f"tepcat/{record['id']}" for record in catalogue.records
    ]
    assert [asked.get("offset", "0") for asked in catalogue.asked] == ["0", "3", "6", "9"]


def test_the_example_of_the_standard(catalogue: Catalogue) -> None:
    document = item(next(oarec.search(Scope(), url=catalogue.home)))
    record = catalogue.records[0]
    properties = document["properties"]
    assert properties["swath:upstream_id"] == record["id"]
    assert (properties["datetime"], properties["start_datetime"], properties["end_datetime"]) == (
        None,
        "1924-08-17T00:00:00Z",
        "2021-02-08T00:00:00Z",  # it goes on; that is what its last change tells
    )
    assert {key: properties[key] for key in record["properties"]} == record["properties"]
    for member in ("time", "conformsTo", "linkTemplates", "geometry"):
        assert document[member] == record[member]
    assert properties["providers"] == [
        {
            "name": "World Ozone and Ultraviolet Radiation Data Centre",
            "roles": ["host"],
            "url": "https://woudc.org",
        }
    ]
    assert document["assets"]["data-2"] == {
        "href": "https://woudc.org/archive/Summaries/dataset-snapshots/totalozone.zip",
        "type": "application/zip",
        "title": "Static dataset archive file",
        "created": "2015-01-23T00:00:00Z",
        "updated": "2015-01-23T00:00:00Z",
        "roles": ["data"],
    }
    assert document["assets"]["overview"]["type"] == "image/png"
    assert [link["rel"] for link in document["links"]] == [
        "collection",
        "describes",
        "describes",
        "search",
        "license",
    ]


SINCE = datetime(2024, 5, 6, 7, tzinfo=UTC)


def test_what_changed_is_asked_of_a_server_that_takes_conditions(catalogue: Catalogue) -> None:
    scope = Scope(since=SINCE, until=datetime(2024, 6, 1, tzinfo=UTC))
    list(oarec.search(scope, url=catalogue.home))
    condition = catalogue.asked[-1]["filter"]
    assert condition == (
        "(updated >= TIMESTAMP('2024-05-05T23:59:59Z')"
        " AND updated <= TIMESTAMP('2024-06-02T00:00:00Z'))"
    )
    assert catalogue.asked[-1]["filter-lang"] == "cql2-text"
    assert scope.pushed == {"since", "until"}


@pytest.mark.parametrize(
    ("refused", "asked", "pushed"),
    [
        (
            "TIMESTAMP",
            "(updated >= '2024-05-05T23:59:59Z' AND (type = 'dataset'))",
            {"since", "filter"},
        ),
        ("updated", "(type = 'dataset')", {"filter"}),
        ("(", None, set()),
    ],
)
def test_a_condition_that_is_refused_is_left_to_the_harvest(
    catalogue: Catalogue, refused: str, asked: str | None, pushed: set[str]
) -> None:
    catalogue.refuses = lambda condition: refused in condition
    dataset = {"op": "=", "args": [{"property": "type"}, "dataset"]}
    scope = Scope(since=SINCE, filter=dataset)
    assert len(list(oarec.search(scope, url=catalogue.home))) == 10
    sent = catalogue.asked[-1].get("filter")
    assert (sent and sent.replace('"', "")) == asked
    assert scope.pushed == pushed


def test_what_one_catalogue_of_two_does_not_take_is_asked_of_none(catalogue: Catalogue) -> None:
    other = {**catalogue.collections["collections"][0], "id": "other"}
    catalogue.collections["collections"].append(other)
    scope = Scope(since=SINCE)
    found = list(oarec.search(scope, url=catalogue.home))
    assert len({record.upstream_id for record in found}) == 20
    assert scope.pushed == set()
    assert not any("filter" in asked for asked in catalogue.asked if asked.get("limit") != "1")


def test_records_that_a_listing_left_out_are_an_error(catalogue: Catalogue) -> None:
    catalogue.total = 12
    with pytest.raises(Unreadable, match="has 12 records and lists 10"):
        list(oarec.search(Scope(), url=catalogue.home, page=5))
    assert len(list(oarec.search(Scope(), url=catalogue.home, counted=False))) == 10


def test_pages_in_a_circle_are_an_error(catalogue: Catalogue) -> None:
    page = catalogue.page
    catalogue.page = lambda offset, limit: {  # type: ignore[method-assign]
        **page(offset, limit),
        "links": [{"rel": "next", "href": f"items?limit={limit}&offset={(offset + 1) % 2}"}],
    }
    with pytest.raises(Unreadable, match="go in a circle"):
        list(oarec.search(Scope(), url=catalogue.home, page=5))


def test_a_server_that_breaks_off_is_an_error_not_an_end(
    catalogue: Catalogue, impatient: Scope
) -> None:
    answer = catalogue.answer

    def broken(method: str, path: str, body: bytes) -> Answer:
        return (503, {}, b"out of order") if "offset=6" in path else answer(method, path, body)

    catalogue.answer = broken  # type: ignore[method-assign]
    seen: list[Found] = []
    with pytest.raises(Unreachable, match="out of order"):
        seen.extend(oarec.search(impatient, url=catalogue.home, page=3))
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ({"date": "2020-02-29"}, ("2020-02-29T00:00:00Z", "2020-02-29T23:59:59Z")),
        ({"timestamp": "2020-02-29T12:00:00Z"}, "2020-02-29T12:00:00Z"),
        ({"interval": ["..", "2020-02"]}, "2020-02-29T23:59:59Z"),
        ({"interval": ["2019", "2020"]}, ("2019-01-01T00:00:00Z", "2020-12-31T23:59:59Z")),
        ("2019-01-01/..", ("2019-01-01T00:00:00Z", "2021-02-08T00:00:00Z")),
        (None, "2021-02-08T00:00:00Z"),
    ],
)
def test_times_of_records(catalogue: Catalogue, time: Any, expected: Any) -> None:
    catalogue.records[0]["time"] = time
    properties = item(next(oarec.search(Scope(), url=catalogue.home)))["properties"]
    if isinstance(expected, str):
        assert properties["datetime"] == expected
        assert "start_datetime" not in properties
    else:
        assert properties["datetime"] is None
        assert (properties["start_datetime"], properties["end_datetime"]) == expected
    assert properties.get("swath:datetime_from") == ("creation" if time is None else None)


def test_a_record_without_a_geometry_has_its_box_or_a_reason(catalogue: Catalogue) -> None:
    first, second, third, fourth, *_ = catalogue.records
    first |= {"geometry": None, "bbox": [1, 2, 3, 4]}
    second["geometry"] = None
    second["properties"] = {**second["properties"], "extent": {"spatial": {"bbox": [[5, 6, 7, 8]]}}}
    third["geometry"] = None
    fourth["properties"] = "none"
    found = list(oarec.search(Scope(), url=catalogue.home))
    assert item(found[0])["geometry"]["coordinates"][0][0] == [1, 2]
    assert item(found[1])["bbox"] == [5.0, 6.0, 7.0, 8.0]
    assert found[2].error == "the record has no geometry"
    assert found[3].error == "its properties are no JSON object"
    assert json.loads(found[2].original or b"") == third
    assert not any(record.error for record in found[4:])


def test_words_and_addresses_that_stac_does_not_take(catalogue: Catalogue) -> None:
    record = catalogue.records[0]
    record["properties"] = {**record["properties"], "license": "no limitations apply"}
    record["links"] = [
        {"rel": "related", "href": "../a folder/{x}"},
        {"rel": "items", "href": "https://example.com/items"},
        {"rel": "enclosure", "href": "ftp://example.com/a.zip"},
        {"rel": "download", "href": "https://example.com/wms", "protocol": "OGC:WMS"},
    ]
    document = item(next(oarec.search(Scope(), url=catalogue.home)))
    assert document["properties"]["license"] == "other"
    assert document["properties"]["swath:upstream"] == {"license": "no limitations apply"}
    assert [(link["rel"], link["href"]) for link in document["links"]] == [
        ("related", f"{catalogue.home}/collections/a%20folder/%7Bx%7D"),
        ("related", "https://example.com/items"),
        ("enclosure", "ftp://example.com/a.zip"),
        ("download", "https://example.com/wms"),
    ]
    assert document["assets"] == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>Welcome</html>", "no JSON"),
        (b"[]", "no JSON object"),
        (b"{}", "none of its collections has records"),
    ],
)
def test_an_address_that_is_no_catalogue_is_one_sentence(
    serve: Serve, content: bytes, reason: str
) -> None:
    url = serve(lambda *_: (200, {}, content))
    with pytest.raises(Unreadable, match=reason) as caught:
        list(oarec.search(Scope(), url=url))
    assert url in str(caught.value)
