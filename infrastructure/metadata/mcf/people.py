"""Who is responsible for what."""

from typing import Any

from infrastructure.metadata.mcf.subject import Subject

Contact = dict[str, Any]


def contacts(subject: Subject) -> dict[str, list[Contact]]:
    """Contacts of the record itself, of the resource, and who gives it out."""
    told = subject.told
    if told.get("contacts"):
        own = told.get("iso:metadata_contacts") or _nobody(told["contacts"], subject)
        return {"metadata": own, "resource": told["contacts"], "distributors": []}
    providers = told.get("providers") or subject.collection.get("providers") or []
    host = _provider(providers, "host", "licensor", "producer")
    producer = _provider(providers, "producer", "licensor", "processor")
    return {
        "metadata": told.get("iso:metadata_contacts") or [_contact(host, "custodian")],
        "resource": [_contact(producer, "pointOfContact")],
        "distributors": [_contact(host, "distributor")] if providers else [],
    }


def by_role(found: dict[str, list[Contact]]) -> dict[str, dict[str, str]]:
    """The MCF's `contact`: the first of each role."""
    everyone = [contact for group in found.values() for contact in group]
    told: dict[str, dict[str, str]] = {}
    for contact in everyone:
        link: dict[str, str] = next(iter(contact.get("links", [])), {})
        flat = {
            "organization": contact.get("organization", ""),
            "individualname": contact.get("name", ""),
            "url": link.get("href", ""),
            "email": next((mail["value"] for mail in contact.get("emails", [])), ""),
        }
        for role in contact.get("roles") or ["pointOfContact"]:
            told.setdefault(role, {key: value for key, value in flat.items() if value})
    return told


def _nobody(told: list[Contact], subject: Subject) -> list[Contact]:
    """The record's contact where only the resource's are known: unknown if a record said none."""
    return [{"roles": ["pointOfContact"]}] if subject.is_record else told[:1]


def _provider(providers: list[dict[str, Any]], *roles: str) -> dict[str, str]:
    """The first provider of the first role that any has; else the first; else nobody."""
    ranked = [p for role in roles for p in providers if role in p.get("roles", [])]
    return next(iter(ranked or providers), {})


def _contact(provider: dict[str, str], role: str) -> Contact:
    contact: Contact = {"roles": [role]}
    if provider.get("name"):
        contact["organization"] = provider["name"]
    if provider.get("url"):
        contact["links"] = [{"rel": "about", "href": provider["url"]}]
    return contact
