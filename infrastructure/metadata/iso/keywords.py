"""Keywords with their vocabularies, and topic categories (MD_Keywords)."""

from collections.abc import Iterator
from typing import Any

from infrastructure.metadata.iso.citation import cited
from infrastructure.metadata.iso.tree import Node, code, leaf, node, text


def keywords(groups: dict[str, dict[str, Any]], is_2014: bool) -> Iterator[Node | None]:
    """An element for each group of the MCF's `keywords`."""
    for group in groups.values():
        vocabulary = group.get("vocabulary")
        addresses = group.get("addresses", {})
        yield node(
            "mri:descriptiveKeywords",
            node(
                "mri:MD_Keywords",
                *(text("mri:keyword", word, addresses.get(word)) for word in group["keywords"]),
                code("mri:type", "mri:MD_KeywordTypeCode", group.get("keywords_type")),
                node("mri:thesaurusName", cited(vocabulary, is_2014) if vocabulary else None),
            ),
        )


def topics(categories: list[str]) -> Iterator[Node | None]:
    """An element for each topic category."""
    for category in categories:
        yield leaf("mri:topicCategory", "mri:MD_TopicCategoryCode", category)
