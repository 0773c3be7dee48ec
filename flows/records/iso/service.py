"""Services: their type, and what they work on (SV_ServiceIdentification, ISO 19119)."""

from typing import Any

from lxml import etree

from flows.records.elements import XLINK, code, every, name, text
from flows.records.iso import told, unique

SERVICE = "identificationInfo/SV_ServiceIdentification"


def service(root: etree._Element) -> dict[str, Any]:
    """The properties; none where a record of data only names the services that give them out."""
    found = every(root, "identificationInfo/*")
    if not found or any(name(element) != "SV_ServiceIdentification" for element in found):
        return {}
    return {
        "iso:service_type": text(root, f"{SERVICE}/serviceType"),
        "iso:coupling_type": code(root, f"{SERVICE}/couplingType"),
        "iso:operates_on": unique([known for known in map(_target, _coupled(root)) if known]),
    }


def _coupled(root: etree._Element) -> list[etree._Element]:
    return every(root, f"{SERVICE}/operatesOn")


def _target(element: etree._Element) -> dict[str, str]:
    """A resource by the identifier of its record, its address, or both."""
    return told(code=element.get("uuidref"), href=element.get(XLINK))
