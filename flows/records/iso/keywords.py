"""Keywords, their vocabularies, and topic categories (MD_Keywords)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from flows.records.elements import code, every, links, says, text, texts
from flows.records.iso import told, unique

TOPICS = "ISO 19115 topic category"

UNTYPED = {None, "theme", "_none_"}
"""Types of keywords that say nothing."""


@dataclass(frozen=True)
class Group:
    """Keywords that belong together."""

    words: dict[str, str | None]
    """Word -> the address that it is anchored to."""
    kind: str | None
    """MD_KeywordTypeCode."""
    thesaurus: dict[str, str]
    """What the record tells of the vocabulary."""


def groups(root: etree._Element) -> list[Group]:
    """The groups that have words."""
    found = (_group(e) for e in every(root, "identificationInfo/*/descriptiveKeywords/*"))
    return [group for group in found if group.words]


def words(groups: list[Group]) -> list[str]:
    """All of them."""
    return [word for group in groups for word in group.words]


def anchors(groups: list[Group]) -> dict[str, str]:
    """The addresses of those that have one."""
    return {word: href for group in groups for word, href in group.words.items() if href}


def themes(groups: list[Group], root: etree._Element) -> list[tuple[str, list[str]]]:
    """Each vocabulary with its words, and the topic categories."""
    found: dict[str, list[str]] = {}
    for group in groups:
        if title := group.thesaurus.get("title"):
            found.setdefault(title, []).extend(group.words)
    return [*found.items(), (TOPICS, texts(root, "identificationInfo/*/topicCategory"))]


def kinds(groups: list[Group]) -> dict[str, Any]:
    """The properties beside `keywords` and `themes`: what is known of vocabularies and types."""
    types: dict[str, list[str]] = {}
    for group in groups:
        if not group.thesaurus.get("title") and group.kind not in UNTYPED:
            types.setdefault(str(group.kind), []).extend(group.words)
    thesauri = (group.thesaurus for group in groups if group.thesaurus.get("title"))
    return {
        "iso:thesauri": unique(list(thesauri)),
        "iso:keyword_types": {kind: unique(found) for kind, found in types.items()},
    }


def _group(element: etree._Element) -> Group:
    kind = code(element, "type")
    return Group(dict(_words(element)), kind, _thesaurus(element, kind))


def _words(element: etree._Element) -> Iterator[tuple[str, str | None]]:
    for keyword in every(element, "keyword"):
        if said := " ".join(says(keyword).split()):
            yield said, next(links(keyword), None)


def _thesaurus(element: etree._Element, kind: str | None) -> dict[str, str]:
    title = every(element, "thesaurusName/*/title")
    return told(
        title=text(element, "thesaurusName/*/title"),
        href=next((href for part in title for href in links(part)), None),
        date=text(element, "thesaurusName/*/date/*/date"),
        date_type=code(element, "thesaurusName/*/date/*/dateType"),
        identifier=text(element, "thesaurusName/*/identifier/*/code"),
        keyword_type=None if kind == "_none_" else kind,
    )
