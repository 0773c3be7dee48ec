"""How to get a resource (MD_Distribution)."""

from collections.abc import Iterator
from typing import Any

from infrastructure.metadata.iso.citation import cited
from infrastructure.metadata.iso.parties import parties
from infrastructure.metadata.iso.tree import Node, code, leaf, nil, node, text

Online = dict[str, Any]
"""An entry of the MCF's `distribution`."""


def distribution(record: dict[str, Any], is_2014: bool) -> Node | None:
    """Formats, distributors and addresses."""
    told = record["distribution"].values()
    called = record["service"] is not None
    transfers = [
        node("mrd:onLine", online(one, is_2014))
        for one in told
        if not (called and one.get("operation"))
    ]
    formats = [_format(known, is_2014) for known in record["identification"]["formats"]]
    return node(
        "mdb:distributionInfo",
        node(
            "mrd:MD_Distribution",
            *(node("mrd:distributionFormat", known) for known in formats),
            *_distributors(record["contacts"]["distributors"], is_2014),
            node("mrd:transferOptions", node("mrd:MD_DigitalTransferOptions", *transfers)),
        ),
    )


def online(told: Online, is_2014: bool) -> Node | None:
    """An address."""
    return node(
        "cit:CI_OnlineResource",
        leaf("cit:linkage", "gco:CharacterString" if is_2014 else "cit:URL", told["url"]),
        text("cit:protocol", told.get("type")),
        text("cit:name", told.get("name")),
        text("cit:description", told.get("description")),
        code("cit:function", "cit:CI_OnLineFunctionCode", told.get("function")),
    )


def _distributors(contacts: list[dict[str, Any]], is_2014: bool) -> Iterator[Node | None]:
    for party in parties("mrd:distributorContact", contacts, is_2014):
        yield node("mrd:distributor", node("mrd:MD_Distributor", party))


def _format(known: dict[str, str], is_2014: bool) -> Node | None:
    if is_2014:
        about = {"title": known["name"], "edition": known.get("version", "")}
        return node("mrd:MD_Format", node("mrd:formatSpecificationCitation", cited(about, True)))
    version = text("mrd:version", known.get("version")) or nil("mrd:version", "unknown")
    return node("mrd:MD_Format", text("mrd:name", known.get("name")), version)
