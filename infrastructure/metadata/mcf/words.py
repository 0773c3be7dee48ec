"""Keywords, topics and languages."""

from typing import Any

from infrastructure.languages import code
from infrastructure.metadata.mcf.subject import Subject

TOPICS = "ISO 19115 topic category"
"""The scheme of the themes that are topic categories."""

ENGLISH = "eng"

Groups = dict[str, dict[str, Any]]


def keywords(subject: Subject) -> Groups:
    """Groups of keywords: by vocabulary, by type, those of neither, and by what was acquired."""
    told = subject.told
    words = list(told.get("keywords") or [])
    if not subject.is_record and not subject.is_collection:
        words = [*(subject.collection.get("keywords") or []), *words]
    groups = {**_by_vocabulary(subject), **_by_type(told)}
    grouped = {word for group in groups.values() for word in group["keywords"]}
    free = [word for word in dict.fromkeys(words) if word not in grouped]
    acquired = [] if subject.is_record else _acquired(subject)
    kind = None if subject.is_record else "theme"
    found = {
        "theme": {"keywords_type": kind, "keywords": free},
        "acquisition": {"keywords_type": kind, "keywords": acquired},
        **groups,
    }
    return {name: group for name, group in found.items() if group["keywords"]}


def topics(subject: Subject) -> list[str]:
    """Topic categories; images of the Earth where nobody said anything."""
    said = [word for theme in _themes(subject) if theme["scheme"] == TOPICS for word in _ids(theme)]
    return said or ([] if subject.is_record else ["imageryBaseMapsEarthCover"])


def languages(subject: Subject) -> list[str]:
    """Languages of the resource, as ISO 639-2 has them."""
    said: list[str] = subject.told.get("iso:languages", [])
    return said or ([] if subject.is_record else [ENGLISH])


def language(subject: Subject) -> str | None:
    """The language of the record."""
    said = (subject.told.get("language") or {}).get("code")
    return code(said) if said else None if subject.is_record else ENGLISH


def locales(subject: Subject) -> dict[str, dict[str, str]]:
    """Name of each other language of the record -> its code, and its name in references."""
    told = subject.told
    tags = [one["code"] for one in told.get("languages") or []]
    return {
        tag: {"code": code(tag), "name": f"locale-{tag}"}
        for tag in dict.fromkeys([*tags, *(told.get("iso:translations") or {})])
    }


def _by_vocabulary(subject: Subject) -> Groups:
    known = {one["title"]: one for one in reversed(subject.told.get("iso:thesauri", []))}
    groups = {}
    for number, theme in enumerate(_themes(subject)):
        if theme["scheme"] == TOPICS:
            continue
        vocabulary = known.get(theme["scheme"], {"title": theme["scheme"]})
        groups[f"vocabulary-{number}"] = {
            "keywords": _ids(theme),
            "keywords_type": vocabulary.get("keyword_type"),
            "addresses": {c["id"]: c["url"] for c in theme["concepts"] if c.get("url")},
            "vocabulary": {**vocabulary, "name": theme["scheme"]},
        }
    return groups


def _by_type(told: dict[str, Any]) -> Groups:
    types: dict[str, list[str]] = told.get("iso:keyword_types", {})
    return {f"type-{kind}": {"keywords_type": kind, "keywords": words}
            for kind, words in types.items()}  # fmt: skip


def _acquired(subject: Subject) -> list[str]:
    keys = ("constellation", "platform", "instruments")
    return list(dict.fromkeys(word for key in keys for word in subject.many(key)))


def _themes(subject: Subject) -> list[dict[str, Any]]:
    return subject.told.get("themes") or []


def _ids(theme: dict[str, Any]) -> list[str]:
    return [concept["id"] for concept in theme["concepts"]]
