"""Who may use a resource, and how."""

from typing import Any

from infrastructure.metadata.mcf.subject import Subject


def licence(subject: Subject) -> dict[str, str]:
    """Name and address of the licence, its own or else the collection's."""
    name = subject.told.get("license") or subject.collection.get("license") or ""
    link = subject.link("license")
    return {"name": link.get("title") or name, "url": link.get("href", "")}


def constraints(subject: Subject) -> list[dict[str, Any]]:
    """Blocks of constraints: the record's, or one of the licence."""
    if subject.is_record:
        said = (subject.told.get("rights") or "").split("\n")
        free = [{"text": line} for line in said if line]
        block = {"type": "legal", "access_constraints": ["otherRestrictions"],
                 "other_constraints": free}  # fmt: skip
        blocks: list[dict[str, Any]] = subject.told.get("iso:constraints", [])
        return blocks or ([block] if free else [])
    named = licence(subject)
    if not (named["name"] or named["url"]):
        return []
    text = {"text": named["name"] or named["url"]}
    return [
        {
            "type": "legal",
            "use_limitations": [text],
            "access_constraints": ["otherRestrictions"],
            "other_constraints": [{**text, "href": named["url"]} if named["url"] else text],
        }
    ]
