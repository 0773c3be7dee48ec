"""What records in DIF tell beyond place and time, in the terms of ISO."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records.elements import every, prose, text, texts
from flows.records.facts import Contact
from flows.records.iso import told, unique
from flows.records.iso.citation import doi

CITATIONS = "Dataset_Citation", "Data_Set_Citation"

ROLES = {
    "investigator": "principalInvestigator",
    "technical contact": "pointOfContact",
    "primary": "pointOfContact",
    "metadata author": "author",
    "distributor": "distributor",
    "originator": "originator",
    "archiver": "custodian",
    "processor": "processor",
}
"""Role in DIF, in lower case -> role of ISO 19115."""

PROGRESS = {"complete": "completed", "in work": "onGoing", "planned": "planned"}
"""Progress of a data set, in lower case -> MD_ProgressCode."""


def kept(root: etree._Element) -> dict[str, Any]:
    """The properties."""
    progress = text(root, "Dataset_Progress", "Data_Set_Progress") or ""
    dois = [
        *texts(root, *(f"{name}/Persistent_Identifier/Identifier" for name in CITATIONS)),
        *texts(root, *(f"{name}/Dataset_DOI" for name in CITATIONS)),
    ]
    formats = texts(root, "Distribution/Distribution_Format", "Distribution/Data_Format")
    return {
        "iso:purpose": prose(root, "Summary/Purpose"),
        "iso:status": PROGRESS.get(progress.lower()),
        "iso:identifiers": [{"code": code} for code in dict.fromkeys(dois)],
        "sci:doi": next(filter(None, map(doi, dois)), None),
        "iso:edition": text(root, "Entry_ID/Version", *(f"{name}/Version" for name in CITATIONS)),
        "iso:formats": [{"name": name} for name in dict.fromkeys(formats)],
        "iso:metadata_standard": told(
            name=text(root, "Metadata_Name"), version=text(root, "Metadata_Version")
        ),
    }


def contacts(root: etree._Element) -> Iterator[Contact]:
    """Creators, publishers, data centres and people."""
    for said in texts(root, *(f"{name}/Dataset_Creator" for name in CITATIONS)):
        yield Contact(organization=said, role="author")
    for said in texts(root, *(f"{name}/Dataset_Publisher" for name in CITATIONS)):
        yield Contact(organization=said, role="publisher")
    for group in every(root, "Organization", "Data_Center"):
        yield Contact(
            organization=text(group, "*/Long_Name", "*/Short_Name"),
            role=ROLES.get((text(group, "Organization_Type") or "distributor").lower()),
            url=text(group, "Organization_URL", "Data_Center_URL"),
        )
    for person in every(root, "Personnel"):
        who = person if text(person, "Last_Name") else person.find("{*}Contact_Person")
        if who is not None:
            yield _person(who, ROLES.get((text(person, "Role") or "").lower()))


def _person(who: etree._Element, role: str | None) -> Contact:
    numbers = unique(
        [
            *((said, "voice") for said in texts(who, "Phone")),
            *((said, "facsimile") for said in texts(who, "Fax")),
        ]
    )
    at = ("Contact_Address", "Address")
    return Contact(
        name=" ".join(texts(who, "First_Name", "Last_Name")) or None,
        role=role,
        email=" ".join(texts(who, "Email")) or None,
        phones=tuple(numbers),
        address=told(
            deliveryPoint=texts(who, "Contact_Address/Address", "Address/Street_Address"),
            city=text(who, *(f"{name}/City" for name in at)),
            administrativeArea=text(
                who, "Contact_Address/Province_or_State", "Address/State_Province"
            ),
            postalCode=text(who, *(f"{name}/Postal_Code" for name in at)),
            country=text(who, *(f"{name}/Country" for name in at)),
        ),
    )
