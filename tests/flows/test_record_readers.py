"""Readers of metadata records, on real records of every standard."""

from pathlib import Path

import pytest
from lxml import etree

from flows import extensions, records
from flows.identifiers import original
from flows.readers import fgdc
from flows.records.elements import every
from flows.records.standards import of
from infrastructure.errors import Unreadable
from reading_records import found, properties, read, valid

NO_PLACE = "the record has no geographic extent"


NO_TIME = "the record has no date that can be read"


REFUSED = {
    "Record_19887a8a-f6b0-4a63-ae56-7fba0e17801f.xml": NO_PLACE,
    "Record_1ef30a8b-876d-4828-9246-c37ab4510bbd.xml": NO_TIME,
    "Record_66ae76b7-54ba-489b-a582-0f0633d96493.xml": NO_PLACE,
    "Record_6a3de50b-fa66-4b58-a0e6-ca146fdd18d4.xml": NO_PLACE,
    "Record_784e2afd-a9fd-44a6-9a92-a3848371c8ec.xml": NO_PLACE,
    "Record_88247b56-4cbc-4df9-9860-db3f8042e357.xml": NO_PLACE,
    "Record_a06af396-3105-442d-8b40-22b57a90d2f2.xml": NO_PLACE,
    "Record_ab42a8c4-95e8-4630-bf79-33e59241605a.xml": NO_PLACE,
    "9250AA67-F3AC-6C12-0CB9-0662231AA181_dc2.xml": NO_TIME,
    "9250AA67-F3AC-6C12-0CB9-0662231AA181_dif.xml": NO_PLACE,
    "9250AA67-F3AC-6C12-0CB9-0662231AA181_iso.xml": NO_PLACE,
}
"""Records that tell too little for an item, and what they lack."""


OTHERS = {
    "LANDSAT_METADATA_FILE", "GranuleMetaDataFile", "EarthObservation", "TRANSFER", "collection",
    "XFDU", "Level-1C_User_Product", "Level-2A_User_Product", "Level-1C_Tile_ID",
    "Level-2A_Tile_ID",
}  # fmt: skip
"""Documents beside them that are no metadata records of these standards."""


PRODUCTS = {None, "eop", "ecs"}
"""No record of a catalogue: the last two lie in products."""


def test_every_record_is_an_item_or_lacks_what_an_item_needs(shared_data: Path) -> None:
    refused, unknown, items = {}, set(), 0
    for path in sorted([*(shared_data / "iso").rglob("*.xml"), *shared_data.glob("*/iso/*.xml")]):
        content = path.read_bytes()
        if records.known(content) in PRODUCTS:
            unknown.add(etree.QName(etree.fromstring(content)).localname)
            continue
        try:
            valid(read(content))
            items += 1
        except Unreadable as error:
            refused[path.name] = str(error).removeprefix("upstream: ")
    assert refused == REFUSED
    assert unknown <= OTHERS
    assert items == 44


def test_records_in_recorded_answers_are_items_or_lack_the_same(shared_data: Path) -> None:
    reasons: dict[str, int] = {}
    for path in sorted((shared_data / "responses").rglob("*.xml")):
        try:
            answer = etree.parse(path).getroot()
        except etree.XMLSyntaxError:
            continue
        for element in answer.iter(etree.Element):
            if of(element) in PRODUCTS or any(of(above) for above in element.iterancestors()):
                continue
            try:
                valid(read(etree.tostring(element)))
                reason = ""
            except Unreadable as error:
                reason = str(error).removeprefix("upstream: ")
            reasons[reason] = reasons.get(reason, 0) + 1
    assert reasons.keys() == {"", NO_PLACE, NO_TIME}
    assert reasons[""] >= 30


@pytest.mark.parametrize(
    ("path", "standard"),
    [
        ("iso/eo/S2MSI2A.xml", "iso19139"),
        ("iso/owslib/iso_che.xml", "iso19139"),
        ("iso/owslib/iso_mi.xml", "iso19115-2"),
        ("iso/iso19115-3/auscope-3d-model.xml", "iso19115-3"),
        ("iso/dublin-core/Record_9a669547-b69b-469f-a11f-2d875366bbdc.xml", "dublin-core"),
        ("iso/multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_dc2.xml", "dublin-core"),
        ("iso/multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_fgdc.xml", "fgdc"),
        ("iso/multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_dif.xml", "dif"),
        ("responses/csw-owslib/csw_dov_getrecordbyid.xml", "iso19139"),
    ],
)
def test_the_standard_is_told_from_the_beginning(
    shared_data: Path, path: str, standard: str
) -> None:
    content = (shared_data / path).read_bytes()
    assert records.standard(content) == standard
    assert records.standard(content[: len(content) // 2]) == standard


def test_a_scene_of_iso_19115_2(shared_data: Path) -> None:
    content = (shared_data / "iso/eo/iso_19115-2_Sentinel-2-scene.xml").read_bytes()
    item = read(content)
    scene = "S2B_MSIL2A_20200902T090559_N0214_R050_T34SFG_20200902T113910.SAFE"
    assert item.id == scene
    assert item.bbox == pytest.approx([22.241088, 36.950842, 22.316297, 37.216924], abs=1e-6)
    told = properties(content)
    keywords = told.pop("keywords")
    assert told == {
        "title": scene,
        "updated": "2020-09-02T11:39:10Z",
        "datetime": "2020-09-02T09:05:59.024000Z",
        "swath:datetime_from": "temporal extent",
        "platform": "sentinel-2b",
        "eo:cloud_cover": 0.082857,
        "processing:level": "Level-2A",
        "proj:code": "EPSG:4326",
        "published": "2020-09-02T11:39:10Z",
        "language": {"code": "en"},
    }
    assert keywords[:2] == ["Orthoimagery", "Land cover"]
    assert item.properties["themes"] == [
        {
            "scheme": "ISO 19115 topic category",
            "concepts": [{"id": "imageryBaseMapsEarthCover"}],
        }
    ]
    assert item.links[0].rel == "enclosure"
    assert item.links[0].href == f"s3://eodata/Sentinel-2/MSI/L2A/2020/09/02/{scene}/"
    assert len(item.assets) == 35
    assert item.assets["granule-2"].media_type == "image/jp2"
    assert item.assets["granule-2"].href.startswith("s3://eodata/")
    assert item.assets["granule-2"].roles == ["data"]


def test_a_record_of_iso_19115_3(shared_data: Path) -> None:
    content = (shared_data / "iso/iso19115-3/auscope-3d-model.xml").read_bytes()
    item = read(content)
    assert item.id == "5ebc3cb7-a3b5-4760-a8ff-851d5d5beb32"
    assert item.bbox == [143.0, -39.4, 144.0, -38.4]
    assert properties(content) == {
        "title": "3D geological model of the Otway and Torquay Basin 2011",
        "keywords": ["Victoria", "Otway Basin", "Torquay Basin", "3D Geological Models"],
        "license": "CC-BY-4.0",
        "rights": "https://creativecommons.org/licenses/by/4.0/\naccess: license\nuse: license",
        "providers": [
            {"name": "AuScope"},
            {"name": "Earth Resources Victoria", "roles": ["host"]},
            {"name": "P.B. SKLADZIEN", "roles": ["producer"]},
            {"name": "C. Jorand", "roles": ["producer"]},
            {"name": "A. Krassay"},
            {"name": "L. Hall"},
        ],
        "created": "2022-11-03T06:16:21Z",
        "updated": "2022-11-03T06:17:02Z",
        "published": "2010-01-01T00:00:00Z",
        "language": {"code": "en"},
        "datetime": None,
        "start_datetime": "2010-01-01T00:00:00Z",
        "end_datetime": "2010-01-01T23:59:59Z",
        "swath:datetime_from": "publication",
    }
    assert item.properties["contacts"][1] == {
        "organization": "Earth Resources Victoria",
        "roles": ["publisher"],
        "emails": [{"value": "customer.service@ecodev.vic.gov.au"}],
        "addresses": [
            {
                "deliveryPoint": ["GPO Box 2392"],
                "city": "Melbourne",
                "administrativeArea": "Victoria",
                "postalCode": "3001",
                "country": "Australia",
            }
        ],
    }
    links = {link.title: (link.rel, link.href) for link in item.links}
    assert links["View Reports"][0] == "via"
    assert item.get_single_link("license") is not None
    assert item.properties["description"].startswith("A 3D model of the Otway")


def test_a_swiss_record_tells_a_polygon(shared_data: Path) -> None:
    item = read((shared_data / "iso/owslib/iso_che.xml").read_bytes())
    assert item.geometry is not None
    assert item.geometry["type"] == "Polygon"
    assert len(item.geometry["coordinates"][0]) > 50
    assert item.bbox == [8.396, 47.082, 8.701, 47.248]
    assert item.properties["swath:datetime_from"] == "creation"
    assert item.assets["thumbnail"].roles == ["thumbnail"]
    assert item.assets["thumbnail"].href.endswith("fname=GSK_Geocat.bmp")


def test_a_line_whose_reference_system_is_wrong_is_held_against_its_box(shared_data: Path) -> None:
    item = read((shared_data / "iso/owslib/iso_keywords_anchor.xml").read_bytes())
    assert item.geometry is not None
    assert item.geometry["type"] == "LineString"
    assert item.bbox == [-15.148822, 49.7991699, -8.254568548, 54.6287598]
    assert item.id == "ie.marine.data~3Adataset.1135"
    assert item.properties["swath:upstream_id"] == "ie.marine.data:dataset.1135"
    assert item.properties["license"] == "CC-BY-4.0"
    assert item.properties["themes"][0]["scheme"] == "AtlantOS Essential Variables"
    assert item.properties["providers"] == [
        {"name": "Marine Institute", "roles": ["producer"], "url": "http://www.marine.ie"}
    ]


def test_several_extents_are_one_place_and_one_time(shared_data: Path) -> None:
    name = "iso/pygeometa/707a02ac-9240-4a2d-afbd-395b69756534.xml"
    item = read((shared_data / name).read_bytes())
    assert item.geometry is not None
    assert item.geometry["type"] in {"Polygon", "MultiPolygon"}
    assert item.bbox == [9.0, 52.75, 9.03, 52.76], "latitude came first, and `false` was everywhere"
    malformed = read((shared_data / "malformed/iso/iso19139-no-bbox.xml").read_bytes())
    assert malformed.bbox == pytest.approx([21.0558, 55.6151, 28.1767, 57.9702], abs=1e-4)
    assert malformed.properties["start_datetime"] == "2005-01-01T00:00:00Z"


def test_an_end_that_is_left_open_is_the_date_of_the_record(shared_data: Path) -> None:
    content = (shared_data / "iso/pygeometa/x-wmo-md-int.wmo.wis.ISMD01EDZW.xml").read_bytes()
    told = properties(content)
    assert told["start_datetime"] == "2013-11-01T00:00:00Z"
    assert told["end_datetime"] == told["updated"] == "2017-05-26T06:51:50Z"


def test_north_american_codes_and_two_languages(shared_data: Path) -> None:
    name = "iso/canada-hnap/63a40754-28a0-4fdc-8e6e-c56854e16dec.xml"
    item = read((shared_data / name).read_bytes())
    assert item.properties["title"] == "Major Drainage Systems of the Watersheds Project - 2013"
    assert item.properties["swath:datetime_from"] == "creation"
    assert item.properties["start_datetime"] == "2013-04-05T00:00:00Z"
    parent = "c20d97e7-60d8-4df8-8611-4d499a796493"
    assert item.properties["swath:parent_identifier"] == parent
    assert item.properties["rights"] == "access: license"
    assert [link.rel for link in item.links] == ["via", "via", "item", "item", "item", "item"]
    assert {key: asset.media_type for key, asset in item.assets.items()} == {
        "thumbnail": "image/png",
        "hyd-aafc-maj-drainage-sys-fgdb": "application/zip",
        "hyd-aafc-maj-drainage-sys-gml": "application/zip",
    }


def test_platform_instruments_and_cloud_cover(shared_data: Path) -> None:
    item = read((shared_data / "iso/owslib/iso_mi.xml").read_bytes())
    told = {key: item.properties.get(key) for key in ("platform", "instruments", "eo:cloud_cover")}
    assert told == {"platform": "landsat-8", "instruments": ["oli-tirs"], "eo:cloud_cover": 72.0}
    assert extensions.SCHEMAS["eo"] in valid(item)["stac_extensions"]
    assert item.properties["keywords"][0] == "kw1 in English"


def test_ids_with_paths_come_back(shared_data: Path) -> None:
    for path in sorted((shared_data / "iso/ids-with-paths").glob("*.xml")):
        content = path.read_bytes()
        (said,) = every(etree.fromstring(content), "fileIdentifier/CharacterString")
        item = read(content)
        assert original(item.id) == item.properties["swath:upstream_id"] == said.text


def test_dublin_core_of_a_catalogue(shared_data: Path) -> None:
    folder = shared_data / "iso"
    item = read((folder / "multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_dc.xml").read_bytes())
    assert item.id == "9250AA67-F3AC-6C12-0CB9-0662231AA181"
    assert item.bbox == [-180.0, -90.0, 180.0, 90.0]
    assert item.properties["title"] == "ALLSPECIES"
    assert item.properties["swath:datetime_from"] == "creation"
    assert item.properties["updated"] == "2009-09-03T00:00:00Z"
    assert item.properties["providers"][0]["roles"] == ["producer"]
    assert [link.rel for link in item.links] == ["via"]
    name = "dublin-core/Record_9a669547-b69b-469f-a11f-2d875366bbdc.xml"
    other = read((folder / name).read_bytes())
    assert other.id == "urn~3Auuid~3A9a669547-b69b-469f-a11f-2d875366bbdc"
    assert other.bbox == [-6.171, 44.792, -2.228, 51.126], "latitude comes first in EPSG:4326"
    assert other.properties["title"] == "Ñunç elementum"
    assert other.properties["themes"] == [
        {
            "scheme": "http://www.digest.org/2.1",
            "concepts": [{"id": "Hydrography-Oceanographic"}],
        }
    ]


OAI = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/">
 <dc:title>T</dc:title><dc:identifier>oai:x:1</dc:identifier>{}</oai_dc:dc>"""


@pytest.mark.parametrize(
    ("place", "bbox"),
    [
        (
            "northlimit=42; southlimit=41; westlimit=10,5; eastlimit=11; name=Sea",
            [10.5, 41, 11, 42],
        ),
        ("westlimit=170; eastlimit=-170; southlimit=-5; northlimit=5", [170, -5, -170, 5]),
        ("east=10; north=41; name=Buoy", [10, 41, 10, 41]),
        ("10, 41, 11, 42", [10, 41, 11, 42]),
        ("ENVELOPE(10, 11, 42, 41)", [10, 41, 11, 42]),
        ("POLYGON((10 41, 11 41, 11 42, 10 41))", [10, 41, 11, 42]),
    ],
)
def test_dublin_core_writes_places_in_many_ways(place: str, bbox: list[float]) -> None:
    extent = f"<dc:coverage>Sicily</dc:coverage><dc:coverage>{place}</dc:coverage>"
    content = OAI.format(f"{extent}<dct:temporal>start=2011; end=2012-06;</dct:temporal>")
    item = read(content.encode())
    assert item.bbox == bbox
    assert item.properties["start_datetime"] == "2011-01-01T00:00:00Z"
    assert item.properties["end_datetime"] == "2012-06-30T23:59:59Z"
    assert item.properties["swath:upstream_id"] == "oai:x:1"


def test_a_record_of_the_fgdc(shared_data: Path) -> None:
    path = shared_data / "imagery/naip-with-iso/m_3211605_ne_11_060_20200415_20200730.xml"
    item = fgdc.read(found(path.read_bytes(), "naip/m_3211605.xml"))
    assert item.id == "naip~2Fm_3211605.xml"
    assert item.bbox == [-116.440033, 32.935383, -116.372369, 33.002107]
    told = {key: item.properties[key] for key in ("title", "gsd", "updated", "license")}
    assert told == {
        "title": "m_3211605_ne_11_060_20200415.tif",
        "gsd": 0.6,
        "updated": "2020-07-29T00:00:00Z",
        "license": "other",
    }
    assert item.properties["start_datetime"] == "2020-04-15T00:00:00Z"
    assert item.properties["keywords"][-1] == "06073"
    assert item.properties["themes"][0]["scheme"] == "Geographic Names Information System"
    assert item.properties["providers"][0] == {
        "name": "USDA-Farm Production and Conservation Business Center (FPAC-BC)",
        "roles": ["producer", "host"],
    }
    other = shared_data / "responses/csw-pycsw-requests/manager/post/Transaction-fgdc-01-insert.xml"
    named = read(etree.tostring(etree.parse(other).find(".//metadata")))
    assert named.id == "foorecord"


DIF_10 = """<DIF xmlns="http://gcmd.gsfc.nasa.gov/Aboutus/xml/dif/">
 <Entry_ID><Short_Name>MOD09A1</Short_Name><Version>061</Version></Entry_ID>
 <Entry_Title>Surface Reflectance</Entry_Title>
 <Science_Keywords><Category>EARTH SCIENCE</Category><Topic>LAND SURFACE</Topic></Science_Keywords>
 <Platform><Short_Name>Terra</Short_Name>
  <Instrument><Short_Name>MODIS</Short_Name></Instrument></Platform>
 <Temporal_Coverage><Range_DateTime>
  <Beginning_Date_Time>2000-02-24T00:00:00.000Z</Beginning_Date_Time></Range_DateTime>
  <Ends_At_Present_Flag>true</Ends_At_Present_Flag></Temporal_Coverage>
 <Spatial_Coverage><Geometry><Bounding_Rectangle>
  <Southernmost_Latitude>-10</Southernmost_Latitude>
  <Northernmost_Latitude>10</Northernmost_Latitude>
  <Westernmost_Longitude>170</Westernmost_Longitude>
  <Easternmost_Longitude>-170</Easternmost_Longitude></Bounding_Rectangle></Geometry>
 </Spatial_Coverage>
 <Organization><Organization_Type>ARCHIVER</Organization_Type><Organization_Name>
  <Short_Name>LPDAAC</Short_Name></Organization_Name>
  <Organization_URL>https://lpdaac.usgs.gov/</Organization_URL></Organization>
 <Summary><Abstract>Eight days.</Abstract></Summary>
 <Related_URL><URL_Content_Type><Type>GET DATA</Type></URL_Content_Type>
  <URL>https://example.org/MOD09A1.061/</URL></Related_URL>
 <Related_URL><URL_Content_Type><Type>GET DATA</Type></URL_Content_Type>
  <URL>https://example.org/a.hdf</URL><Title>A granule</Title></Related_URL>
 <Metadata_Dates><Metadata_Creation>2015-01-01</Metadata_Creation>
  <Metadata_Last_Revision>2024-06-30</Metadata_Last_Revision></Metadata_Dates>
 <Product_Level_Id>3</Product_Level_Id>
</DIF>"""


def test_a_record_in_dif_10() -> None:
    item = read(DIF_10.encode())
    assert item.id == "MOD09A1"
    assert item.bbox == [170, -10, -170, 10]
    assert properties(DIF_10.encode()) == {
        "title": "Surface Reflectance",
        "providers": [{"name": "LPDAAC", "roles": ["host"], "url": "https://lpdaac.usgs.gov/"}],
        "created": "2015-01-01T00:00:00Z",
        "updated": "2024-06-30T00:00:00Z",
        "platform": "terra",
        "instruments": ["modis"],
        "processing:level": "3",
        "datetime": None,
        "start_datetime": "2000-02-24T00:00:00Z",
        "end_datetime": "2024-06-30T23:59:59Z",
        "swath:datetime_from": "temporal extent",
    }
    assert item.properties["themes"][0]["concepts"] == [{"id": "EARTH SCIENCE > LAND SURFACE"}]
    assert item.assets["a-granule"].media_type == "application/x-hdf"
    assert [(link.rel, link.href) for link in item.links] == [
        ("enclosure", "https://example.org/MOD09A1.061/")
    ]


def test_a_record_in_dif_9(shared_data: Path) -> None:
    path = shared_data / "iso/multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_dif.xml"
    sides = {"Southernmost_Latitude": 42, "Northernmost_Latitude": 84,
             "Westernmost_Longitude": -141, "Easternmost_Longitude": -52}  # fmt: skip
    box = "".join(f"<{side}>{degrees}</{side}>" for side, degrees in sides.items())
    span = "<Start_Date>1990</Start_Date><Stop_Date>1999-12-31</Stop_Date>"
    added = (
        f"<Spatial_Coverage>{box}</Spatial_Coverage><Temporal_Coverage>{span}</Temporal_Coverage>"
    )
    content = path.read_text("latin-1").replace("</DIF>", f"{added}</DIF>")
    item = read(content.encode("latin-1"))
    assert item.id == "upstream", "its identifier is empty"
    assert item.bbox == [-141, 42, -52, 84]
    assert item.properties["start_datetime"] == "1990-01-01T00:00:00Z"
    assert item.properties["end_datetime"] == "1999-12-31T23:59:59Z"
    assert item.properties["keywords"][:2] == ["citizen", "science"]
    assert [(link.rel, link.href) for link in item.links] == [
        ("via", "http://www.citizenscience.ca/")
    ]


def test_a_record_comes_out_of_the_answer_that_it_came_in(shared_data: Path) -> None:
    content = (shared_data / "responses/csw-owslib/csw_dov_getrecordbyid.xml").read_bytes()
    inside = next(e for e in etree.fromstring(content).iter(etree.Element) if of(e))
    assert etree.fromstring(content).tag.endswith("GetRecordByIdResponse")
    assert read(content).to_dict() == read(etree.tostring(inside)).to_dict()
    plain = (shared_data / "iso/eo/S2MSI2A.xml").read_bytes()
    frame = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>x</responseDate>'
        "<GetRecord><record><header><identifier>i</identifier></header><metadata>{}</metadata>"
        "</record></GetRecord></OAI-PMH>"
    )
    assert read(frame.format(plain.decode()).encode()).id == "S2MSI2A"
    with pytest.raises(Unreadable, match="2 metadata records in one document"):
        read(frame.format(plain.decode() * 2).encode())
