"""What records of the FGDC tell beyond place and time, in the terms of ISO.

FGDC-STD-001-1998; its parts are named as in its annex of element tags.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records import people
from flows.records.elements import every, prose, text, texts
from flows.records.facts import Contact
from flows.records.iso import told, unique

UNSAID = {"none", "not specified", "unknown", "n/a", "not applicable"}
"""What stands where the standard wants an entry and there is none."""

PROGRESS = {"complete": "completed", "in work": "onGoing", "planned": "planned"}
"""Progress (1.4.1) -> MD_ProgressCode."""

UPDATES = {
    "continually": "continual", "daily": "daily", "weekly": "weekly", "monthly": "monthly",
    "annually": "annually", "as needed": "asNeeded", "irregular": "irregular",
    "none planned": "notPlanned",
}  # fmt: skip
"""Frequency of updates (1.4.2) -> MD_MaintenanceFrequencyCode."""

REPRESENTATIONS = {"point": "vector", "vector": "vector", "raster": "grid"}
"""Direct spatial reference method (3.2) -> MD_SpatialRepresentationTypeCode."""


def kept(root: etree._Element) -> dict[str, Any]:
    """The properties."""
    contacts = [contact(info, "pointOfContact") for info in every(root, "metainfo/metc/cntinfo")]
    return {
        "iso:hierarchy_level": "dataset",
        "iso:purpose": _prose(root, "idinfo/descript/purpose"),
        "iso:supplemental_information": _prose(root, "idinfo/descript/supplinf"),
        "iso:status": PROGRESS.get(_word(root, "idinfo/status/progress")),
        "iso:maintenance_frequency": UPDATES.get(_word(root, "idinfo/status/update")),
        "iso:spatial_representation_type": REPRESENTATIONS.get(_word(root, "spdoinfo/direct")),
        "iso:credits": said(root, "idinfo/datacred"),
        "iso:thesauri": _thesauri(root),
        "iso:formats": unique([f for f in map(_format, every(root, FORMATS)) if f]),
        "iso:process_steps": [step for step in map(_step, every(root, STEPS)) if step],
        "iso:sources": unique(texts(root, "dataqual/lineage/srcinfo/srccite/citeinfo/title")),
        "iso:metadata_contacts": people.contacts(contacts),
        "iso:metadata_standard": told(
            name=text(root, "metainfo/metstdn"), version=text(root, "metainfo/metstdv")
        ),
    }


KEYS = {"theme": "theme", "place": "place", "strat": "stratum", "temp": "temporal"}
"""How elements of keywords begin -> MD_KeywordTypeCode."""


def _thesauri(root: etree._Element) -> list[dict[str, str]]:
    return unique(
        [
            {"title": title, "keyword_type": kind}
            for key, kind in KEYS.items()
            for title in said(root, f"idinfo/keywords/*/{key}kt")
        ]
    )


FORMATS = "distinfo/stdorder/digform/digtinfo"
STEPS = "dataqual/lineage/procstep"


def contacts(root: etree._Element) -> Iterator[Contact]:
    """Who made the data, publishes them, answers for them and hands them out."""
    for name in said(root, "idinfo/citation/citeinfo/origin"):
        yield Contact(organization=name, role="originator")
    for name in said(root, "idinfo/citation/citeinfo/pubinfo/publish"):
        yield Contact(organization=name, role="publisher")
    for path, role in (("idinfo/ptcontac", "pointOfContact"), ("distinfo/distrib", "distributor")):
        for info in every(root, f"{path}/cntinfo"):
            yield contact(info, role)


def contact(info: etree._Element, role: str) -> Contact:
    """Contact information (section 10)."""
    parts = {"city": "city", "administrativeArea": "state", "postalCode": "postal",
             "country": "country"}  # fmt: skip
    return Contact(
        name=_first(info, "*/cntper"),
        organization=_first(info, "*/cntorg"),
        position=_first(info, "cntpos"),
        role=role,
        email=text(info, "cntemail"),
        phones=(
            *((number, "voice") for number in said(info, "cntvoice")),
            *((number, "facsimile") for number in said(info, "cntfax")),
        ),
        address=told(
            deliveryPoint=said(info, "cntaddr/address"),
            **{part: _first(info, f"cntaddr/{name}") for part, name in parts.items()},
        ),
        instructions=_first(info, "cntinst"),
    )


def said(element: etree._Element, *paths: str) -> list[str]:
    """What elements say, without what stands for nothing."""
    return [said for said in texts(element, *paths) if said.strip(" .").lower() not in UNSAID]


def _first(element: etree._Element, path: str) -> str | None:
    return next(iter(said(element, path)), None)


def _word(element: etree._Element, path: str) -> str:
    return (text(element, path) or "").strip(" .").lower()


def _prose(element: etree._Element, path: str) -> str | None:
    return prose(element, path) if said(element, path) else None


def _format(element: etree._Element) -> dict[str, str]:
    return told(name=_first(element, "formname"), version=_first(element, "formvern"))


def _step(element: etree._Element) -> dict[str, str]:
    return told(description=_prose(element, "procdesc"), date=_first(element, "procdate"))
