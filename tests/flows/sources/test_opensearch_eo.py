"""The OpenSearch EO source: Resto and its GeoJSON, pycsw, and servers that answer badly."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest

from flows.found import Found
from flows.scope import Scope
from flows.sources import opensearch_eo
from infrastructure.errors import Unreachable, Unreadable
from opensearch_asking import GEOJSON, Answer, Json, Serve, item

CDSE = "https://catalogue.dataspace.copernicus.eu/resto/api/collections"


RECORDED = ("S2MSI2A", "S2MSI1C", "IW_GRDH_1S", "OL_1_EFR___", "L1TP", "DGE_30", "ASA_WSS_1P")


class Resto:
    """A server that pages as the Copernicus Data Space does, over answers recorded there."""

    def __init__(self, folder: Path, home: str = "") -> None:
        self.description = (folder / "creodias_describe_all.xml").read_bytes()
        paths = [folder / f"creodias_search_{name}.json" for name in RECORDED]
        answers = [json.loads(path.read_text("utf-8")) for path in paths]
        self.features = [feature for answer in answers for feature in answer["features"]]
        self.home = home
        self.asked: list[dict[str, list[str]]] = []
        self.exact = True
        self.links = False
        self.lost = 0

    def answer(self, _method: str, path: str, _body: bytes) -> Answer:
        address = urlsplit(path)
        if address.path.endswith("describe.xml"):
            return 200, {}, self.description.replace(CDSE.encode(), self.home.encode())
        asked = parse_qs(address.query)
        self.asked.append(asked)
        size, index = int(asked["maxRecords"][0]), int(asked.get("index", ["1"])[0])
        hits = self.hits(asked)
        page = hits[index - 1 : index - 1 + size]
        page = page[self.lost :] if index > 1 else page
        return 200, GEOJSON, json.dumps(self.page(page, len(hits), index, size)).encode()

    def hits(self, asked: dict[str, list[str]]) -> list[Json]:
        after = asked.get("updated", [""])[0]
        kind = asked.get("productType", [""])[0]
        return [
            feature
            for feature in self.features
            if feature["properties"]["updated"] >= after
            and kind in ("", feature["properties"]["productType"])
        ]

    def page(self, page: list[Json], total: int, index: int, size: int) -> Json:
        following = f"{self.home}/search.json?maxRecords={size}&index={index + size}"
        more = self.links and index + size <= total
        return {
            "type": "FeatureCollection",
            "features": page,
            "properties": {
                "totalResults": total if self.exact else None,
                "exactCount": 1 if self.exact else 0,
                "startIndex": index,
                "itemsPerPage": len(page),
                "links": [{"rel": "next", "href": following}] if more else [],
            },
        }


@pytest.fixture
def resto(shared_data: Path, serve: Serve) -> Resto:
    server = Resto(shared_data / "responses/opensearch-cdse")
    server.home = serve(lambda *request: server.answer(*request))  # noqa: PLW0108 - for tests
    return server


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("exact", [True, False])
def test_a_resto_is_read_to_its_last_page(resto: Resto, links: bool, exact: bool) -> None:
    resto.links, resto.exact = links, exact
    found = list(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml", page=5))
    assert [product.upstream_id for product in found] == [f["id"] for f in resto.features]
    assert not [product for product in found if product.error]
    assert resto.asked[0]["exactCount"] == ["1"]
    assert len(resto.asked) == 5 + (not exact and not links)


def test_products_that_a_listing_left_out_are_an_error(resto: Resto) -> None:
    resto.lost = 1
    with pytest.raises(Unreadable, match="says that it has 21 records and lists 20"):
        list(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml", page=5))
    uncounted = opensearch_eo.search(
        Scope(), url=f"{resto.home}/describe.xml", page=5, counted=False
    )
    assert len(list(uncounted)) == 20


def test_bounds_are_asked_of_a_server_that_has_parameters_for_them(resto: Resto) -> None:
    scope = Scope(
        bbox=(5.5, 58, 10, 60),
        time=(datetime(2015, 8, 1, tzinfo=UTC), None),
        since=datetime(2024, 5, 22, 11, 40, tzinfo=UTC),
        until=datetime(2024, 6, 1, tzinfo=UTC),
    )
    stream = opensearch_eo.search(
        scope,
        url=f"{resto.home}/describe.xml",
        parameters={"productType": "S2MSI1C", "eo:platform": "S2A", "status": "ONLINE"},
    )
    first = next(stream)
    assert scope.pushed == {"bbox", "time", "since"}
    assert resto.asked[0] | {"maxRecords": [], "index": [], "exactCount": []} == {
        "maxRecords": [],
        "index": [],
        "exactCount": [],
        "box": ["5.5,58,10,60"],
        "startDate": ["2015-08-01T00:00:00.000Z"],
        "updated": ["2024-05-22T11:40:00.000Z"],
        "productType": ["S2MSI1C"],
        "platform": ["S2A"],
        "status": ["ONLINE"],
    }
    assert first.changed == datetime(2024, 5, 22, 11, 45, 55, 842752, tzinfo=UTC)
    assert len([first, *stream]) == 3


def test_a_box_across_the_antimeridian_is_left_to_the_harvest(resto: Resto) -> None:
    scope = Scope(bbox=(170, -10, -170, 10))
    assert len(list(opensearch_eo.search(scope, url=f"{resto.home}/describe.xml"))) == 21
    assert scope.pushed == set()
    assert "box" not in resto.asked[0]


def test_a_sentinel_2_product_of_the_copernicus_data_space(resto: Resto) -> None:
    found = next(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml"))
    document = item(found)
    properties = document["properties"]
    assert document["id"] == "S2A_MSIL2A_20150818T110046_N0500_R094_T32VML_20231009T195959"
    assert document["bbox"] == pytest.approx([7.231528, 58.540786, 8.957578, 59.536924], abs=1e-5)
    assert {k: properties[k] for k in properties if k not in ("description", "swath:upstream")} == {
        "title": "S2A_MSIL2A_20150818T110046_N0500_R094_T32VML_20231009T195959.SAFE",
        "datetime": "2015-08-18T11:00:46.030000Z",
        "published": "2024-05-22T11:38:54.761427Z",
        "updated": "2024-05-22T11:39:10.477406Z",
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "sat:absolute_orbit": 806,
        "sat:relative_orbit": 94,
        "processing:level": "L2A",
        "product:type": "S2MSI2A",
    }
    kept = properties["swath:upstream"]
    assert (kept["status"], kept["processingBaseline"], kept["platform"]) == ("ONLINE", 5.0, "S2A")
    assert kept["cloudClover"] is None
    assert not {"startDate", "updated", "gmlgeometry", "links"} & kept.keys()
    path = "/eodata/Sentinel-2/MSI/L2A_N0500/2015/08/18/" + properties["title"]
    assert document["assets"]["product"] == {
        "href": "https://catalogue.dataspace.copernicus.eu/download/4889b673-d726-40b8-ac74-cbfe0f981494",
        "file:size": 635710803,
        "alternate": {"s3": {"href": f"s3:/{path}"}},
        "roles": ["data"],
    }
    assert document["assets"]["thumbnail"]["type"] == "image/jpeg"
    assert [link["rel"] for link in document["links"]] == ["via"]


def test_a_radar_product_has_a_start_an_end_and_the_words_of_radar(resto: Resto) -> None:
    found = list(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml"))
    properties = [item(product)["properties"] for product in found]
    radar = next(p for p in properties if p["product:type"] == "IW_GRDH_1S")
    assert radar["start_datetime"] == radar["datetime"] == "2015-10-25T01:18:20.152112Z"
    assert radar["end_datetime"] == "2015-10-25T01:18:32.214951Z"
    assert (radar["sar:instrument_mode"], radar["sat:orbit_state"]) == ("IW", "descending")
    optical = next(p for p in properties if p["product:type"] == "S2MSI1C")
    assert "sar:instrument_mode" not in optical
    assert optical["swath:upstream"]["sensorMode"] == "INS-NOBS"


def test_a_mapping_overrules_the_usual_places(resto: Resto) -> None:
    mapping = {
        "start_datetime": "published",
        "end_datetime": "completionDate",
        "productIdentifier": "productIdentifier",
        "eo:cloud_cover": "services.download.size",
        "id": "title",
    }
    scope = Scope(mapping=mapping)
    found = next(opensearch_eo.search(scope, url=f"{resto.home}/describe.xml"))
    assert found.document is not None
    properties = found.document["properties"]
    assert found.document["id"].endswith("T195959.SAFE")
    assert properties["start_datetime"] == "2024-05-22T11:38:54.761427Z"
    assert properties["productIdentifier"].startswith("/eodata/Sentinel-2/")
    assert "eo:cloud_cover" not in properties  # 635,710,803 % is none
    plain = next(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml"))
    assert plain.fingerprint != found.fingerprint


@cache
def schema(path: Path) -> Json:
    return dict(json.loads(path.read_text("utf-8")))


def test_extensions_hold_what_they_promise(resto: Resto, shared_data: Path) -> None:
    folder = shared_data.parent / "stac-schemas"
    checked = set()
    for found in opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml"):
        document = item(found)
        for url in document["stac_extensions"]:
            own = schema(folder / url.removeprefix("https://"))
            jsonschema.Draft7Validator({**own, "$id": ""}).validate(document)
            checked.add(url.split("/")[3])
    assert checked >= {"sat", "sar", "processing", "product", "file", "alternate-assets"}


def test_a_record_that_is_broken_stops_no_other(resto: Resto) -> None:
    resto.features[0]["geometry"] = {"type": "Polygon", "coordinates": [[["east", "north"]]]}
    resto.features[1]["geometry"] = None
    del resto.features[2]["id"]
    resto.features[3] = "no feature"  # type: ignore[call-overload]
    resto.hits = lambda _asked: resto.features  # type: ignore[method-assign]
    found = list(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml"))
    errors = [product.error for product in found if product.error]
    assert len(found) == 21
    assert "the record's geometry is no GeoJSON" in errors[0]
    assert errors[1:] == [
        "the record has no geometry",
        "the record has no id",
        "it is no JSON object",
    ]
    assert json.loads(found[1].original or b"")["id"] == resto.features[1]["id"]


def test_a_server_that_ignores_the_page_is_an_error_not_a_loop(resto: Resto) -> None:
    resto.exact = False
    answer = resto.answer

    def stuck(method: str, path: str, body: bytes) -> Answer:
        return answer(method, path.replace("index=", "was="), body)

    resto.answer = stuck  # type: ignore[method-assign]
    with pytest.raises(Unreadable, match="have nothing new on them"):
        list(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml", page=5))


def test_next_links_in_a_circle_are_an_error(resto: Resto) -> None:
    page = resto.page

    def circle(features: list[Json], total: int, index: int, size: int) -> Json:
        document = page(features, total, index, size)
        links = [
            {"rel": "next", "href": f"{resto.home}/search.json?maxRecords=5&index={index % 2}"}
        ]
        return {**document, "properties": {**document["properties"], "links": links}}

    resto.page = circle  # type: ignore[method-assign]
    with pytest.raises(Unreadable, match="go in a circle"):
        list(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml", page=5))


def test_a_server_that_breaks_off_is_an_error_not_an_end(resto: Resto, impatient: Scope) -> None:
    answer = resto.answer

    def broken(method: str, path: str, body: bytes) -> Answer:
        return (503, {}, b"out of order") if "index=11" in path else answer(method, path, body)

    resto.answer = broken  # type: ignore[method-assign]
    seen: list[Found] = []
    with pytest.raises(Unreachable, match="out of order"):
        seen.extend(opensearch_eo.search(impatient, url=f"{resto.home}/describe.xml", page=5))
    assert len(seen) == 10


@pytest.mark.parametrize("version", ["3.0.0", "2.0.2"])
def test_pycsw_is_read_to_its_last_page(
    pycsw: str, pycsw_records: list[Path], version: str
) -> None:
    url = f"{pycsw}?mode=opensearch&service=CSW&version={version}&request=GetCapabilities"
    found = list(opensearch_eo.search(Scope(), url=url))
    assert len(found) == len(pycsw_records)
    assert len({record.upstream_id for record in found}) == len(found)
    errors = {record.error for record in found if record.error}
    assert errors == {"the record has no geometry"}
    documents = [item(record) for record in found if not record.error]
    dates = {document["properties"].get("swath:datetime_from") for document in documents}
    assert dates == {"metadata", "publication"}
    scene = next(d for d in documents if d["id"].startswith("S2B_MSIL2A"))
    assert scene["properties"]["product:type"] == "S2MSI2A"
    assert scene["bbox"] == [22.24, 36.95, 22.32, 37.22]


def test_pycsw_is_asked_for_a_box(pycsw: str) -> None:
    url = f"{pycsw}?mode=opensearch&service=CSW&version=3.0.0&request=GetCapabilities"
    time = (datetime(2009, 1, 1, tzinfo=UTC), datetime(2010, 1, 1, tzinfo=UTC))
    scope = Scope(bbox=(19, 34, 30, 42), time=time)
    found = list(opensearch_eo.search(scope, url=url))
    assert scope.pushed == {"bbox"}
    for record in found:
        west, south, east, north = item(record)["bbox"]
        assert west <= 30
        assert east >= 19
        assert south <= 42
        assert north >= 34
    assert 5 < len(found) < 20


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<ExceptionReport><Text>no such parameter</Text></ExceptionReport>", "no such parameter"),
        (b'{"error": "none"}', "no list of features"),
        (b"busy", "neither JSON nor XML"),
    ],
)
def test_an_answer_that_is_no_page_is_an_error(resto: Resto, content: bytes, reason: str) -> None:
    answer = resto.answer

    def wrong(method: str, path: str, body: bytes) -> Answer:
        return answer(method, path, body) if "describe" in path else (200, {}, content)

    resto.answer = wrong  # type: ignore[method-assign]
    with pytest.raises(Unreadable, match=reason):
        list(opensearch_eo.search(Scope(), url=f"{resto.home}/describe.xml"))
