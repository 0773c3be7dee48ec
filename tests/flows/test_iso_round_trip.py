"""From ISO to STAC and back: what real records say, property by property."""

from pathlib import Path

from flows import extensions
from flows.validate import valid
from records_of_iso import items, observed, records
from scripts.iso_table import PAGE, inspire, page


def test_the_page_says_what_becomes_of_each_element(shared_data: Path) -> None:
    text = page(shared_data, list(records(shared_data)), observed(shared_data))
    assert PAGE.read_text("utf-8") == text, "the page is not up to date: run scripts/iso_table.py"


def test_an_item_of_a_record_enters_the_catalogue_as_it_is(shared_data: Path) -> None:
    for item in items(shared_data):
        declared = {**extensions.declare(item), "collection": "records"}
        extensions.check(declared)
        assert valid(declared) == declared


def test_all_that_inspire_asks_for_has_a_home_in_stac(shared_data: Path) -> None:
    known = inspire(observed(shared_data))
    homeless = {
        path for found in known.values() for path, element in found.items() if not element.homes
    }
    assert homeless == set()
    assert all(known.values()), "each element of INSPIRE is in a record"
