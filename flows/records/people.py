"""Contacts of records as STAC providers, and as contacts of the Contacts extension 1.0."""

import re
from typing import Any

from flows.records.facts import Contact
from flows.records.online import URI

EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

E164 = re.compile(r"\+[1-9][0-9]{3,14}")
"""A telephone number of ITU-T E.164."""

ROLES = {
    "owner": "licensor",
    "rightsHolder": "licensor",
    "licensor": "licensor",
    "originator": "producer",
    "author": "producer",
    "coAuthor": "producer",
    "creator": "producer",
    "principalInvestigator": "producer",
    "processor": "processor",
    "publisher": "host",
    "distributor": "host",
    "resourceProvider": "host",
    "custodian": "host",
}
"""CI_RoleCode of ISO 19115 -> role of a STAC provider; the others have none."""


def providers(contacts: list[Contact]) -> list[dict[str, Any]]:
    """STAC providers: each name once, with all its roles."""
    found: dict[str, dict[str, Any]] = {}
    for contact in contacts:
        name = contact.organization or contact.name
        if not name:
            continue
        provider = found.setdefault(name, {"name": name})
        role = ROLES.get(contact.role or "")
        if role and role not in provider.setdefault("roles", []):
            provider["roles"].append(role)
        if contact.url and URI.fullmatch(contact.url):
            provider.setdefault("url", contact.url)
    return [{key: value for key, value in p.items() if value} for p in found.values()]


def contacts(people: list[Contact]) -> list[dict[str, Any]]:
    """All that the record tells of them: each once, with all its roles."""
    found: list[dict[str, Any]] = []
    for contact in (_contact(person) for person in people if person.name or person.organization):
        known = next((other for other in found if _same(other, contact)), None)
        if known is None:
            found.append(contact)
        elif new := [role for role in contact.get("roles", []) if role not in known["roles"]]:
            known["roles"] += new
    return found


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether they differ in nothing but roles; without a role it is not known what for."""
    return ("roles" in one) == ("roles" in other) and {**one, "roles": 0} == {**other, "roles": 0}


def _contact(person: Contact) -> dict[str, Any]:
    emails = [part for part in re.split(r"[\s,;]+", person.email or "") if EMAIL.fullmatch(part)]
    web = {"rel": "about", "type": "text/html", "href": person.url}
    contact = {
        "name": person.name,
        "position": person.position,
        "organization": person.organization,
        "roles": [person.role] if person.role else None,
        "emails": [{"value": email} for email in emails],
        "phones": [
            {"value": number, "roles": [use]}
            for said, use in person.phones
            if (number := _international(said))
        ],
        "addresses": [person.address] if person.address else None,
        "links": [web] if URI.fullmatch(person.url or "") else None,
        "contactInstructions": [person.instructions] if person.instructions else None,
    }
    return {key: value for key, value in contact.items() if value}


def _international(said: str) -> str | None:
    """A telephone number as E.164 has it; None if the country is not told."""
    number = re.sub(r"\(0\)|[\s().\-/]", "", said)
    number = f"+{number[2:]}" if number.startswith("00") else number
    return number if E164.fullmatch(number) else None
