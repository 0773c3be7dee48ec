"""How a resource is cited (CI_Citation)."""

from typing import Any

from infrastructure.metadata.iso.tree import Node, code, date, leaf, nil, node, text

Facts = dict[str, Any]


def citation(
    facts: Facts, translated: dict[str, str], uri: str | None, is_2014: bool
) -> Node | None:
    """The citation of the resource.

    Args:
        facts: The MCF's `identification`, with what it has no name for.
        translated: Name of a locale -> the title in it.
        uri: Where the resource is; the head of the record tells it in 2003.
        is_2014: Which standard is written.
    """
    linkage = leaf("cit:linkage", "gco:CharacterString", uri if is_2014 else None)
    return node(
        "cit:CI_Citation",
        localised("cit:title", facts["title"], translated, is_2014),
        *(text("cit:alternateTitle", title) for title in facts["alternate_titles"]),
        *(_dates(facts["all_dates"]) or [nil("cit:date")]),
        text("cit:edition", facts.get("edition")),
        *(_identifier(known, is_2014) for known in facts["identifiers"]),
        code(
            "cit:presentationForm",
            "cit:CI_PresentationFormCode",
            facts["presentation_form"],
        ),
        text("cit:otherCitationDetails", facts["citation_details"]),
        node("cit:onlineResource", node("cit:CI_OnlineResource", linkage)),
    )


def cited(about: dict[str, str], is_2014: bool) -> Node | None:
    """The citation of another thing: a thesaurus, a specification."""
    when = about.get("date")
    told = {"type": about.get("date_type") or "publication", "date": when}
    missing = None if is_2014 else nil("cit:date")
    return node(
        "cit:CI_Citation",
        text("cit:title", about.get("title"), about.get("href")) or nil("cit:title"),
        *(_dates([told] if when else []) or [missing]),
        text("cit:edition", about.get("edition")),
        identifier("cit:identifier", about.get("identifier")),
    )


def localised(
    name: str, said: str | None, translated: dict[str, str], is_2014: bool
) -> Node | None:
    """Text, with what it is in other locales of the record (PT_FreeText)."""
    main = text(name, said)
    if main is None or not translated:
        return main
    said_first: list[Node] = [("gco:CharacterString", {}, str(said))]
    others = [
        node("lan:textGroup", ("lan:LocalisedCharacterString", {"locale": f"#{locale}"}, other))
        for locale, other in translated.items()
    ]
    free = node("lan:PT_FreeText", *others)
    kind = "lan:PT_FreeText_PropertyType" if is_2014 else "gmd:PT_FreeText_PropertyType"
    return (name, {"xsi:type": kind}, [*said_first, *([free] if free else [])])


def identifier(name: str, value: str | None, href: str | None = None) -> Node | None:
    """An element with an MD_Identifier that is but a code."""
    return node(name, node("mcc:MD_Identifier", text("mcc:code", value, href)))


def _dates(told: list[dict[str, Any]]) -> list[Node | None]:
    return [
        node(
            "cit:date",
            node(
                "cit:CI_Date",
                date("cit:date", when["date"]),
                code("cit:dateType", "cit:CI_DateTypeCode", when["type"]),
            ),
        )
        for when in told
    ]


def _identifier(known: dict[str, str], is_2014: bool) -> Node | None:
    space = known.get("code_space")
    authority = known.get("authority")
    kind = "mcc:RS_Identifier" if space and not is_2014 else "mcc:MD_Identifier"
    return node(
        "cit:identifier",
        node(
            kind,
            node("mcc:authority", cited({"title": authority}, is_2014) if authority else None),
            text("mcc:code", known.get("code"), known.get("href")),
            text("mcc:codeSpace", space),
        ),
    )
