"""Write the page that says what becomes of the elements of ISO: `python scripts/iso_table.py DATA`.

DATA holds real records of ISO below `iso` and `responses`. Nothing on the page is told by hand but
which elements INSPIRE asks for: each element is changed in its records, and what follows it in the
item, and in records that are made of the item, is what the page says.
"""

import sys
from functools import partial
from itertools import groupby
from pathlib import Path

from infrastructure.metadata.schemas import write
from scripts.inspire import INSPIRE
from scripts.iso_elements import Element, elements
from scripts.iso_fields import shapes
from scripts.markdown import ROOT, code, table
from scripts.round_trips import Writer, of, read, unchanged

PAGE = ROOT / "docs" / "reference" / "iso-mapping.md"

WRITERS: dict[str, Writer] = {
    "ISO 19139": partial(write, "iso19139"),
    "ISO 19115-2": partial(write, "iso19115-2"),
    "ISO 19115-3": partial(write, "iso19115-3"),
}

INTRODUCTION = """# ISO metadata and STAC

<!-- Written by scripts/iso_table.py. -->

What becomes of each element that real records of ISO 19139, 19115-2 and 19115-3 use: {records}
records of agencies and projects. A record becomes an item; the item's records of {standards} are
made of it when somebody asks for them. The record itself is kept byte for byte, and served as
`.../records/{{standard}}` beside them: so nothing is lost, and the last column says what also an
item that is edited, or asked for in another standard, tells.

How the tables are made: an element's value is changed in records that have it. What has a new value
in the item is its home in STAC. If an item that is read of the record made of that item has the
same there, the element is *rewritten*; else it is in the *native* record only. Elements are named
without classes and types. `test_iso_round_trip.py` holds this page against the code.
"""

INSPIRE_TEXT = """
## What INSPIRE asks for

The elements of the Regulation (EC) No 1205/2008, part B of its annex, and those of the Regulation
(EU) No 1089/2010, article 13, that these records use.
"""

FIELDS_TEXT = """
## Fields of the items

The fields that the items of these records have, their shapes, and in how many items each is the
same after the item was written as a record and read again. What has no home in STAC or its
extensions has the prefix `iso:`: values of code lists are their plain codes, dates are as the
record writes them, and what it does not say is absent.
"""

ALL_TEXT = """
## All elements
"""

OTHERS = {
    "Dublin Core": ("dublin-core", "iso", "responses"),
    "FGDC": ("fgdc", "iso", "responses", "imagery"),
}
"""Other standards of records -> how they are named here, and where their records are."""

OTHERS_TEXT = """
## Records of other standards

The same of records in Dublin Core and of the FGDC: they tell in the terms of ISO what STAC has no
field for, and come back in the item's records of ISO. (Of DIF there is no real record here that
tells a place.)
"""

REWRITTEN, NATIVE = "rewritten", "native"


def main() -> None:
    """Write the page."""
    data = Path(sys.argv[1])
    records = of_iso(data)
    PAGE.write_text(page(data, records, elements(records, WRITERS)), "utf-8")


def of_iso(data: Path) -> list[bytes]:
    """The records of ISO that the page is made of."""
    return of("iso", data / "iso", data / "responses")


def page(data: Path, records: list[bytes], known: dict[str, Element]) -> str:
    """The text of the page.

    Args:
        data: Where real records are.
        records: Those of ISO among them.
        known: What becomes of each of their elements.
    """
    introduction = INTRODUCTION.format(records=len(records), standards=_listed(list(WRITERS)))
    chapters = {
        INSPIRE_TEXT: _inspire(known), FIELDS_TEXT: _fields(records), ALL_TEXT: _all(known),
        OTHERS_TEXT: _others(data),
    }  # fmt: skip
    return "\n".join([introduction, *(part for chapter in chapters.items() for part in chapter)])


def inspire(known: dict[str, Element]) -> dict[str, dict[str, Element]]:
    """The elements of INSPIRE with what became of those that records use."""
    return {name: {path: known[path] for path in paths if path in known} for name, paths in INSPIRE}


def back(element: Element) -> str:
    """How an element comes back."""
    told = [standard for standard, returns in element.returns.items() if returns]
    if not told or not element.homes:
        return NATIVE
    return REWRITTEN if len(told) == len(WRITERS) else f"{REWRITTEN} in {_listed(told)}"


def _inspire(known: dict[str, Element]) -> str:
    rows = [
        (name if number == 0 else "", *_cells(path, element))
        for name, paths in inspire(known).items()
        for number, (path, element) in enumerate(paths.items())
    ]
    return table(("INSPIRE", "ISO", "Records", "STAC", "Comes back"), rows)


def _fields(records: list[bytes]) -> str:
    items = [item for record in records if (item := read(record))]
    same = {standard: unchanged(items, writer) for standard, writer in WRITERS.items()}
    rows = [
        (code(name), code(shape), str(count), *(str(same[standard][name]) for standard in WRITERS))
        for name, shape, count in shapes(items)
    ]
    return table(("Field", "Shape", "Items", *WRITERS), rows)


def _all(known: dict[str, Element]) -> str:
    parts = []
    for section, group in groupby(known.items(), key=lambda pair: pair[0].partition("/")[0]):
        rows = [_cells(path, element) for path, element in group]
        parts.append(f"### {section}\n\n{table(('ISO', 'Records', 'STAC', 'Comes back'), rows)}")
    return "\n".join(parts)


def _others(data: Path) -> str:
    parts = []
    for name, (standard, *folders) in OTHERS.items():
        known = elements(of(standard, *(data / folder for folder in folders)), WRITERS)
        rows = [_cells(path, element) for path, element in known.items()]
        parts.append(f"### {name}\n\n{table(('Element', 'Records', 'STAC', 'Comes back'), rows)}")
    return "\n".join(parts)


def _cells(path: str, element: Element) -> tuple[str, str, str, str]:
    homes = ", ".join(map(code, element.homes))
    return code(path), str(element.records), homes, back(element)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


if __name__ == "__main__":
    main()
