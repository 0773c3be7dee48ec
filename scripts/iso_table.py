"""Write the page that says what becomes of the elements of ISO: `python scripts/iso_table.py DATA`.

DATA holds real records of ISO below `iso` and `responses`. Nothing on the page is told by hand but
which elements INSPIRE asks for: each element is changed in its records, and what follows it in the
item, and in records that are made of the item, is what the page says.
"""

import sys
from itertools import groupby
from pathlib import Path

from infrastructure.iso import iso19139
from scripts.iso_elements import Element, Writer, elements, of, read
from scripts.iso_fields import shapes
from scripts.markdown import ROOT, code, table

PAGE = ROOT / "docs" / "reference" / "iso-mapping.md"

WRITERS: dict[str, Writer] = {"ISO 19139": iso19139}

PARTY = "organisationName"
OF = "identificationInfo"
RESULT = "dataQualityInfo/report/result"

INSPIRE = [
    ("1.1 Resource title", (f"{OF}/citation/title",)),
    ("1.2 Resource abstract", (f"{OF}/abstract",)),
    ("1.3 Resource type", ("hierarchyLevel", "metadataScope/resourceScope")),
    ("1.4 Resource locator", ("distributionInfo/transferOptions/onLine/linkage",)),
    ("1.5 Unique resource identifier", (f"{OF}/citation/identifier/code",
                                        f"{OF}/citation/identifier/codeSpace")),
    ("1.6 Coupled resource", (f"{OF}/operatesOn/@href", f"{OF}/operatesOn/@uuidref")),
    ("1.7 Resource language", (f"{OF}/language", f"{OF}/defaultLocale/language")),
    ("2.1 Topic category", (f"{OF}/topicCategory",)),
    ("2.2 Spatial data service type", (f"{OF}/serviceType",)),
    ("3.1 Keyword value", (f"{OF}/descriptiveKeywords/keyword",)),
    ("3.2 Originating controlled vocabulary", (f"{OF}/descriptiveKeywords/thesaurusName/title",
                                               f"{OF}/descriptiveKeywords/thesaurusName/date/date",
                                               f"{OF}/descriptiveKeywords/thesaurusName/date/dateType")),
    ("4.1 Geographic bounding box", tuple(f"{OF}/extent/geographicElement/{side}" for side in (
        "westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude"))),
    ("5.1 Temporal extent", (f"{OF}/extent/temporalElement/extent/beginPosition",
                             f"{OF}/extent/temporalElement/extent/endPosition")),
    ("5.2 to 5.4 Dates of publication, revision, creation", (f"{OF}/citation/date/date",
                                                             f"{OF}/citation/date/dateType")),
    ("6.1 Lineage", ("dataQualityInfo/lineage/statement", "resourceLineage/statement")),
    ("6.2 Spatial resolution", (f"{OF}/spatialResolution/equivalentScale/denominator",
                                f"{OF}/spatialResolution/distance")),
    ("7.1 Specification", (f"{RESULT}/specification/title", f"{RESULT}/specification/date/date",
                           f"{RESULT}/specification/date/dateType")),
    ("7.2 Degree", (f"{RESULT}/pass",)),
    ("8.1 Conditions applying to access and use", (f"{OF}/resourceConstraints/useConstraints",
                                                   f"{OF}/resourceConstraints/useLimitation")),
    ("8.2 Limitations on public access", (f"{OF}/resourceConstraints/accessConstraints",
                                          f"{OF}/resourceConstraints/otherConstraints",
                                          f"{OF}/resourceConstraints/otherConstraints/@href")),
    ("9.1 Responsible party", (f"{OF}/pointOfContact/{PARTY}", f"{OF}/pointOfContact/party/name",
                               f"{OF}/pointOfContact/contactInfo/address/electronicMailAddress")),
    ("9.2 Responsible party role", (f"{OF}/pointOfContact/role",)),
    ("10.1 Metadata point of contact", (f"contact/{PARTY}", "contact/party/name",
                                        "contact/contactInfo/address/electronicMailAddress")),
    ("10.2 Metadata date", ("dateStamp", "dateInfo/date")),
    ("10.3 Metadata language", ("language", "defaultLocale/language")),
    ("Coordinate reference system", ("referenceSystemInfo/referenceSystemIdentifier/code",
                                     "referenceSystemInfo/referenceSystemIdentifier/codeSpace")),
    ("Encoding", ("distributionInfo/distributionFormat/name",
                  "distributionInfo/distributionFormat/version")),
    ("Spatial representation type", (f"{OF}/spatialRepresentationType",)),
]  # fmt: skip
"""Element of INSPIRE, and where records have it."""

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
## The `iso:` fields

What has no home in STAC or its extensions is in properties with the prefix `iso:`; those that the
items of these records have, and their shapes. Values of code lists are their plain codes, dates are
as the record writes them. What a record does not say is absent.
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
    rows = [(code(name), code(shape), str(count)) for name, shape, count in shapes(items)]
    return table(("Field", "Shape", "Items"), rows)


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
