"""Reference systems (MD_ReferenceSystem)."""

from typing import Any

from lxml import etree

from flows.records.elements import every, text
from flows.records.iso import told, unique
from flows.records.systems import epsg


def systems(root: etree._Element) -> dict[str, Any]:
    """All as they are written, and the code of EPSG where there is exactly one."""
    path = "referenceSystemInfo/*/referenceSystemIdentifier/*"
    known = [_system(element) for element in every(root, path)]
    found = [system for system in unique(known) if "code" in system]
    codes = {epsg(system["code"], system.get("code_space", "")) for system in found}
    return {
        "iso:reference_systems": found,
        "proj:code": next(iter(codes)) if len(codes) == 1 else None,
    }


def _system(element: etree._Element) -> dict[str, str]:
    return told(
        code=text(element, "code"),
        code_space=text(element, "codeSpace"),
        version=text(element, "version"),
    )
