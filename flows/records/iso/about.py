"""The record itself: its language, standard, scope and contacts (ISO 19115-1, MD_Metadata)."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records import people
from flows.records.elements import code, every, first, name, says, text
from flows.records.iso import PLACEHOLDERS, told
from flows.records.iso.parties import party
from infrastructure.languages import tag

LOCALES = ("locale/PT_Locale", "otherLocale/PT_Locale", "defaultLocale/PT_Locale")
TRANSLATED = {"title": "identificationInfo/*/citation/*/title",
              "description": "identificationInfo/*/abstract"}  # fmt: skip
"""Property -> the element that may have translations (PT_FreeText)."""


def about(root: etree._Element) -> dict[str, Any]:
    """The properties."""
    main = tag(language(root))
    translations = _translations(root, main)
    others = dict.fromkeys(
        [*(tag for tag in _locales(root).values() if tag != main), *translations]
    )
    contacts = [party(element) for element in every(root, "contact/*")]
    return {
        "language": told(code=main),
        "languages": [{"code": other} for other in others],
        "iso:translations": translations,
        "iso:hierarchy_level": level(root),
        "iso:metadata_contacts": people.contacts(contacts),
        "iso:metadata_standard": told(
            name=text(root, "metadataStandardName", "metadataStandard/*/title"),
            version=text(root, "metadataStandardVersion", "metadataStandard/*/edition"),
        ),
        "iso:dataset_uri": text(root, "dataSetURI"),
    }


def level(root: etree._Element) -> str | None:
    """MD_ScopeCode of what the record describes: `dataset`, `series`, `service` ..."""
    return code(root, "hierarchyLevel") or code(root, "metadataScope/*/resourceScope")


def parent(root: etree._Element) -> str | None:
    """The identifier of the record above this one."""
    said = text(root, "parentIdentifier", "parentMetadata/*/identifier/*/code")
    linked = first(root, "parentMetadata")
    if said is None and linked is not None:
        said = linked.get("uuidref")
    return None if said in PLACEHOLDERS else said


def stamps(root: etree._Element) -> tuple[str | None, str | None]:
    """When the record was written first and changed last."""
    dates = {code(date, "dateType"): text(date, "date") for date in every(root, "dateInfo/*")}
    created = dates.get("creation")
    return created, text(root, "dateStamp") or dates.get("revision") or created


def language(root: etree._Element) -> str | None:
    """The language that the record is written in, as it says it."""
    return code(root, "language") or code(root, "defaultLocale/*/language")


def _locales(root: etree._Element) -> dict[str, str]:
    """Name that texts refer to -> tag of the language."""
    found = every(root, *LOCALES)
    named = ((e.get("id") or "", code(e, "languageCode") or code(e, "language")) for e in found)
    return {name: known for name, said in named if (known := tag(said))}


def _translations(root: etree._Element, main: str | None) -> dict[str, dict[str, str]]:
    """Tag of a language -> what is said in it."""
    locales, found = _locales(root), dict[str, dict[str, str]]()
    for key, path in TRANSLATED.items():
        for element in every(root, path)[:1]:
            for locale, said in _localised(element):
                language = locales.get(locale) or tag(locale)
                if language and language != main:
                    found.setdefault(language, {}).setdefault(key, said)
    return found


def _localised(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Reference to a locale, and the text in it."""
    for part in element.iter(etree.Element):
        if name(part) == "LocalisedCharacterString" and (said := says(part)):
            yield part.get("locale", "").removeprefix("#"), said
