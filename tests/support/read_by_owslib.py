"""What OWSLib's parser reads of a record of ISO 19139: the elements that INSPIRE asks for."""

from collections.abc import Iterable
from typing import Any

from lxml import etree
from owslib.iso import CI_ResponsibleParty, MD_Metadata


def facts(record: bytes) -> dict[str, set[Any]]:
    """By INSPIRE's names; nothing of a profile or standard that the parser does not know."""
    root = etree.fromstring(record)
    if root.find("{*}identificationInfo/{http://www.isotc211.org/2005/gmd}*") is None:
        return {}
    read = MD_Metadata(root)
    about = read.identification[0]
    quality = read.dataquality
    degrees = (
        zip(quality.conformancetitle, quality.conformancedegree, strict=False) if quality else ()
    )
    return {
        "title": {_line(about.title)},
        "abstract": _set([_line(about.abstract)]),
        "type": _set([_code(read.hierarchy)]),
        "identifiers": _set(about.uricode),
        "topics": _set(about.topiccategory),
        "keywords": _set(
            _line(keyword.name) for group in about.keywords for keyword in group.keywords
        ),
        "vocabularies": _set(
            (_line(group.thesaurus["title"]), group.thesaurus["date"], group.thesaurus["datetype"])
            for group in about.keywords
            if group.thesaurus and group.thesaurus["title"]
        ),
        "dates": _set((date.date, date.type) for date in about.date if _code(date.type)),
        "lineage": _set([_line(quality.lineage)]) if quality else set(),
        "scales": _set(about.denominators),
        "conformity": _set(degrees),
        "limitations": _set(map(_line, about.uselimitation)),
        "access": _set(map(_code, about.accessconstraints)),
        "other": _set(map(_line, about.otherconstraints)),
        "parties": _set(map(_party, about.contact)),
        "contacts": _set(map(_party, read.contact)),
        "date": _set([(read.datestamp or read.datetimestamp or "")[:10]]),
        "locators": _set(online.url for online in read.distribution.online)
        if read.distribution
        else set(),
    }


def _party(party: CI_ResponsibleParty) -> tuple[str, str, str] | None:
    """Organisation, mail and role; no mail where a placeholder stands for it."""
    mail = _line(party.email) if "@" in (party.email or "") else ""
    role = _code(party.role)
    return (_line(party.organization), mail, role) if party.organization and role else None


def _code(value: str | None) -> str | None:
    """A code; None for numbers of the North American profile, which it does not know."""
    return None if (value or "").startswith("RI_") else value


def _set(values: Iterable[Any]) -> set[Any]:
    return {value for value in values if value not in {None, ""}}


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
