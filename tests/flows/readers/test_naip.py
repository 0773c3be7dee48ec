"""NAIP images with the records of their time: FGDC as text and XML, ISO 19115-2."""

from pathlib import Path
from typing import Any

import pystac
import pytest

from flows import extensions
from flows.found import Found
from flows.readers import naip
from infrastructure.errors import Unreadable

FOLDER = "imagery/naip-with-iso"

USDA = "USDA-Farm Production and Conservation Business Center (FPAC-BC)"


def product(*paths: Path) -> Found:
    return Found("product", "1", {path.name: path.as_uri() for path in paths})


def read(found: Found) -> pystac.Item:
    """Read, and hold the item against the schemas of its extensions."""
    assert naip.recognises(found)
    item = naip.read(found)
    extensions.check(
        extensions.declare(item.to_dict(include_self_link=False, transform_hrefs=False))
    )
    return item


@pytest.mark.parametrize(
    ("name", "roles", "told"),
    [
        (
            "m_3008501_ne_16_1_20110815",
            ["metadata"],
            {
                "start_datetime": "2011-08-15T00:00:00Z",
                "end_datetime": "2011-08-15T23:59:59Z",
                "gsd": 1.0,
                "naip:state": "al",
                "published": "2011-12-19T00:00:00Z",
                "title": "NAIP Digital Ortho Photo Image",
                "providers": [
                    {
                        "name": "USDA-FSA-APFO Aerial Photography Field Office",
                        "roles": ["producer"],
                    }
                ],
            },
        ),
        (
            "m_3211605_ne_11_060_20200415",
            ["metadata", "fgdc"],
            {
                "start_datetime": "2020-04-15T00:00:00Z",
                "end_datetime": "2020-04-15T23:59:59Z",
                "gsd": 0.6,
                "naip:state": "ca",
                "published": "2020-07-29T00:00:00Z",
                "title": "m_3211605_ne_11_060_20200415.tif",
                "providers": [{"name": USDA, "roles": ["producer"]}],
            },
        ),
        (
            "m_4112001_sw_10_060_20220716",
            ["metadata", "iso-19115"],
            {
                "start_datetime": "2022-07-16T00:00:00Z",
                "end_datetime": "2022-07-16T23:59:59Z",
                "gsd": 0.6,
                "naip:state": "ca",
                "published": "2022-09-07T00:00:00Z",
                "title": "m_4112001_sw_10_060_20220716.tif",
                "providers": [{"name": "Hexagon - Leica Geosystems", "roles": ["producer"]}],
            },
        ),
    ],
)
def test_each_form_of_record_tells_the_same_facts(
    shared_data: Path, name: str, roles: list[str], told: dict[str, Any]
) -> None:
    item = read(product(*(shared_data / FOLDER).glob(f"{name}*")))
    assert item.id == name
    named = {"datetime", "naip:year", "naip:quadrangle", "naip:quarter"}
    assert {key: item.properties[key] for key in item.properties.keys() - named} == told
    bands = [band["eo:common_name"] for band in item.assets["image"].extra_fields["bands"]]
    assert bands == ["red", "green", "blue", "nir"]
    assert item.assets["metadata"].roles == roles
    assert item.assets["image"].extra_fields["gsd"] == told["gsd"]


def test_the_day_of_a_template_in_a_record_is_not_taken(shared_data: Path) -> None:
    """The record says 1990, the name 2020."""
    item = read(product(*(shared_data / FOLDER).glob("m_3610332*")))
    assert item.properties["start_datetime"] == "2020-09-03T00:00:00Z"
    assert item.assets["image"].extra_fields["raster:spatial_resolution"] == 32.0


def test_days_around_that_of_the_name_are_taken(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / FOLDER
    record = folder / "m_3211605_ne_11_060_20200415_20200730.xml"
    copy = tmp_path / record.name
    span = "<rngdates><begdate>20200414</begdate><enddate>20200502</enddate></rngdates>"
    single = record.read_text().partition("<sngdate>")[2].partition("</sngdate>")[0]
    copy.write_text(record.read_text().replace(f"<sngdate>{single}</sngdate>", span))
    item = read(product(folder / "m_3211605_ne_11_060_20200415.tif", copy))
    days = (item.properties["start_datetime"], item.properties["end_datetime"])
    assert days == ("2020-04-14T00:00:00Z", "2020-05-02T23:59:59Z")


def test_an_empty_title_is_no_title(shared_data: Path) -> None:
    folder = shared_data / FOLDER
    (record,) = folder.glob("*missing_resource_desc.xml")
    item = read(product(folder / "m_3211605_ne_11_060_20200415.tif", record))
    assert "title" not in item.properties
    assert item.properties["naip:state"] == "ca"


def test_an_image_alone_tells_what_its_name_tells(shared_data: Path) -> None:
    item = read(product(shared_data / FOLDER / "m_4112001_sw_10_060_20220716.tif"))
    assert list(item.assets) == ["image"]
    assert item.properties["naip:year"] == "2022"
    assert "naip:state" not in item.properties


def test_several_images_and_impossible_days_are_clear_lines(
    shared_data: Path, tmp_path: Path
) -> None:
    images = sorted((shared_data / FOLDER).glob("*.tif"))
    with pytest.raises(Unreadable, match="several images"):
        naip.read(product(*images))
    copy = tmp_path / "m_4112001_sw_10_060_20221316.tif"
    copy.write_bytes(images[-1].read_bytes())
    with pytest.raises(Unreadable, match="no date in its name"):
        naip.read(product(copy))
