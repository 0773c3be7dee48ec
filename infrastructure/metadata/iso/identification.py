"""What a record is about: data or a service (MD_Identification)."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from infrastructure.metadata.iso.citation import citation, cited, identifier, localised
from infrastructure.metadata.iso.constraints import constraints
from infrastructure.metadata.iso.distribution import online
from infrastructure.metadata.iso.extents import extents
from infrastructure.metadata.iso.keywords import keywords, topics
from infrastructure.metadata.iso.parties import parties
from infrastructure.metadata.iso.tree import (
    HREF,
    Node,
    code,
    language,
    leaf,
    nil,
    node,
    text,
)

Record = dict[str, Any]

ORDER_2003 = ("about", "contacts", "upkeep", "relations", "nature", "languages", "topics", "extent")
ORDER_2014 = ("about", "contacts", "nature", "topics", "extent", "upkeep", "relations", "languages")
"""Which parts come after which: the standards have the same ones in different orders."""


def identification(record: Record, is_2014: bool) -> Node | None:
    """The section that says what the resource is."""
    if record["service"]:
        return node("mdb:identificationInfo", _service(record, is_2014))
    parts = _parts(record, is_2014)
    order = ORDER_2014 if is_2014 else ORDER_2003
    more = text("mri:supplementalInformation", record["identification"]["supplement"])
    inside = chain.from_iterable(parts[name] for name in order)
    return node("mdb:identificationInfo", node("mri:MD_DataIdentification", *inside, more))


def _parts(record: Record, is_2014: bool) -> dict[str, list[Node | None]]:
    facts = record["identification"]
    extent = "mri:extent"
    return {
        "about": list(_about(record, is_2014)),
        "contacts": list(parties("mri:pointOfContact", record["contacts"]["resource"], is_2014)),
        "upkeep": list(_upkeep(facts, is_2014)),
        "relations": [_association(other, is_2014) for other in facts["associations"]],
        "nature": list(_nature(record)),
        "languages": list(_languages(facts["languages"], is_2014)),
        "topics": list(topics(facts["topiccategory"])),
        "extent": list(extents(facts["extents"], extent, is_2014)),
    }


def _about(record: Record, is_2014: bool) -> Iterator[Node | None]:
    facts, translated = record["identification"], record["translations"]
    titles, abstracts = ({k: v[key] for k, v in translated.items() if key in v}
                         for key in ("title", "description"))  # fmt: skip
    yield node("mri:citation", citation(facts, titles, record["metadata"]["dataseturi"], is_2014))
    yield (localised("mri:abstract", facts["abstract"], abstracts, is_2014) or nil("mri:abstract"))
    yield text("mri:purpose", facts["purpose"])
    for credit in facts["credits"]:
        yield text("mri:credit", credit)
    yield code("mri:status", "mcc:MD_ProgressCode", facts["status"])


def _nature(record: Record) -> Iterator[Node | None]:
    facts = record["identification"]
    yield code(
        "mri:spatialRepresentationType",
        "mcc:MD_SpatialRepresentationTypeCode",
        record["spatial"]["datatype"],
    )
    for scale in facts["scales"]:
        fraction = node(
            "mri:MD_RepresentativeFraction", leaf("mri:denominator", "gco:Integer", scale)
        )
        yield _resolution(node("mri:equivalentScale", fraction))
    for step in facts["resolutions"]:
        distance: Node = ("gco:Distance", {"uom": step["unit"]}, str(step["value"]))
        yield _resolution(("mri:distance", {}, [distance]))


def _resolution(told: Node | None) -> Node | None:
    return node("mri:spatialResolution", node("mri:MD_Resolution", told))


def _upkeep(facts: dict[str, Any], is_2014: bool) -> Iterator[Node | None]:
    frequency = code(
        "mmi:maintenanceAndUpdateFrequency",
        "mmi:MD_MaintenanceFrequencyCode",
        facts["maintenancefrequency"],
    )
    yield node("mri:resourceMaintenance", node("mmi:MD_MaintenanceInformation", frequency))
    for graphic in facts["graphics"]:
        yield node(
            "mri:graphicOverview",
            node(
                "mcc:MD_BrowseGraphic",
                text("mcc:fileName", graphic["url"]),
                text("mcc:fileDescription", graphic.get("description")),
                text("mcc:fileType", graphic.get("type")),
            ),
        )
    yield from keywords(facts["keywords"], is_2014)
    yield from constraints(facts["constraints"])


def _languages(told: list[str], is_2014: bool) -> Iterator[Node | None]:
    if not is_2014:
        yield from [language("mri:language", one) for one in told] or [nil("mri:language")]
        return
    names = ["mri:defaultLocale", *["mri:otherLocale"] * len(told)]
    for name, one in zip(names, told, strict=False):
        yield node(name, locale(one))


def locale(code3: str, name: str | None = None, element: str = "lan:language") -> Node | None:
    """A PT_Locale with texts in UTF-8.

    Args:
        code3: Language as ISO 639-2 has it.
        name: What texts refer to it by.
        element: Of the language: `lan:languageCode` in 2003.
    """
    encoding = code("lan:characterEncoding", "lan:MD_CharacterSetCode", "utf8")
    attributes = {"id": name} if name else {}
    return node("lan:PT_Locale", language(element, code3), encoding, **attributes)


def _association(other: dict[str, str], is_2014: bool) -> Node | None:
    kind = code("mri:associationType", "mri:DS_AssociationTypeCode", other.get("association"))
    why = code("mri:initiativeType", "mri:DS_InitiativeTypeCode", other.get("initiative"))
    title, name = other.get("title"), other.get("code")
    if is_2014:
        known = cited({"title": title or "", "identifier": name or ""}, True)
        href = other.get("href")
        record: Node | None = ("mri:metadataReference", {HREF: href}, "") if href else None
        inside = [node("mri:name", known), kind or nil("mri:associationType"), why, record]
        return node("mri:associatedResource", node("mri:MD_AssociatedResource", *inside))
    named = node("mri:aggregateDataSetName", cited({"title": title}, False) if title else None)
    told = identifier("mri:aggregateDataSetIdentifier", name)
    linked = {HREF: other["href"]} if "href" in other and not (named or told) else {}
    kind = kind or nil("mri:associationType")
    return node("mri:aggregationInfo", node("mri:MD_AggregateInformation", named, told, kind, why,
                                            **linked))  # fmt: skip


def _service(record: Record, is_2014: bool) -> Node | None:
    told = record["service"]
    parts = _parts(record, is_2014)
    kind: Node = ("srv:serviceType", {}, [(_name(is_2014), {}, told["type"])])
    coupling = code("srv:couplingType", "srv:SV_CouplingType", told["coupling"])
    extent = extents(record["identification"]["extents"], "srv:extent", is_2014)
    operations = [
        _operation(one, is_2014)
        for one in record["distribution"].values()
        if one.get("operation")
    ]  # fmt: skip
    targets = [_target(one) for one in told["operates_on"]]
    names = ("about", "contacts", *(("topics", "extent") if is_2014 else ()), "upkeep", "relations")
    general = chain.from_iterable(parts[name] for name in names)
    special = [kind, coupling] if is_2014 else [kind, *extent, coupling]
    return node("srv:SV_ServiceIdentification", *general, *special,
                *(operations or [nil("srv:containsOperations")]), *targets)  # fmt: skip


def _target(told: dict[str, str]) -> Node:
    """What a service works on, by the identifier and the address of its record."""
    names = {"code": "uuidref", "href": HREF}
    return ("srv:operatesOn", {names[k]: v for k, v in told.items() if k in names}, "")


def _name(is_2014: bool) -> str:
    return "gco:ScopedName" if is_2014 else "gco:LocalName"


def _operation(told: dict[str, Any], is_2014: bool) -> Node | None:
    platform = "srv:distributedComputingPlatform" if is_2014 else "srv:DCP"
    return node(
        "srv:containsOperations",
        node(
            "srv:SV_OperationMetadata",
            text("srv:operationName", told["operation"]),
            code(platform, "srv:DCPList", "WebServices"),
            node("srv:connectPoint", online(told, is_2014)),
        ),
    )
