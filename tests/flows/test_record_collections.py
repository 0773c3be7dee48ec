"""Metadata records of series as STAC Collections."""

from pathlib import Path
from typing import Any

import pystac

from flows import extensions
from flows.records.collection import collection
from flows.validate import check_collection
from reading_records import read
from records_of_iso import items


def of_record(content: bytes) -> dict[str, Any]:
    item = read(content).to_dict(include_self_link=False, transform_hrefs=False)
    return collection(extensions.declare(item))


def test_a_series_is_a_collection(shared_data: Path) -> None:
    path = shared_data / "iso/iso19115-3/metawal.wallonie.be-catchments.xml"
    made = of_record(path.read_bytes())
    check_collection(made)
    told = pystac.Collection.from_dict(made)
    assert told.title == "Protection des captages - Série"
    assert told.extent.spatial.bboxes == [[2.75, 49.45, 6.5, 50.85]]
    assert told.extent.to_dict()["temporal"]["interval"] == [
        ["2000-01-01T00:00:00Z", "2000-01-01T23:59:59Z"]
    ]
    assert told.summaries.to_dict() == {"proj:code": ["EPSG:31370"]}
    assert told.extra_fields["iso:hierarchy_level"] == "series"
    assert told.extra_fields["language"] == {"code": "fr"}
    assert [theme["scheme"] for theme in told.extra_fields["themes"]][-1] == (
        "ISO 19115 topic category"
    )
    assert {"datetime", "start_datetime", "swath:datetime_from"}.isdisjoint(made)


def test_every_record_can_be_one(shared_data: Path) -> None:
    for item in items(shared_data):
        check_collection(collection(item))
