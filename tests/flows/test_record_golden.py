"""Items of real records, whole."""

from pathlib import Path

import pytest

from golden import assert_golden
from reading_records import read, valid

RECORDS = {
    "iso19139-inspire": "iso/greece-and-others/T_ortho_RAS_1998_288398.xml",
    "iso19139-conformity": "iso/greece-and-others/test.xml",
    "iso19139-service": "iso/greece-and-others/3e9a8c05.xml",
    "iso19139-two-languages": "iso/canada-hnap/63a40754-28a0-4fdc-8e6e-c56854e16dec.xml",
    "iso19139-swiss": "iso/owslib/iso_che.xml",
    "iso19115-2-series": "iso/eo/S2MSI1C.xml",
    "iso19115-2-bands": "iso/noaa-avhrr/AVHRR.2011.7Agg.xml",
    "iso19115-3-series": "iso/iso19115-3/metawal.wallonie.be-catchments.xml",
    "fgdc": "imagery/naip-with-iso/m_3211605_ne_11_060_20200415_20200730.xml",
    "dublin-core": "iso/multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_dc.xml",
}
"""Name of the golden item -> the record."""


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_this_item(shared_data: Path, name: str) -> None:
    item = read((shared_data / RECORDS[name]).read_bytes())
    assert_golden(f"record-{name}", valid(item), shared_data)
