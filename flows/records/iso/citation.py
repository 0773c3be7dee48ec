"""How a resource is cited: its identifiers and dates (CI_Citation)."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records.elements import code, every, links, text, texts
from flows.records.facts import Event
from flows.records.iso import told, unique

CITATION = "identificationInfo/*/citation/*"

EVENTS: dict[str, Event] = {
    "creation": "creation",
    "publication": "publication",
    "released": "publication",
    "revision": "revision",
    "lastUpdate": "revision",
    "lastRevision": "revision",
}
"""CI_DateTypeCode -> what it is about; the others say nothing of when the resource was made."""

DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)


def citation(root: etree._Element) -> dict[str, Any]:
    """The properties."""
    identifiers = [_identifier(element) for element in every(root, f"{CITATION}/identifier/*")]
    dois = (doi(known.get("code", "")) for known in identifiers)
    return {
        "iso:alternate_titles": unique(texts(root, f"{CITATION}/alternateTitle")),
        "iso:edition": text(root, f"{CITATION}/edition"),
        "iso:identifiers": unique([known for known in identifiers if known]),
        "iso:dates": unique(list(dates(root))),
        "iso:presentation_form": code(root, f"{CITATION}/presentationForm"),
        "iso:citation_details": text(root, f"{CITATION}/otherCitationDetails"),
        "sci:doi": next(filter(None, dois), None),
    }


def doi(written: str) -> str | None:
    """The DOI itself, however it is written; None if it is none."""
    found = DOI.fullmatch(written.strip())
    return found[1] if found else None


def dates(root: etree._Element) -> Iterator[dict[str, str]]:
    """All dates with their types."""
    for date in every(root, f"{CITATION}/date/*"):
        said = text(date, "date")
        if said:
            yield {"type": code(date, "dateType") or "publication", "date": said}


def events(root: etree._Element) -> Iterator[tuple[Event, str]]:
    """The dates that say when the resource was made or changed."""
    for date in dates(root):
        if event := EVENTS.get(date["type"]):
            yield event, date["date"]


def _identifier(element: etree._Element) -> dict[str, str]:
    """RS_Identifier and MD_Identifier."""
    return told(
        code=text(element, "code"),
        code_space=text(element, "codeSpace"),
        authority=text(element, "authority/*/title"),
        href=next((href for part in every(element, "code") for href in links(part)), None),
    )
