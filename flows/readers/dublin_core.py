"""Metadata records in Dublin Core: csw:Record and its shorter forms, oai_dc, RDF.

OGC 07-006r1 (CSW 2.0.2), 10.2.5; OGC 12-176r7 (CSW 3.0), 6.5.5; https://www.dublincore.org/
"""

from collections.abc import Iterator
from typing import Any

import pystac
import shapely
from lxml import etree
from shapely.geometry.base import BaseGeometry

from flows import records
from flows.extent import to_degrees
from flows.found import Found
from flows.records import systems
from flows.records.elements import every, first, name, prose, says, text, texts
from flows.records.facts import Contact, Event, Facts, Online
from flows.records.item import item
from flows.records.places import area
from flows.records.standards import CSW, begin
from flows.records.written import IN_BRACKETS, written
from infrastructure import languages
from infrastructure.errors import Unreadable

ROLES = {"creator": "author", "publisher": "publisher", "contributor": "contributor",
         "rightsHolder": "owner"}  # fmt: skip
"""Element -> role of ISO 19115."""

EVENTS: dict[str, Event] = {
    "created": "creation",
    "issued": "publication",
    "available": "publication",
    "dateSubmitted": "publication",
    "date": "publication",
}
"""Element -> what it is about. What `dc:date` is of is not said; most mean the publication."""

TYPES = {"dataset": "dataset", "service": "service", "collection": "series", "series": "series"}
"""Type of the DCMI, in lower case -> MD_ScopeCode."""


def recognises(found: Found) -> bool:
    """Whether the source found a record in Dublin Core."""
    return records.known(found.record or b"") == "dublin-core"


def read(found: Found) -> pystac.Item:
    """Make an item of a record.

    `dct:modified` is the date of the record in CSW (where it says when the catalogue changed it),
    and the revision of the resource elsewhere.

    Raises:
        Unreadable: it is no XML, or tells no place or time, or one that cannot be.
    """
    root = begin(found.record or b"", found.upstream_id)
    return item(found, _facts(root, found.upstream_id))


def _facts(root: etree._Element, subject: str) -> Facts:
    is_csw = (etree.QName(root).namespace or "").startswith(CSW)
    described = first(root, "Description")
    record = root if described is None else described
    dates = [(event, said) for tag, event in EVENTS.items() for said in texts(record, tag)]
    modified = text(record, "modified")
    if modified and not is_csw:
        dates.append(("revision", modified))
    return Facts(
        identifier=text(record, "identifier"),
        parent=text(record, "isPartOf"),
        title=text(record, "title"),
        description=prose(record, "abstract", "description"),
        keywords=texts(record, "subject"),
        themes=list(_themes(record)),
        places=list(_places(record, subject)),
        spans=list(_spans(record)),
        dates=dates,
        updated=modified if is_csw else None,
        contacts=[
            Contact(organization=said, role=role)
            for tag, role in ROLES.items()
            for said in texts(record, tag)
        ],
        constraints=texts(record, "license", "rights", "accessRights"),
        online=list(_online(record)),
        previews=[address for address in _online(record) if _is_preview(address)],
        properties=_kept(record, subject),
    )


def _kept(record: etree._Element, subject: str) -> dict[str, Any]:
    """What STAC has no field for, in the terms of ISO."""
    places = texts(record, "spatial", "coverage")
    tags = (languages.tag(said) for said in texts(record, "language"))
    formats = dict.fromkeys(texts(record, "format"))
    return {
        "iso:hierarchy_level": TYPES.get((text(record, "type") or "").rpartition("/")[2].lower()),
        "iso:alternate_titles": texts(record, "alternative"),
        "iso:languages": [languages.code(tag) for tag in tags if tag],
        "iso:formats": [{"name": name} for name in formats],
        "iso:geographic_identifiers": [
            said for said in places if "://" not in said and written(said, subject) is None
        ],
        "iso:associations": [
            {"code": said, "association": "crossReference"}
            for said in texts(record, "relation")
            if "://" not in said
        ],
        "processing:lineage": prose(record, "provenance"),
    }


def _themes(record: etree._Element) -> Iterator[tuple[str, list[str]]]:
    for subject in every(record, "subject"):
        scheme, said = subject.get("scheme"), says(subject)
        if scheme and said:
            yield scheme, [said]


def _spans(record: etree._Element) -> Iterator[tuple[str | None, str | None]]:
    """`2012-01-01/2012-12-31`, a DCMI Period, or one date."""
    for said in texts(record, "temporal"):
        period = dict(IN_BRACKETS.findall(said))
        start, slash, end = said.partition("/")
        if {"start", "end"} & period.keys():
            yield period.get("start"), period.get("end")
        else:
            yield start, end if slash else start


def _places(record: etree._Element, subject: str) -> Iterator[BaseGeometry]:
    for element in every(record, "BoundingBox", "WGS84BoundingBox"):
        yield _ows(element, subject)
    for said in texts(record, "spatial", "coverage"):
        place = written(said, subject)
        if place is not None:
            yield place


def _ows(element: etree._Element, subject: str) -> BaseGeometry:
    """A box of OWS Common (OGC 06-121r9, 10.2), with the axes of its reference system."""
    corners = [(text(element, side) or "").split() for side in ("LowerCorner", "UpperCorner")]
    try:
        (x1, y1), (x2, y2) = (tuple(map(float, corner[:2])) for corner in corners)
    except ValueError as error:
        raise Unreadable(f"{subject}: its bounding box has no two corners of numbers") from error
    system = systems.system(element.get("crs", "") if name(element) == "BoundingBox" else "")
    if system.is_latitude_first and max(abs(x1), abs(x2)) <= 90:
        x1, y1, x2, y2 = y1, x1, y2, x2
    if system.projected:
        return to_degrees(subject, system.projected, shapely.box(x1, y1, x2, y2))
    return area(x1, x2, y1, y2, subject)


def _online(record: etree._Element) -> Iterator[Online]:
    for element in every(record, "references", "URI", "relation", "source"):
        said = says(element)
        if "://" in said:
            yield Online(
                href=said,
                title=element.get("name"),
                description=element.get("description"),
                protocol=element.get("scheme") or element.get("protocol"),
            )


def _is_preview(online: Online) -> bool:
    said = f"{online.protocol or ''} {online.title or ''}".lower()
    return "thumbnail" in said or "browse" in said
