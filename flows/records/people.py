"""Contacts of records as STAC providers, and as contacts of the Contacts extension 1.0."""

from typing import Any

from flows.records.facts import Contact

CONTACTS = "https://stac-extensions.github.io/contacts/v1.0.0/schema.json"

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
        if contact.url and contact.url.startswith(("http://", "https://")):
            provider.setdefault("url", contact.url)
    return [{key: value for key, value in p.items() if value} for p in found.values()]


def contacts(people: list[Contact]) -> list[dict[str, Any]]:
    """All that the record tells of them, each once."""
    told = [_contact(person) for person in people if person.name or person.organization]
    return [contact for number, contact in enumerate(told) if contact not in told[:number]]


def _contact(person: Contact) -> dict[str, Any]:
    contact = {
        "name": person.name,
        "organization": person.organization,
        "roles": [person.role] if person.role else None,
        "emails": [{"value": person.email}] if "@" in (person.email or "") else None,
        "links": [{"rel": "about", "type": "text/html", "href": person.url}]
        if person.url and person.url.startswith(("http://", "https://"))
        else None,
    }
    return {key: value for key, value in contact.items() if value}
