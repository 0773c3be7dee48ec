"""People and organisations (CI_ResponsibleParty of 2003, CI_Responsibility of 2014)."""

from collections.abc import Iterator
from typing import Any

from infrastructure.metadata.iso.tree import Node, code, leaf, nil, node, text

Contact = dict[str, Any]
"""As the Contacts extension 1.0 has it."""


def parties(name: str, contacts: list[Contact], is_2014: bool) -> Iterator[Node | None]:
    """An element for each role of each contact."""
    for contact in contacts:
        for role in contact.get("roles") or [None]:
            yield node(name, (_of_2014 if is_2014 else _of_2003)(contact, role))


def _of_2003(contact: Contact, role: str | None) -> Node | None:
    person, group = contact.get("name"), contact.get("organization")
    unnamed = None if person else nil("cit:organisationName", "unknown")
    return node(
        "cit:CI_ResponsibleParty",
        text("cit:individualName", person),
        text("cit:organisationName", group) or unnamed,
        text("cit:positionName", contact.get("position")),
        _reach(contact, is_2014=False),
        _role(role),
    )


def _of_2014(contact: Contact, role: str | None) -> Node | None:
    individual = node(
        "cit:CI_Individual",
        text("cit:name", contact.get("name")),
        text("cit:positionName", contact.get("position")),
    )
    group = contact.get("organization")
    organisation = node(
        "cit:CI_Organisation",
        text("cit:name", group) or nil("cit:name", "unknown"),
        _reach(contact, is_2014=True),
        node("cit:individual", individual),
    )
    return node("cit:CI_Responsibility", _role(role), node("cit:party", organisation))


def _role(role: str | None) -> Node | None:
    return code("cit:role", "cit:CI_RoleCode", role) or nil("cit:role", "unknown")


def _reach(contact: Contact, is_2014: bool) -> Node | None:
    link: dict[str, str] = next(iter(contact.get("links", [])), {})
    linkage = "gco:CharacterString" if is_2014 else "cit:URL"
    phones = contact.get("phones", [])
    contacts = node(
        "cit:CI_Contact",
        *([_phone(phone) for phone in phones] if is_2014 else [_phones(phones)]),
        node("cit:address", _address(contact)),
        node(
            "cit:onlineResource",
            node("cit:CI_OnlineResource", leaf("cit:linkage", linkage, link.get("href"))),
        ),
        text("cit:contactInstructions", next(iter(contact.get("contactInstructions", [])), None)),
    )
    return node("cit:contactInfo", contacts)


def _phones(phones: list[dict[str, Any]]) -> Node | None:
    numbers = {
        kind: [phone["value"] for phone in phones if kind in (phone.get("roles") or ["voice"])]
        for kind in ("voice", "facsimile")
    }
    found = [text(f"cit:{kind}", number) for kind, told in numbers.items() for number in told]
    return node("cit:phone", node("cit:CI_Telephone", *found))


def _phone(phone: dict[str, Any]) -> Node | None:
    kind = "facsimile" if "facsimile" in phone.get("roles", []) else "voice"
    numbers = node(
        "cit:CI_Telephone",
        text("cit:number", phone["value"]),
        code("cit:numberType", "cit:CI_TelephoneTypeCode", kind),
    )
    return node("cit:phone", numbers)


def _address(contact: Contact) -> Node | None:
    address: dict[str, Any] = next(iter(contact.get("addresses", [])), {})
    return node(
        "cit:CI_Address",
        *(text("cit:deliveryPoint", line) for line in address.get("deliveryPoint", [])),
        *(
            text(f"cit:{part}", address.get(part))
            for part in ("city", "administrativeArea", "postalCode", "country")
        ),
        *(text("cit:electronicMailAddress", mail["value"]) for mail in contact.get("emails", [])),
    )
