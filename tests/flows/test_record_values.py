"""Boxes, dates and addresses of records, as they are meant."""

import re
from pathlib import Path

import pytest

from flows import records
from flows.found import Found
from infrastructure.errors import Unreadable
from reading_records import READERS, found, properties, read, valid


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> str:
    """A real record with one box."""
    return (shared_data / "iso/eo/S2MSI2A.xml").read_text("utf-8")


def with_box(sample: str, west: str, south: str, east: str, north: str) -> bytes:
    sides = {"west": west, "south": south, "east": east, "north": north}
    for side, degrees in sides.items():
        name = f"{side}BoundL{'ongitude' if side in {'west', 'east'} else 'atitude'}"
        pattern = rf"(<gmd:{name}>\s*<gco:Decimal>)[^<]*"
        sample, changed = re.subn(pattern, rf"\g<1>{degrees}", sample)
        assert changed == 1
    return sample.encode()


@pytest.mark.parametrize(
    ("told", "bbox", "kind"),
    [
        (("-180", "-90", "180", "90"), [-180, -90, 180, 90], "Polygon"),
        (("0", "-90", "360", "90"), [-180, -90, 180, 90], "Polygon"),
        (("-180.125", "-90.25", "179.875", "90.25"), [-180, -90, 180, 90], "Polygon"),
        (("10,5", "41", "11", "42"), [10.5, 41, 11, 42], "Polygon"),
        (("10", "42", "11", "41"), [10, 41, 11, 42], "Polygon"),
        (("170", "-5", "-170", "5"), [170, -5, -170, 5], "MultiPolygon"),
        (("170", "-5", "190", "5"), [170, -5, -170, 5], "MultiPolygon"),
        (("170", "-5", "-180", "5"), [170, -5, 180, 5], "Polygon"),
        (("180", "-5", "-170", "5"), [-180, -5, -170, 5], "Polygon"),
        (("200", "-5", "210", "5"), [-160, -5, -150, 5], "Polygon"),
        (("-39", "143", "-38", "144"), [143, -39, 144, -38], "Polygon"),
        (("10", "41", "10", "41"), [10, 41, 10, 41], "Point"),
        (("10", "41", "10", "42"), [10, 41, 10, 42], "LineString"),
    ],
)
def test_boxes_are_taken_as_they_are_meant(
    sample: str, told: tuple[str, str, str, str], bbox: list[float], kind: str
) -> None:
    item = read(with_box(sample, *told))
    assert item.bbox == bbox
    assert item.geometry is not None
    assert item.geometry["type"] == kind
    valid(item)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (("", "", "", ""), "the record has no geographic extent"),
        (("10", "41", "", "42"), "its bounding box has no east"),
        (("10", "41", "eleven", "42"), "the east of its bounding box is no number: eleven"),
        (("10", "41", "nan", "42"), "the east of its bounding box is no number: nan"),
        (("10", "41", "11", "95"), "there is no latitude 95"),
        (("500000", "4100000", "510000", "4200000"), "there is no latitude 4.1e+06"),
        (("500", "41", "510", "42"), "there is no longitude 500"),
    ],
)
def test_boxes_that_are_nowhere_are_refused(
    sample: str, told: tuple[str, str, str, str], reason: str
) -> None:
    with pytest.raises(Unreadable, match=re.escape(reason)):
        read(with_box(sample, *told))


def with_span(sample: str, begin: str, end: str) -> bytes:
    span = f"<gml:beginPosition>{begin}</gml:beginPosition><gml:endPosition>{end}</gml:endPosition>"
    pattern = r"<gml:beginPosition.*?</gml:TimePeriod>"
    changed, times = re.subn(pattern, f"{span}</gml:TimePeriod>", sample, flags=re.DOTALL)
    assert times == 1
    return changed.encode()


@pytest.mark.parametrize(
    ("begin", "end", "start", "stop"),
    [
        ("2012", "2013", "2012-01-01T00:00:00Z", "2013-12-31T23:59:59Z"),
        ("2012-02", "2012-02", "2012-02-01T00:00:00Z", "2012-02-29T23:59:59Z"),
        ("20120203", "20120203", "2012-02-03T00:00:00Z", "2012-02-03T23:59:59Z"),
        ("2012-02-03Z", "2012-02-04T12:00:00", "2012-02-03T00:00:00Z", "2012-02-04T12:00:00Z"),
        ("2012-02-03T01:00:00+02:00", "2013-01-01", "2012-02-02T23:00:00Z", "2013-01-01T23:59:59Z"),
        ("unknown", "2013-01-01", "2013-01-01T00:00:00Z", "2013-01-01T23:59:59Z"),
        ("2015-06-21", "now", "2015-06-21T00:00:00Z", "2021-02-16T23:59:59Z"),
    ],
)
def test_dates_are_as_long_as_they_say(
    sample: str, begin: str, end: str, start: str, stop: str
) -> None:
    told = properties(with_span(sample, begin, end))
    assert (told["start_datetime"], told["end_datetime"]) == (start, stop)
    assert told["swath:datetime_from"] == "temporal extent"


def test_a_moment_is_a_moment(sample: str) -> None:
    told = properties(with_span(sample, "2012-02-03T04:05:06Z", "2012-02-03T04:05:06.0Z"))
    assert told["datetime"] == "2012-02-03T04:05:06Z"
    assert "start_datetime" not in told


@pytest.mark.parametrize(
    ("begin", "end", "reason"),
    [
        ("2013-01-02", "2012-01-01", "it ends (2012-01-01T23:59:59Z) before it starts (2013-01-02"),
        ("2013-02-30", "2013-03-01", "'2013-02-30' in its temporal extent is no date"),
        ("last summer", "", "'last summer' in its temporal extent is no date"),
    ],
)
def test_times_that_cannot_be_are_refused(sample: str, begin: str, end: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(reason)):
        read(with_span(sample, begin, end))


@pytest.mark.parametrize(
    "ring",
    [
        "170 -5 -170 -5 -170 5 170 5 170 -5",
        "170 -5 170 5 -170 5 -170 -5 170 -5",
        "170 -5 190 -5 190 5 170 5 170 -5",
    ],
)
def test_a_polygon_across_the_antimeridian_is_split(sample: str, ring: str) -> None:
    polygon = (
        "<gmd:geographicElement><gmd:EX_BoundingPolygon><gmd:polygon><gml:Polygon>"
        f"<gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing>"
        "</gml:exterior></gml:Polygon></gmd:polygon></gmd:EX_BoundingPolygon>"
        "</gmd:geographicElement>"
    )
    pattern = r"<gmd:geographicElement>.*?</gmd:geographicElement>"
    content = re.sub(pattern, polygon, sample, count=1, flags=re.DOTALL)
    item = read(content.encode())
    assert item.geometry is not None
    assert item.geometry["type"] == "MultiPolygon"
    assert item.bbox == [170, -5, -170, 5]
    named = content.replace("<gml:Polygon>", '<gml:Polygon srsName="urn:ogc:def:crs:EPSG::4326">')
    with pytest.raises(Unreadable, match="its polygon is nowhere on Earth"):
        read(named.replace("170", "1700").encode())
    swapped = "41 10 41 11 42 11 42 10 41 10"
    assert read(named.replace(ring, swapped).encode()).bbox == [10, 41, 11, 42]


def test_a_record_names_no_file_of_this_machine(sample: str) -> None:
    linkage = "<gmd:URL>file:///etc/passwd</gmd:URL>"
    content, changed = re.subn(r"<gmd:URL>[^<]*</gmd:URL>", linkage, sample)
    assert changed
    item = read(content.encode())
    assert not item.assets
    assert not item.links


def test_an_address_that_is_none_is_told(sample: str) -> None:
    linkage = "<gmd:URL>http://[x/a.tif</gmd:URL>"
    content = re.sub(r"<gmd:URL>[^<]*</gmd:URL>", linkage, sample)
    with pytest.raises(Unreadable, match=r"http://\[x/a\.tif is no address: Invalid IPv6 URL"):
        read(content.encode())


def test_blanks_in_addresses_are_encoded(sample: str) -> None:
    linkage = "<gmd:URL>http://example.org/a b|c.zip</gmd:URL>"
    item = read(re.sub(r"<gmd:URL>[^<]*</gmd:URL>", linkage, sample).encode())
    hrefs = {asset.href for asset in item.assets.values()} | {link.href for link in item.links}
    assert hrefs == {"http://example.org/a%20b%7Cc.zip"}
    valid(item)


def test_telephones_and_mail_that_are_none_are_left_to_the_record(sample: str) -> None:
    pattern = r"(<gmd:electronicMailAddress>\s*<gco:CharacterString>)[^<]*"
    changed, times = re.subn(pattern, r"\g<1>write to us, a@example.org; b@example", sample)
    assert times
    item = read(changed.encode())
    emails = [contact.get("emails") for contact in item.properties["contacts"]]
    assert [{"value": "a@example.org"}] in emails
    valid(item)


def test_what_is_no_record_is_refused(sample: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sample
    with pytest.raises(Unreadable, match="declares entities is not taken"):
        read(bomb.encode())
    with pytest.raises(Unreadable, match="no well-formed XML"):
        read(sample.encode()[: len(sample) // 2])
    for content in (b"", b"no XML", b"<html/>", b"<OAI-PMH/>"):
        assert records.known(content) is None
        assert not any(reader.recognises(found(content)) for reader in READERS)
        with pytest.raises(Unreadable, match="no metadata record of a standard that is known"):
            records.standard(content)
    assert not any(reader.recognises(Found("x", "1")) for reader in READERS)
    assert read(b"\n " + sample.encode()).id == "S2MSI2A"
