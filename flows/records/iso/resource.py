"""The resource: purpose, formats, resolution, languages and relations (MD_DataIdentification)."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records import numbers
from flows.records.elements import XLINK, code, codes, every, first, prose, says, text, texts
from flows.records.iso import told, unique

RESOURCE = "identificationInfo/*"

FORMATS = (
    f"{RESOURCE}/resourceFormat/*",
    "distributionInfo/*/distributionFormat/*",
    "distributionInfo/*/distributor/*/distributorFormat/*",
)

TITLE = "{http://www.w3.org/1999/xlink}title"

UNSAID = {"-", "unknown", "unkown", "n/a", "none", "not applicable", "inapplicable"}
"""Versions of formats that are none, in lower case."""


def resource(root: etree._Element) -> dict[str, Any]:
    """The properties."""
    return {
        "iso:purpose": prose(root, f"{RESOURCE}/purpose"),
        "iso:credits": unique(texts(root, f"{RESOURCE}/credit")),
        "iso:status": code(root, f"{RESOURCE}/status"),
        "iso:supplemental_information": prose(root, f"{RESOURCE}/supplementalInformation"),
        "iso:maintenance_frequency": code(
            root, f"{RESOURCE}/resourceMaintenance/*/maintenanceAndUpdateFrequency"
        ),
        "iso:languages": unique(
            codes(root, f"{RESOURCE}/language")
            + codes(root, f"{RESOURCE}/defaultLocale/*/language")
            + codes(root, f"{RESOURCE}/otherLocale/*/language")
        ),
        "iso:formats": unique([known for known in map(_format, every(root, *FORMATS)) if known]),
        "iso:associations": unique(list(_associations(root))),
        **_resolution(root),
    }


def _resolution(root: etree._Element) -> dict[str, Any]:
    path = f"{RESOURCE}/spatialResolution/*"
    distances = [
        {"value": value, "unit": distance.get("uom") or "m"}
        for distance in every(root, f"{path}/distance/*")
        if (value := numbers.number(says(distance))) is not None
    ]
    scales = texts(root, f"{path}/equivalentScale/*/denominator")
    return {
        "iso:spatial_representation_type": code(root, f"{RESOURCE}/spatialRepresentationType"),
        "iso:resolutions": unique(distances),
        "iso:scale_denominators": unique([int(said) for said in scales if said.isdecimal()]),
        "gsd": numbers.finest((str(d["value"]), str(d["unit"])) for d in distances),
    }


def _format(element: etree._Element) -> dict[str, str]:
    specification = "formatSpecificationCitation/*"
    version = text(element, "version", f"{specification}/edition") or "-"
    return told(
        name=text(element, "name", f"{specification}/title"),
        version=None if version.lower() in UNSAID else version,
    )


def _associations(root: etree._Element) -> Iterator[dict[str, str]]:
    """MD_AggregateInformation of 2003, and MD_AssociatedResource of 2014."""
    for part in every(root, f"{RESOURCE}/aggregationInfo/*", f"{RESOURCE}/associatedResource/*"):
        record = first(part, "metadataReference")
        linked = part if record is None else record
        known = told(
            code=text(part, "aggregateDataSetIdentifier/*/code", "name/*/identifier/*/code")
            or linked.get("uuidref"),
            title=text(part, "aggregateDataSetName/*/title", "name/*/title") or linked.get(TITLE),
            href=linked.get(XLINK),
        )
        if known:
            yield known | told(
                association=code(part, "associationType"), initiative=code(part, "initiativeType")
            )
