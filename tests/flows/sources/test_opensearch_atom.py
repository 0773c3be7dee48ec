"""Atom of OpenSearch EO: GeoRSS, GML and embedded EO metadata."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from flows.found import Found
from flows.scope import Scope
from flows.sources import opensearch_eo
from infrastructure.errors import Misconfigured, Unreadable
from opensearch_asking import GEOJSON, Answer, Serve, item

ATOM = {"Content-Type": "application/atom+xml"}


MUNDI = (
    '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/"'
    ' xmlns:eo="http://a9.com/-/spec/opensearch/extensions/eo/1.0/"'
    ' xmlns:zeit="http://a9.com/-/opensearch/extensions/time/1.0/">'
    '<Url type="application/atom+xml" rel="results" indexOffset="0"'
    ' template="{home}/opensearch?format=atom&amp;maxRecords={{count}}'
    "&amp;startIndex={{startIndex?}}&amp;timeStart={{zeit:start?}}&amp;timeEnd={{zeit:end?}}"
    '&amp;productType={{eo:productType}}&amp;modified={{eo:modificationDate?}}"/>'
    "</OpenSearchDescription>"
)


class Mundi:
    """A server of Atom with the entries that Mundi gave."""

    def __init__(self, page: Path) -> None:
        self.feed = page.read_bytes()
        self.home = ""
        self.asked: list[str] = []

    def answer(self, _method: str, path: str, _body: bytes) -> Answer:
        if path.endswith("description.xml"):
            return 200, {}, MUNDI.format(home=self.home).encode()
        self.asked.append(path)
        index = int(parse_qs(urlsplit(path).query)["startIndex"][0])
        root = etree.fromstring(self.feed)
        for link in root.findall("{http://www.w3.org/2005/Atom}link"):
            root.remove(link)
        root.find("{*}totalResults").text = "2"
        for number, entry in enumerate(root.findall("{http://www.w3.org/2005/Atom}entry")):
            if number != index:
                root.remove(entry)
        return 200, ATOM, etree.tostring(root)


@pytest.fixture
def mundi(shared_data: Path, serve: Serve) -> Mundi:
    server = Mundi(shared_data / "responses/providers-eodag/mundi_search.xml")
    server.home = serve(lambda *request: server.answer(*request))  # noqa: PLW0108 - for tests
    return server


def test_atom_has_latitudes_first_and_the_other_namespace_of_eo(mundi: Mundi) -> None:
    scope = Scope(since=datetime(2021, 1, 1, tzinfo=UTC), until=datetime(2022, 1, 1, tzinfo=UTC))
    found = list(
        opensearch_eo.search(
            scope,
            url=f"{mundi.home}/description.xml",
            page=1,
            parameters={"eo:productType": "IMAGE"},
        )
    )
    assert mundi.asked == [
        f"/opensearch?format=atom&maxRecords=1&startIndex={index}&productType=IMAGE"
        "&modified=%5B2021-01-01T00:00:00.000Z,2022-01-01T00:00:00.000Z%5B"
        for index in (0, 1)
    ]
    assert scope.pushed == {"since", "until"}
    first, second = map(item, found)
    assert first["id"] == "S2A_MSIL1C_20200815T005251_N0209_R002_T55PBQ_20200815T023440"
    assert first["bbox"] == pytest.approx([144.78218, 13.00517, 145.24601, 13.56226], abs=1e-4)
    assert first["geometry"]["coordinates"][0][0] == [145.24601251424042, 13.005167630855658]
    properties = first["properties"]
    assert properties["datetime"] == "2020-08-15T00:52:51Z"
    assert (properties["eo:cloud_cover"], properties["gsd"]) == (34.3433, 10.0)
    assert (properties["sat:absolute_orbit"], properties["sat:orbit_state"]) == (
        26883,
        "descending",
    )
    assert (properties["processing:level"], properties["grid:code"]) == ("L1C", "MGRS-55PBQ")
    assert properties["swath:upstream"]["DIAS:onlineStatus"] == "orderable"
    assert {key: asset["roles"] for key, asset in first["assets"].items()} == {
        "quicklook": ["overview"],
        "thumbnail": ["thumbnail"],
    }
    assert second["properties"]["eo:cloud_cover"] == 6.6797


def test_a_parameter_that_must_be_given_is_named(mundi: Mundi) -> None:
    with pytest.raises(Misconfigured, match="must be told 'eo:productType'"):
        list(opensearch_eo.search(Scope(), url=f"{mundi.home}/description.xml"))


def test_a_format_that_is_not_offered_is_named(mundi: Mundi) -> None:
    wanted = "application/json"
    with pytest.raises(Misconfigured, match=r"application/json, only: application/atom\+xml"):
        list(opensearch_eo.search(Scope(), url=f"{mundi.home}/description.xml", format=wanted))


def entry(inside: str) -> Iterator[Found]:
    """What is found, of a feed with one entry."""
    from flows.upstream import atom

    feed = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss"
      xmlns:gml="http://www.opengis.net/gml" xmlns:dc="http://purl.org/dc/elements/1.1/"
      xmlns:dct="http://purl.org/dc/terms/" xmlns:media="http://search.yahoo.com/mrss/"
      xmlns:xlink="http://www.w3.org/1999/xlink">
      <entry><id>urn:x</id><title>X</title>
      <dc:date>2020-01-01T10:00:00Z/2020-01-01T10:05:00Z</dc:date>{inside}</entry></feed>"""
    return iter(atom.page(feed.encode(), "https://example.com/s", {}, False).found)


RING = [[10.0, 50.0], [12.0, 50.0], [12.0, 51.0], [10.0, 51.0], [10.0, 50.0]]


LATLON = "50 10 50 12 51 12 51 10 50 10"


def where(shape: str) -> str:
    return f"<georss:where>{shape}</georss:where>"


def polygon(positions: str, ring: str = "exterior", attribute: str = "") -> str:
    inside = f"<gml:{ring}><gml:LinearRing>{positions}</gml:LinearRing></gml:{ring}>"
    return where(f"<gml:Polygon{attribute}>{inside}</gml:Polygon>")


CRS84 = ' srsName="urn:ogc:def:crs:OGC:1.3:CRS84"'


LONLAT3 = "10 50 0 12 50 0 12 51 0 10 51 0 10 50 0"


GML2 = "<gml:coordinates>50,10 50,12 51,12 51,10 50,10</gml:coordinates>"


WKT = "POLYGON ((10 50, 12 50, 12 51, 10 51, 10 50))"


@pytest.mark.parametrize(
    ("inside", "geometry"),
    [
        (f"<georss:polygon>{LATLON}</georss:polygon>", ("Polygon", [RING])),
        (polygon(f"<gml:posList>{LATLON}</gml:posList>"), ("Polygon", [RING])),
        (
            polygon(f'<gml:posList srsDimension="3">{LONLAT3}</gml:posList>', attribute=CRS84),
            ("Polygon", [RING]),
        ),
        (polygon(GML2, ring="outerBoundaryIs"), ("Polygon", [RING])),
        ("<georss:box>50 10 51 12</georss:box>", ("Polygon", [RING])),
        ("<georss:box>50 10 50 10</georss:box>", ("Point", [10.0, 50.0])),
        ("<georss:point>50 10</georss:point>", ("Point", [10.0, 50.0])),
        ("<georss:line>50 10 51 12</georss:line>", ("LineString", [[10.0, 50.0], [12.0, 51.0]])),
        (f"<dct:spatial>{WKT}</dct:spatial>", ("Polygon", [RING])),
    ],
)
def test_geometries_of_georss_and_gml(inside: str, geometry: tuple[str, Any]) -> None:
    document = item(next(entry(inside)))
    found = json.loads(json.dumps(document["geometry"]))
    assert (found["type"], found["coordinates"]) == geometry
    assert document["properties"]["start_datetime"] == "2020-01-01T10:00:00Z"
    assert document["properties"]["end_datetime"] == "2020-01-01T10:05:00Z"


def test_a_box_across_the_antimeridian_is_two_polygons() -> None:
    document = item(next(entry("<georss:box>-20 175 -15 -178</georss:box>")))
    assert document["bbox"] == [175.0, -20.0, -178.0, -15.0]
    assert document["geometry"]["type"] == "MultiPolygon"


@pytest.mark.parametrize("inside", ["<georss:polygon>50 10 51</georss:polygon>", ""])
def test_an_entry_without_a_sound_geometry_says_so(inside: str) -> None:
    assert "geometry" in (next(entry(inside)).error or "")


def test_embedded_eo_metadata_is_read(shared_data: Path) -> None:
    folder = shared_data / "imagery/meris-mediterranean-2006"
    path = min(folder.glob("*20060816*.xml"))
    text = path.read_text("utf-8").partition("?>")[2].partition("?>")[2]
    document = item(next(entry(text.replace("<dc:date>", ""))))
    properties = document["properties"]
    assert document["bbox"] == pytest.approx([11.648344, 32.269746, 27.968591, 46.216558], abs=1e-5)
    assert (properties["platform"], properties["instruments"]) == ("envisat", ["meris"])
    assert properties["start_datetime"] == "2006-08-16T09:09:29Z"
    assert properties["end_datetime"] == "2006-08-16T09:12:46Z"


def test_metadata_after_ogc_17_003_is_read(shared_data: Path, serve: Serve) -> None:
    path = shared_data / "responses/providers-eodag/eumetsat_ds_search.json"
    page = json.loads(path.read_text("utf-8"))
    whole = json.loads(json.dumps(page["features"][0]))
    whole["id"], whole["geometry"] = "whole", {"type": "Polygon", "coordinates": [RING]}
    page["features"].append(whole)
    description = """<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
      <Url type="application/geo+json" template="search?si={startIndex?}&amp;c={count?}"/>
      </OpenSearchDescription>"""

    def answer(_method: str, path: str, _body: bytes) -> Answer:
        if "search?" not in path:
            return 200, {}, description.encode()
        first = "si=1&" in path
        return 200, GEOJSON, json.dumps(page if first else {**page, "features": []}).encode()

    empty, found = opensearch_eo.search(Scope(), url=f"{serve(answer)}/osdd.xml")
    assert empty.error == "the record has no geometry"
    document = item(found)
    properties = document["properties"]
    assert document["id"] == "PREmm20201201000000120IMPGS01GL"
    assert properties["start_datetime"] == "2020-12-01T00:00:00Z"
    assert properties["end_datetime"] == "2021-01-01T00:00:00Z"
    assert (properties["platform"], properties["product:type"]) == ("multi-platform", "PRE")
    assert properties["swath:upstream"]["extraInformation"]["compositeType"] == "P1M"
    assert document["assets"]["product"]["type"] == "application/zip"
    assert {link["rel"] for link in document["links"]} == {"alternate", "sip-entries"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html><body>Welcome</body></html>", "no OpenSearch description"),
        (b"Welcome", "no well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares entities"),
    ],
)
def test_an_address_that_is_no_description_is_one_sentence(
    serve: Serve, content: bytes, reason: str
) -> None:
    url = serve(lambda *_: (200, {}, content))
    with pytest.raises(Unreadable, match=reason) as caught:
        list(opensearch_eo.search(Scope(), url=url))
    assert url in str(caught.value)
