"""A record as a whole (MD_Metadata), as output schema of pygeometa."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from pygeometa.schemas.base import BaseOutputSchema

from infrastructure.metadata.iso.citation import cited, identifier
from infrastructure.metadata.iso.content import acquisition, content
from infrastructure.metadata.iso.distribution import distribution
from infrastructure.metadata.iso.identification import identification, locale
from infrastructure.metadata.iso.parties import parties
from infrastructure.metadata.iso.quality import quality
from infrastructure.metadata.iso.tree import Dialect, Node, code, date, language, nil, node, text

Record = dict[str, Any]


class IsoSchema(BaseOutputSchema):  # type: ignore[misc]
    """ISO metadata in XML, in one of its dialects."""

    def __init__(self, name: str, dialect: Dialect) -> None:
        super().__init__(name, dialect.title, "xml")
        self.dialect = dialect

    def write(self, mcf: Record, stringify: bool = True) -> str:  # noqa: ARG002
        """The record as XML with a declaration of UTF-8.

        Args:
            mcf: As `infrastructure.metadata.mcf` makes it.
            stringify: pygeometa's; a record is always text.

        Raises:
            Invalid: there is text that XML cannot carry.
        """
        is_2014 = self.dialect.is_2014
        head = _head_2014(mcf, self.dialect) if is_2014 else _head_2003(mcf, self.dialect)
        made = acquisition(mcf["acquisition"], is_2014) if self.dialect.has_acquisition else None
        sections = chain(
            head,
            (_system(system, is_2014) for system in mcf["spatial"]["systems"]),
            [identification(mcf, is_2014), content(mcf["content_info"], is_2014)],
            [distribution(mcf, is_2014)],
            quality(mcf["dataquality"], is_2014),
            [made],
        )
        return self.dialect.write(list(sections), mcf["metadata"]["subject"])


def _head_2003(record: Record, dialect: Dialect) -> Iterator[Node | None]:
    told = record["metadata"]
    yield text("mdb:fileIdentifier", told["identifier"])
    yield language("mdb:language", told["language"])
    yield code("mdb:characterSet", "lan:MD_CharacterSetCode", "utf8")
    yield text("mdb:parentIdentifier", told["parentidentifier"])
    yield code("mdb:hierarchyLevel", "mcc:MD_ScopeCode", told["hierarchylevel"])
    yield from parties("mdb:contact", record["contacts"]["metadata"], is_2014=False)
    yield date("mdb:dateStamp", told["datestamp"]) or nil("mdb:dateStamp")
    standard = _standard(told, dialect)
    yield text("mdb:metadataStandardName", standard.get("name"))
    yield text("mdb:metadataStandardVersion", standard.get("version"))
    yield text("mdb:dataSetURI", told["dataseturi"])
    for one in told["locales"]:
        yield node("mdb:locale", locale(one["code"], one["name"], "lan:languageCode"))


def _head_2014(record: Record, dialect: Dialect) -> Iterator[Node | None]:
    told = record["metadata"]
    standard = _standard(told, dialect)
    about = {"title": standard.get("name", ""), "edition": standard.get("version", "")}
    parent = {"title": told["parentidentifier"], "identifier": told["parentidentifier"]}
    yield identifier("mdb:metadataIdentifier", told["identifier"])
    yield node("mdb:defaultLocale", locale(told["language"]) if told["language"] else None)
    yield node("mdb:parentMetadata", cited(parent, True) if told["parentidentifier"] else None)
    level = code("mdb:resourceScope", "mcc:MD_ScopeCode", told["hierarchylevel"])
    yield node("mdb:metadataScope", node("mdb:MD_MetadataScope", level))
    yield from parties("mdb:contact", record["contacts"]["metadata"], is_2014=True)
    stamps = {"revision": told["datestamp"], "creation": told["created"]}
    dated = [_stamp(kind, when) for kind, when in stamps.items() if when]
    yield from dated or [nil("mdb:dateInfo", "unknown")]
    yield node("mdb:metadataStandard", cited(about, True) if standard else None)
    for one in told["locales"]:
        yield node("mdb:otherLocale", locale(one["code"], one["name"]))


def _standard(told: Record, dialect: Dialect) -> dict[str, str]:
    """What a harvested record said of itself, or the dialect."""
    standard: dict[str, str] | None = told["standard"]
    return {"name": dialect.title} if standard is None else standard


def _stamp(kind: str, when: str) -> Node | None:
    dated = (date("cit:date", when), code("cit:dateType", "cit:CI_DateTypeCode", kind))
    return node("mdb:dateInfo", node("cit:CI_Date", *dated))


def _system(system: dict[str, str], is_2014: bool) -> Node | None:
    known = node(
        "mcc:MD_Identifier" if is_2014 else "mcc:RS_Identifier",
        text("mcc:code", system["code"]),
        text("mcc:codeSpace", system.get("code_space")),
        text("mcc:version", system.get("version")),
    )
    named = node("mrs:referenceSystemIdentifier", known)
    return node("mdb:referenceSystemInfo", node("mrs:MD_ReferenceSystem", named))
