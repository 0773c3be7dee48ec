"""Our items of real products, held against those that agencies and the field's tools made."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "agency_items.py"

spec = spec_from_file_location("swath_agency_items", SCRIPT)
assert spec is not None
assert spec.loader is not None
agency_items = module_from_spec(spec)
sys.modules[spec.name] = agency_items
spec.loader.exec_module(agency_items)


def test_every_difference_from_an_agencys_item_is_justified(shared_data: Path) -> None:
    page = agency_items.page(shared_data)  # a difference without a reason raises
    assert page == agency_items.PAGE.read_text("utf-8")
