"""The records of a GetRecords answer, each for itself and as it came."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from flows.csw.exchange import CSW, Version
from flows.elements import document, fingerprint, moment
from flows.found import Found
from infrastructure.errors import Unreadable

IDENTIFIERS = (
    "{*}fileIdentifier/*",
    "{*}metadataIdentifier/{*}MD_Identifier/{*}code/*",
    ".//{http://purl.org/dc/elements/1.1/}identifier",
    "{*}metaDataProperty/{*}EarthObservationMetaData/{*}identifier",
    "idinfo/datasetid",
    "{*}Entry_ID/{*}Short_Name",
    "{*}Entry_ID",
    ".//{*}fileIdentifier",
)
"""Where a record names itself: ISO 19139, 19115-3, Dublin Core, EO-O&M, FGDC, DIF 10 and 9,
GM03."""

DATES = (
    "{*}dateStamp/*",
    "{*}dateInfo/{*}CI_Date/{*}date/*",
    ".//{http://purl.org/dc/terms/}modified",
    "metainfo/metd",
    "{*}Last_DIF_Revision_Date",
)
"""Where a record tells when it was changed."""


@dataclass(frozen=True)
class Answer:
    """One page."""

    records: list[Found]
    matched: int | None
    """How many records the server has for the request, if it says."""
    following: int | None
    """Position of the first record of the next page, if it says; 0: there is none."""


def take(root: etree._Element, version: Version, url: str) -> Answer:
    """Take an answer apart.

    Raises:
        Unreadable: it is no answer to GetRecords.
    """
    results = root.find(f"{{{CSW[version]}}}SearchResults")
    if results is None:
        raise Unreadable(f"CSW {url} answers GetRecords with {root.tag}, without SearchResults")
    return Answer(
        records=[_found(element) for element in results.iterchildren("*")],
        matched=_number(results, "numberOfRecordsMatched"),
        following=_number(results, "nextRecord"),
    )


def _number(results: etree._Element, name: str) -> int | None:
    text = results.get(name, "")
    return int(text) if text.isdigit() else None


def _found(element: etree._Element) -> Found:
    digest = fingerprint(element)
    moments = (moment(text) for text in _texts(element, DATES))
    return Found(
        upstream_id=next(_texts(element, IDENTIFIERS), f"no-identifier#{digest}"),
        fingerprint=digest,
        record=document(element),
        changed=max((when for when in moments if when), default=None),
    )


def _texts(element: etree._Element, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        for hit in element.iterfind(path):
            if text := (hit.text or "").strip():
                yield text
