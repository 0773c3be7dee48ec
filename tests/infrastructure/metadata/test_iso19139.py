"""ISO 19139 records: what a client reads from them, and that they are valid."""

import os
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from owslib.iso import MD_Metadata

from catalogues import items
from infrastructure.errors import Invalid
from infrastructure.metadata.mcf import mcf
from infrastructure.metadata.schemas import iso19139_of as iso19139

NS = {
    "gco": "http://www.isotc211.org/2005/gco",
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gml": "http://www.opengis.net/gml",
    "gmx": "http://www.isotc211.org/2005/gmx",
}
XLINK = "{http://www.w3.org/1999/xlink}"

COLLECTION: dict[str, Any] = {
    "id": "reservoir",
    "title": "The reservoir",
    "description": "Scenes of the *reservoir*.",
    "license": "other",
    "keywords": ["water", "Paraná"],
    "providers": [
        {"name": "Agency", "roles": ["producer", "licensor"], "url": "https://agency.example/"},
        {"name": "Archive", "roles": ["host"], "url": "https://archive.example/"},
    ],
    "links": [{"rel": "license", "href": "https://agency.example/terms?a=1&b=2", "title": "Free"}],
}

ITEM: dict[str, Any] = {
    "id": "scene-1",
    "collection": "reservoir",
    "bbox": [-55.25, -26.1, -52.9, 1e-06],
    "properties": {
        "datetime": None,
        "start_datetime": "2020-05-18T00:00:00Z",
        "end_datetime": "2020-05-18T23:59:59Z",
        "updated": "2026-01-02T03:04:05.678901Z",
        "platform": "landsat-8",
        "instruments": ["oli", "tirs"],
        "constellation": "landsat",
        "eo:cloud_cover": 0,
        "processing:level": "L1",
        "proj:code": "EPSG:32621",
    },
    "assets": {
        "blue": {"href": "file:///srv/store/blue.tif", "roles": ["data"]},
        "green": {"href": "s3://bucket/green.tif", "roles": ["data"]},
        "red": {
            "href": "https://archive.example/red.tif?x=1&y=2",
            "title": "Red & bright",
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        },
        "thumbnail": {"href": "https://archive.example/t.png", "roles": ["thumbnail"]},
    },
    "links": [
        {"rel": "collection", "href": "https://archive.example/c"},
        {"rel": "via", "href": "file:///srv/products/scene-1"},
        {"rel": "via", "href": "https://archive.example/scene-1", "title": "At the archive"},
    ],
}


def changed(document: dict[str, Any], **properties: Any) -> dict[str, Any]:
    copy = deepcopy(document)
    copy["properties"].update(properties)
    return copy


def root(item: dict[str, Any], collection: dict[str, Any] = COLLECTION) -> etree._Element:
    return etree.fromstring(iso19139(item, collection))


def texts(element: etree._Element, path: str) -> list[str]:
    return [str(found.text) for found in element.iterfind(path, NS)]


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """The XML schemas of ISO/TS 19139 of 2006-05-04, as they ride in pycsw."""
    spec = find_spec("pycsw")
    inside = "plugins/profiles/apiso/schemas/ogc/iso/19139/20060504"
    beside_pycsw = Path(spec.origin).parent / inside if spec and spec.origin else Path()
    folder = Path(os.environ.get("SWATH_ISO_SCHEMAS", beside_pycsw))
    if not (folder / "gmd" / "gmd.xsd").is_file():
        pytest.skip("no XML schemas of ISO 19139; set SWATH_ISO_SCHEMAS to their folder `20060504`")
    imports = "".join(
        f'<import namespace="{NS[name]}" schemaLocation="{(folder / name / name).as_uri()}.xsd"/>'
        for name in ("gmd", "gmx")
    )
    entry = tmp_path_factory.mktemp("iso") / "entry.xsd"
    entry.write_text(f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>')
    return etree.XMLSchema(etree.parse(entry))


def test_client_reads_what_the_documents_say() -> None:
    record = MD_Metadata(root(ITEM))
    found = record.identification[0]
    box = found.extent.boundingBox
    assert record.identifier == "reservoir:scene-1"
    assert record.parentidentifier == "reservoir"
    assert record.hierarchy == "dataset"
    assert record.datestamp == "2026-01-02T03:04:05.678901Z"
    assert found.title == "The reservoir: scene-1"
    assert found.abstract == "Scenes of the *reservoir*."
    assert [box.minx, box.miny, box.maxx, box.maxy] == ["-55.25", "-26.1", "-52.9", "0.000001"]
    assert found.temporalextent_start == "2020-05-18T00:00:00Z"
    assert found.temporalextent_end == "2020-05-18T23:59:59Z"
    assert [[word.name for word in group.keywords] for group in found.keywords] == [
        ["water", "Paraná"],
        ["landsat", "landsat-8", "oli", "tirs"],
    ]
    assert [(c.role, c.organization) for c in record.contact] == [("custodian", "Archive")]
    assert [(c.role, c.organization) for c in found.contact] == [("pointOfContact", "Agency")]
    assert record.referencesystem.code == "urn:ogc:def:crs:EPSG::32621"
    assert record.contentinfo[0].cloud_cover == "0"
    assert record.contentinfo[0].processing_level == "L1"
    assert [(link.url, link.name, link.function) for link in record.distribution.online] == [
        ("https://archive.example/red.tif?x=1&y=2", "Red & bright", "download"),
        ("https://archive.example/t.png", "thumbnail", "download"),
        ("https://archive.example/scene-1", "At the archive", "information"),
    ]


def test_licence_and_thumbnail_are_told() -> None:
    record = root(ITEM)
    licence = record.find(".//gmd:otherConstraints/gmx:Anchor", NS)
    assert licence is not None
    assert (licence.text, licence.get(f"{XLINK}href")) == (
        "Free",
        "https://agency.example/terms?a=1&b=2",
    )
    assert texts(record, ".//gmd:useLimitation/*") == ["Free"]
    name = ".//gmd:MD_BrowseGraphic/gmd:fileName/gco:CharacterString"
    assert texts(record, name) == ["https://archive.example/t.png"]


def test_the_items_own_words_go_before_the_collections() -> None:
    own = changed(
        ITEM,
        title="Low water",
        description="The reservoir in a dry May.",
        license="CC-BY-4.0",
        providers=[{"name": "Institute", "roles": ["producer"]}],
    )
    own["links"].append({"rel": "license", "href": "https://institute.example/by"})
    content = mcf(own, COLLECTION)
    assert content["identification"]["title"] == "Low water"
    assert content["identification"]["abstract"] == "The reservoir in a dry May."
    assert content["identification"]["license"] == {
        "name": "CC-BY-4.0",
        "url": "https://institute.example/by",
    }
    assert content["contact"]["pointOfContact"]["organization"] == "Institute"


def test_private_addresses_stay_private() -> None:
    record = iso19139(ITEM, COLLECTION)
    assert b"file:" not in record
    assert b"s3:" not in record
    assert b"/srv/" not in record


def test_same_documents_give_the_same_bytes() -> None:
    item, collection = deepcopy(ITEM), deepcopy(COLLECTION)
    assert iso19139(item, collection) == iso19139(ITEM, COLLECTION)
    assert (item, collection) == (ITEM, COLLECTION)


def test_an_instant_is_a_period_without_length_in_utc() -> None:
    period = {"start_datetime": None, "end_datetime": None}
    record = MD_Metadata(root(changed(ITEM, datetime="2020-05-18T10:30:00.5-03:00", **period)))
    found = record.identification[0]
    assert found.temporalextent_start == "2020-05-18T13:30:00.500000Z"
    assert found.temporalextent_end == "2020-05-18T13:30:00.500000Z"


def test_without_a_date_of_its_own_the_record_has_the_acquisitions() -> None:
    item = changed(ITEM)
    del item["properties"]["updated"]
    assert MD_Metadata(root(item)).datestamp == "2020-05-18T23:59:59Z"


def test_several_reference_systems_are_all_told_and_unknown_ones_not() -> None:
    item = changed(ITEM, **{"proj:code": None})
    assert not root(item).findall("gmd:referenceSystemInfo", NS)
    item["assets"]["red"]["proj:code"] = "EPSG:32621"
    item["assets"]["blue"]["proj:code"] = "EPSG:32622"
    item["assets"]["green"]["proj:code"] = "IAU_2015:30100"
    code = "gmd:referenceSystemInfo//gmd:RS_Identifier/gmd:code/gco:CharacterString"
    assert texts(root(item), code) == [
        "urn:ogc:def:crs:EPSG::32622",
        "urn:ogc:def:crs:EPSG::32621",
    ]


def test_box_with_heights_and_across_the_antimeridian() -> None:
    box = MD_Metadata(root({**ITEM, "bbox": [178.0, -20, -5, -178.5, -10, 900]}))
    found = box.identification[0].extent.boundingBox
    assert [found.minx, found.miny, found.maxx, found.maxy] == ["178", "-20", "-178.5", "-10"]


def test_text_that_looks_like_markup_stays_text() -> None:
    hostile = """</gmd:x><!-- & "quoted" 'too' ]]> {{ 7 * 7 }}"""
    collection = {
        **COLLECTION,
        "keywords": [hostile],
        "license": hostile,
        "providers": [{"name": hostile, "url": f"https://a.example/{hostile}"}],
        "links": [{"rel": "license", "href": f"https://a.example/?{hostile}", "title": hostile}],
    }
    item = changed(ITEM, title=hostile, description=hostile, **{"processing:level": hostile})
    item["id"] = hostile
    record = root(item, collection)
    assert texts(record, "gmd:fileIdentifier/*") == [f"reservoir:{hostile}"]
    for path in (".//gmd:title/*", ".//gmd:abstract/*", ".//gmd:keyword/*", ".//gmx:Anchor"):
        assert hostile in texts(record, path)
    assert hostile in texts(record, ".//gmd:processingLevelCode//gco:CharacterString")


@pytest.mark.parametrize("title", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_text_that_xml_cannot_carry_is_refused(title: str) -> None:
    with pytest.raises(Invalid, match="scene-1: its text cannot be written as XML"):
        iso19139(changed(ITEM, title=title), COLLECTION)


def test_items_without_place_or_time_are_refused() -> None:
    with pytest.raises(Invalid, match="scene-1: no bounding box"):
        iso19139({**ITEM, "bbox": None}, COLLECTION)
    with pytest.raises(Invalid, match="scene-1: neither datetime nor"):
        iso19139(changed(ITEM, end_datetime=None), COLLECTION)
    with pytest.raises(Invalid, match="scene-1: 'yesterday' is no date and time"):
        iso19139(changed(ITEM, datetime="yesterday", start_datetime=None), COLLECTION)


def test_the_least_that_documents_can_say_is_valid(schema: etree.XMLSchema) -> None:
    item = {
        "id": "i",
        "bbox": [0, 0, 1, 1],
        "properties": {"datetime": "2020-01-01T00:00:00Z"},
        "assets": {},
    }
    record = root(item, {"id": "c", "description": "Of few words."})
    schema.assertValid(record)
    nobody = record.findall(".//gmd:organisationName", NS)
    assert [name.get(f"{{{NS['gco']}}}nilReason") for name in nobody] == ["unknown", "unknown"]
    assert not [e.tag for e in record.iter() if not (len(e) or e.text or e.attrib)]


def test_a_full_record_is_valid(schema: etree.XMLSchema) -> None:
    schema.assertValid(root(ITEM))


def test_real_items_make_valid_records(shared_data: Path, schema: etree.XMLSchema) -> None:
    count = 0
    for item, collection in items(shared_data, 100):
        record = root(item, collection)
        schema.assertValid(record)
        found = MD_Metadata(record)
        box = found.identification[0].extent.boundingBox
        corners = [float(v) for v in (box.minx, box.miny, box.maxx, box.maxy)]
        assert found.identifier == f"{collection['id']}:{item['id']}"
        assert corners == pytest.approx(item["bbox"], abs=1e-6)
        count += 1
    assert count >= 300
