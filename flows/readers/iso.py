"""Metadata records of ISO: 19139 and its profiles, 19115-2 and 19115-3.

https://schemas.isotc211.org/
"""

from collections.abc import Iterator

import pystac
from lxml import etree

from flows import records
from flows.found import Found
from flows.records import extents, numbers
from flows.records.elements import code, every, first, links, name, prose, says, text, texts
from flows.records.facts import Contact, Event, Facts, Online
from flows.records.item import item
from flows.records.standards import begin

EVENTS: dict[str, Event] = {
    "creation": "creation",
    "publication": "publication",
    "released": "publication",
    "revision": "revision",
    "lastUpdate": "revision",
    "lastRevision": "revision",
}
"""CI_DateTypeCode -> what it is about; the others say nothing of when the resource was made."""

TOPICS = "ISO 19115 topic category"

PLACEHOLDERS = {"TBD", "none", "None", "unknown", "INS-NOBS"}
"""What templates have where nobody wrote an identifier; the last is INSPIRE's for any sensor."""


def recognises(found: Found) -> bool:
    """Whether the source found a record of ISO."""
    return (records.known(found.record or b"") or "").startswith("iso")


def read(found: Found) -> pystac.Item:
    """Make an item of a record.

    Raises:
        Unreadable: it is no XML, or tells no place or time, or one that cannot be.
    """
    root = begin(found.record or b"", found.upstream_id)
    return item(found, _facts(root, found.upstream_id))


def _facts(root: etree._Element, subject: str) -> Facts:
    about = "identificationInfo/*"
    created, updated = _stamps(root)
    return Facts(
        identifier=text(root, "fileIdentifier", "metadataIdentifier/*/code"),
        parent=_parent(root),
        title=text(root, f"{about}/citation/*/title"),
        description=prose(root, f"{about}/abstract"),
        keywords=texts(root, f"{about}/descriptiveKeywords/*/keyword"),
        themes=_themes(root),
        places=extents.places(root, subject),
        spans=extents.spans(root),
        dates=list(_dates(root)),
        created=created,
        updated=updated,
        contacts=_contacts(root),
        constraints=_constraints(root),
        online=[_online(found) for found in _addresses(root)],
        previews=list(_previews(root)),
        properties=_acquisition(root),
    )


def _parent(root: etree._Element) -> str | None:
    told = text(root, "parentIdentifier", "parentMetadata/*/identifier/*/code")
    linked = first(root, "parentMetadata")
    if told is None and linked is not None:
        told = linked.get("uuidref")
    return None if told in PLACEHOLDERS else told


def _stamps(root: etree._Element) -> tuple[str | None, str | None]:
    """When the record was written first and changed last."""
    told = {code(date, "dateType"): text(date, "date") for date in every(root, "dateInfo/*")}
    created = told.get("creation")
    return created, text(root, "dateStamp") or told.get("revision") or created


def _themes(root: etree._Element) -> list[tuple[str, list[str]]]:
    topics = texts(root, "identificationInfo/*/topicCategory")
    return [
        *(
            (scheme, texts(group, "keyword"))
            for group in every(root, "identificationInfo/*/descriptiveKeywords/*")
            if (scheme := text(group, "thesaurusName/*/title"))
        ),
        (TOPICS, topics),
    ]


def _dates(root: etree._Element) -> Iterator[tuple[Event, str]]:
    for date in every(root, "identificationInfo/*/citation/*/date/*"):
        event = EVENTS.get(code(date, "dateType") or "publication")
        told = text(date, "date")
        if event and told:
            yield event, told


def _contacts(root: etree._Element) -> list[Contact]:
    """Of the resource; where there are none, of the record."""
    found = every(
        root,
        "identificationInfo/*/citation/*/citedResponsibleParty/*",
        "identificationInfo/*/pointOfContact/*",
        "distributionInfo/*/distributor/*/distributorContact/*",
    )
    people = [_contact(element) for element in found]
    if any(person.name or person.organization for person in people):
        return people
    return [_contact(element) for element in every(root, "contact/*")]


def _contact(element: etree._Element) -> Contact:
    """A CI_ResponsibleParty of 2003, or a CI_Responsibility of 2014."""
    party = first(element, "party/*")
    if party is None:
        party, person, group = element, "individualName", "organisationName"
    elif name(party) == "CI_Individual":
        person, group = "name", "organisationName"
    else:
        person, group = "individual/*/name", "name"
    return Contact(
        name=text(party, person),
        organization=text(party, group),
        role=code(element, "role"),
        email=text(party, "contactInfo/*/address/*/electronicMailAddress"),
        url=text(party, "contactInfo/*/onlineResource/*/linkage"),
    )


def _constraints(root: etree._Element) -> list[str]:
    found = every(root, "identificationInfo/*/resourceConstraints/*")
    told = [said for part in found for said in texts(part, "useLimitation", "otherConstraints")]
    anchors = [link for part in found for link in links(part) if link.startswith("http")]
    titles = [title for part in found for title in texts(part, "reference/*/title")]
    return [*told, *titles, *(link for link in anchors if link not in told), *_codes(found)]


def _codes(constraints: list[etree._Element]) -> Iterator[str]:
    """Codes of restrictions in words; the one that stands for text beside it says nothing."""
    for kind in ("access", "use"):
        codes = {code(part, f"{kind}Constraints") for part in constraints}
        for restriction in sorted(found for found in codes if found):
            if restriction != "otherRestrictions":
                yield f"{kind}: {restriction}"


def _addresses(root: etree._Element) -> list[etree._Element]:
    return every(
        root,
        "distributionInfo/*/transferOptions/*/onLine/*",
        "distributionInfo/*/distributor/*/distributorTransferOptions/*/onLine/*",
        "identificationInfo/*/containsOperations/*/connectPoint/*",
        "metadataLinkage/*",
    )


def _online(element: etree._Element) -> Online:
    return Online(
        href=text(element, "linkage") or "",
        title=text(element, "name"),
        description=text(element, "description"),
        protocol=text(element, "protocol"),
        function=code(element, "function"),
    )


def _previews(root: etree._Element) -> Iterator[Online]:
    for graphic in every(root, "identificationInfo/*/graphicOverview/*"):
        href = text(graphic, "fileName", "linkage/*/linkage")
        if href:
            yield Online(href, text(graphic, "fileDescription"), protocol=text(graphic, "fileType"))


def _acquisition(root: etree._Element) -> dict[str, object]:
    """Platform and instruments, cloud cover in per cent, resolution in metres."""
    made = "acquisitionInformation/*"
    platforms = every(root, f"{made}/platform/*")
    instruments = every(root, f"{made}/platform/*/instrument/*", f"{made}/instrument/*")
    distances = every(root, "identificationInfo/*/spatialResolution/*/distance/*")
    return {
        "platform": next(iter(_identifiers(platforms)), None),
        "instruments": _identifiers(instruments),
        "eo:cloud_cover": numbers.number(text(root, "contentInfo/*/cloudCoverPercentage")),
        "processing:level": text(root, "contentInfo/*/processingLevelCode/*/code"),
        "gsd": numbers.finest((says(e), e.get("uom")) for e in distances),
    }


def _identifiers(elements: list[etree._Element]) -> list[str]:
    told = (text(e, "identifier/*/code", "identifier", "citation/*/title") for e in elements)
    return list(dict.fromkeys(numbers.word(s) for s in told if s and s not in PLACEHOLDERS))
