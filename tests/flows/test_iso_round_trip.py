"""From ISO to STAC and back: what real records say, property by property."""

from collections import Counter
from pathlib import Path

import pytest

from flows import extensions
from flows.validate import valid
from read_by_owslib import facts
from records_of_iso import items, observed, records
from scripts.iso_table import PAGE, WRITERS, inspire, page
from scripts.round_trips import COLLECTION, again, differences, read

NO_HOME = {
    "ISO 19139": {
        "platform": "only 19115-2 has acquisitions",
        "instruments": "only 19115-2 has acquisitions",
        "created": "a record has one date in 2003",
    },
    "ISO 19115-2": {"created": "a record has one date in 2003"},
    "ISO 19115-3": {"iso:dataset_uri": "an element of 2003 alone"},
}
"""Fields that a standard has no element for, and why."""

LEFT = {
    "geometry": "a footprint that is a line is told by its box",
    "links.iso:operation": "services that a record of data names beside are links like others",
}
"""Fields that come back in the native record alone."""


def test_the_page_says_what_becomes_of_each_element(shared_data: Path) -> None:
    text = page(shared_data, list(records(shared_data)), observed(shared_data))
    assert PAGE.read_text("utf-8") == text, "the page is not up to date: run scripts/iso_table.py"


def test_an_item_of_a_record_enters_the_catalogue_as_it_is(shared_data: Path) -> None:
    for item in items(shared_data):
        declared = {**extensions.declare(item), "collection": "records"}
        extensions.check(declared)
        assert valid(declared) == declared


def test_all_that_inspire_asks_for_has_a_home_in_stac_and_comes_back(shared_data: Path) -> None:
    known = inspire(observed(shared_data))
    lost = {
        path
        for found in known.values()
        for path, element in found.items()
        if not element.homes or not all(element.returns.values())
    }
    assert lost == set()
    assert all(known.values()), "each element of INSPIRE is in a record"


@pytest.mark.parametrize("standard", WRITERS)
def test_items_come_back_property_by_property(shared_data: Path, standard: str) -> None:
    lost: Counter[str] = Counter()
    for item in items(shared_data):
        found = again(item, WRITERS[standard])
        assert found
        lost.update(differences(item, found))
    assert lost.keys() == {*NO_HOME[standard], *LEFT}


def test_another_parser_reads_the_same_of_the_record_and_of_the_one_made_of_its_item(
    shared_data: Path,
) -> None:
    compared, lost = 0, Counter[str]()
    for record in records(shared_data):
        item, had = read(record), facts(record)
        if item and had:
            back = facts(WRITERS["ISO 19139"]({**item, "collection": "records"}, COLLECTION))
            assert back
            lost.update(key for key, value in had.items() if value and not value <= back[key])
            compared += 1
    assert lost == {}
    assert compared > 50
