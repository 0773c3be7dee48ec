"""Who may use a resource, and how (MD_Constraints)."""

from collections.abc import Iterator
from typing import Any

from infrastructure.metadata.iso.tree import Node, code, node, text

CLASSES = {
    "general": "mco:MD_Constraints",
    "legal": "mco:MD_LegalConstraints",
    "security": "mco:MD_SecurityConstraints",
}

RESTRICTION = "mco:MD_RestrictionCode"


def constraints(blocks: list[dict[str, Any]]) -> Iterator[Node | None]:
    """An element for each block of `iso:constraints`."""
    for block in blocks:
        yield node("mri:resourceConstraints", node(CLASSES[block["type"]], *_inside(block)))


def _inside(block: dict[str, Any]) -> Iterator[Node | None]:
    yield from _texts("mco:useLimitation", block.get("use_limitations", []))
    for use in ("access", "use"):
        for restriction in block.get(f"{use}_constraints", []):
            yield code(f"mco:{use}Constraints", RESTRICTION, restriction)
    yield from _texts("mco:otherConstraints", block.get("other_constraints", []))
    yield code("mco:classification", "mco:MD_ClassificationCode", block.get("classification"))


def _texts(name: str, told: list[dict[str, str]]) -> Iterator[Node | None]:
    for said in told:
        yield text(name, said.get("text"), said.get("href"))
