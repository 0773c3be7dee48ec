"""Elements of ISO records: nodes that know no standard, and the dialects that write them.

A node is a name with a prefix of 2014 (`cit:title`), its attributes, and what is in it. A node that
would be empty is None, and so is what would hold nothing else: what is not known is not written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from infrastructure.errors import Invalid

Node = tuple[str, Mapping[str, str], "str | Sequence[Node]"]

CODES = "http://standards.iso.org/iso/19115/resources/Codelists/cat/codelists.xml"
LANGUAGES = "http://www.loc.gov/standards/iso639-2/"

NIL = "gco:nilReason"
HREF = "xlink:href"


def node(name: str, *children: Node | None, **attributes: str) -> Node | None:
    """An element of those of its children that there are; None without any."""
    there = [child for child in children if child is not None]
    return (name, attributes, there) if there or attributes else None


def nil(name: str, reason: str = "missing") -> Node:
    """An element that the standard asks for and that is not known."""
    return (name, {NIL: reason}, "")


def leaf(name: str, kind: str, value: object) -> Node | None:
    """An element with a value of a type, such as `gco:Decimal`."""
    return None if value in (None, "") else (name, {}, [(kind, {}, str(value))])


def text(name: str, said: object, href: str | None = None) -> Node | None:
    """An element with text, anchored to an address if it has one."""
    if href:
        return (name, {}, [("gcx:Anchor", {HREF: href}, str(said or href))])
    return leaf(name, "gco:CharacterString", said)


def code(name: str, kind: str, value: str | None) -> Node | None:
    """An element with a value of a code list, such as `cit:CI_RoleCode`."""
    if not value:
        return None
    codes = f"{CODES}#{kind.partition(':')[2]}"
    return (name, {}, [(kind, {"codeList": codes, "codeListValue": value}, value)])


def language(name: str, value: str | None) -> Node | None:
    """An element with a language as ISO 639-2 has it."""
    if not value:
        return None
    attributes = {"codeList": LANGUAGES, "codeListValue": value}
    return (name, {}, [("lan:LanguageCode", attributes, value)])


def date(name: str, said: str | None) -> Node | None:
    """An element with a date, or with a date and time."""
    kind = "gco:DateTime" if said and "T" in said else "gco:Date"
    return leaf(name, kind, said)


@dataclass(frozen=True)
class Dialect:
    """How one standard writes nodes."""

    root: str
    spaces: Mapping[str, str]
    """Prefix of 2014 -> namespace."""
    prefixes: Mapping[str, str]
    """Prefix in the document -> namespace."""
    is_2014: bool = False
    has_acquisition: bool = True
    title: str = ""

    def write(self, sections: Sequence[Node | None], subject: str) -> str:
        """The record of these sections.

        Raises:
            Invalid: there is text that XML cannot carry.
        """
        root = etree.Element(self._tag(self.root), nsmap=dict(self.prefixes))
        try:
            for section in sections:
                self._add(root, section)
        except (ValueError, UnicodeEncodeError) as error:
            raise Invalid(f"{subject}: its text cannot be written as XML: {error}") from error
        written = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
        return written.decode()

    def _add(self, parent: etree._Element, section: Node | None) -> None:
        if section is None:
            return
        name, attributes, inside = section
        element = etree.SubElement(parent, self._tag(name))
        for key, value in attributes.items():
            element.set(self._tag(key) if ":" in key else key, value)
        if isinstance(inside, str):
            element.text = inside or None
            return
        for child in inside:
            self._add(element, child)

    def _tag(self, name: str) -> str:
        found = self._tags.get(name)
        if found is None:
            prefix, _, local = name.partition(":")
            found = self._tags[name] = f"{{{self.spaces[prefix]}}}{local}"
        return found

    @cached_property
    def _tags(self) -> dict[str, str]:
        """Name -> name with its namespace, of all that were written."""
        return {}
