"""Which standard a metadata record in XML keeps to, and where in a document it begins."""

import re
from io import BytesIO

from lxml import etree

from infrastructure.errors import Unreadable
from infrastructure.safe_xml import parse

CSW = "http://www.opengis.net/cat/csw/"
OAI = "http://www.openarchives.org/OAI/2.0"

ENVELOPES = {
    "GetRecordByIdResponse", "GetRecordsResponse", "SearchResults", "SearchStatus",
    "OAI-PMH", "responseDate", "request", "GetRecord", "ListRecords", "record", "header",
    "identifier", "datestamp", "setSpec", "metadata",
}  # fmt: skip
"""Elements of the answers of CSW and OAI-PMH that a record may come in, or that come before it."""


ROOTS = [
    ("MD_Metadata", re.compile(r".*/mdb/.*"), "iso19115-3"),
    ("MD_Metadata", re.compile(r".*"), "iso19139"),
    ("CHE_MD_Metadata", re.compile(r".*"), "iso19139"),  # the Swiss profile
    ("MI_Metadata", re.compile(r".*"), "iso19115-2"),
    ("Record", re.compile(rf"{CSW}.*"), "dublin-core"),
    ("SummaryRecord", re.compile(rf"{CSW}.*"), "dublin-core"),
    ("BriefRecord", re.compile(rf"{CSW}.*"), "dublin-core"),
    ("dc", re.compile(rf"{OAI}/oai_dc/"), "dublin-core"),
    ("RDF", re.compile(r"http://www\.w3\.org/1999/02/22-rdf-syntax-ns#"), "dublin-core"),
    ("metadata", re.compile(rf"|{CSW}csdgm"), "fgdc"),
    ("DIF", re.compile(r".*"), "dif"),
    ("EarthObservation", re.compile(r"http://www\.opengis\.net/[a-z]{3}/2\.\d"), "eop"),
    ("GranuleMetaDataFile", re.compile(r""), "ecs"),
]
"""Name and namespace of the element that a record begins with, and its standard."""


def standard(record: bytes) -> str:
    """The standard: iso19139, iso19115-2, iso19115-3, dublin-core, fgdc, dif, eop or ecs.

    Raises:
        Unreadable: it keeps to none of them, or is no XML.
    """
    found = known(record)
    if found is None:
        raise Unreadable("no metadata record of a standard that is known")
    return found


def known(record: bytes) -> str | None:
    """The same, or None; only the beginning of the document is read."""
    start = etree.iterparse(
        BytesIO(record.lstrip()),
        events=("start",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    try:
        for _, element in start:
            found = of(element)
            if found or not _is_envelope(element):
                return found
    except etree.XMLSyntaxError:
        return None
    return None


def of(element: etree._Element) -> str | None:
    """The standard of a record that begins with this element, or None."""
    name = etree.QName(element)
    told = (
        standard
        for root, space, standard in ROOTS
        if name.localname == root and space.fullmatch(name.namespace or "")
    )
    return next(told, None)


def begin(record: bytes, subject: str) -> etree._Element:
    """The element that a record begins with, taken out of the answer that it came in.

    Raises:
        Unreadable: it is no XML, or not exactly one record of a known standard.
    """
    root = parse(record.lstrip(), subject)
    if of(root):
        return root
    inside = [element for element in root.iter(etree.Element) if of(element)]
    outermost = [e for e in inside if not any(of(above) for above in e.iterancestors())]
    if len(outermost) != 1:
        raise Unreadable(f"{subject}: {len(outermost)} metadata records in one document")
    return outermost[0]


def _is_envelope(element: etree._Element) -> bool:
    name = etree.QName(element)
    return name.localname in ENVELOPES and (name.namespace or "").startswith((CSW, OAI))
