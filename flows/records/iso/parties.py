"""People and organisations (CI_ResponsibleParty of 2003, CI_Responsibility of 2014)."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records.elements import code, every, first, name, text, texts
from flows.records.facts import Contact
from flows.records.iso import told

OF_RESOURCE = (
    "identificationInfo/*/citation/*/citedResponsibleParty/*",
    "identificationInfo/*/pointOfContact/*",
    "distributionInfo/*/distributor/*/distributorContact/*",
)
ADDRESS = "contactInfo/*/address/*"
WEB = "contactInfo/*/onlineResource/*"


def parties(root: etree._Element) -> list[Contact]:
    """Those of the resource; where there are none, those of the record."""
    people = [party(element) for element in every(root, *OF_RESOURCE)]
    if any(person.name or person.organization for person in people):
        return people
    return [party(element) for element in every(root, "contact/*")]


def party(element: etree._Element) -> Contact:
    """One of them, in one role."""
    who = first(element, "party/*")
    if who is None:
        who, person, group, position = element, "individualName", "organisationName", "positionName"
    elif name(who) == "CI_Individual":
        person, group, position = "name", "organisationName", "positionName"
    else:
        person, group, position = "individual/*/name", "name", "individual/*/positionName"
    return Contact(
        name=text(who, person),
        organization=text(who, group),
        position=text(who, position),
        role=code(element, "role"),
        email=" ".join(texts(who, f"{ADDRESS}/electronicMailAddress")) or None,
        phones=tuple(_phones(who)),
        address=_address(who),
        url=text(who, f"{WEB}/linkage"),
        instructions=text(who, "contactInfo/*/contactInstructions"),
    )


def _phones(who: etree._Element) -> Iterator[tuple[str, str]]:
    for phone in every(who, "contactInfo/*/phone/*"):
        for kind in ("voice", "facsimile"):
            for number in texts(phone, kind):
                yield number, kind
        for number in texts(phone, "number"):
            yield number, code(phone, "numberType") or "voice"


def _address(who: etree._Element) -> dict[str, Any]:
    parts = ("city", "administrativeArea", "postalCode", "country")
    return told(
        deliveryPoint=texts(who, f"{ADDRESS}/deliveryPoint"),
        **{part: text(who, f"{ADDRESS}/{part}") for part in parts},
    )
