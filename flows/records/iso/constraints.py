"""Who may use a resource, and how (MD_Constraints)."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records.elements import codes, every, links, name, says, text, texts
from flows.records.iso import told, unique

TYPES = {"MD_LegalConstraints": "legal", "MD_SecurityConstraints": "security"}
"""Class of constraints -> type; the others are general."""


def constraints(root: etree._Element) -> dict[str, Any]:
    """The property that keeps them as they are: which text goes with which restriction."""
    found = (_block(part) for part in _parts(root))
    return {"iso:constraints": unique([block for block in found if len(block) > 1])}


def said(root: etree._Element) -> list[str]:
    """All of them as text: what they say, addresses of licences, codes of restrictions."""
    found = _parts(root)
    told = [said for part in found for said in texts(part, "useLimitation", "otherConstraints")]
    anchors = [link for part in found for link in links(part) if link.startswith("http")]
    titles = [title for part in found for title in texts(part, "reference/*/title")]
    return [*told, *titles, *(link for link in anchors if link not in told), *_codes(found)]


def _parts(root: etree._Element) -> list[etree._Element]:
    return every(root, "identificationInfo/*/resourceConstraints/*")


def _block(part: etree._Element) -> dict[str, Any]:
    references = [
        told(text=text(found, "title"), href=text(found, "onlineResource/*/linkage"))
        for found in every(part, "reference/*")
    ]
    return told(
        type=TYPES.get(name(part), "general"),
        use_limitations=list(_texts(part, "useLimitation")),
        access_constraints=codes(part, "accessConstraints"),
        use_constraints=codes(part, "useConstraints"),
        other_constraints=[*_texts(part, "otherConstraints"), *filter(None, references)],
        classification=next(iter(codes(part, "classification")), None),
    )


def _texts(part: etree._Element, path: str) -> Iterator[dict[str, str]]:
    for element in every(part, path):
        known = told(text=" ".join(says(element).split()), href=next(links(element), None))
        if known:
            yield known


def _codes(found: list[etree._Element]) -> Iterator[str]:
    """Codes of restrictions in words; the one that stands for text beside it says nothing."""
    for kind in ("access", "use"):
        known = {code for part in found for code in codes(part, f"{kind}Constraints")}
        for restriction in sorted(known - {"otherRestrictions"}):
            yield f"{kind}: {restriction}"
