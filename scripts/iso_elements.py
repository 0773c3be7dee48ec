"""Which elements metadata records use, and what becomes of each: found out by changing it.

An element's home in STAC is what changes in the item when the element's value is changed in the
record. It comes back if the item, written as a record again and read once more, still has the
changed value there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from flows.records import standards
from scripts.round_trips import Document, Writer, again, differences, fields, read

ATTRIBUTES = ("{http://www.w3.org/1999/xlink}href", "uuidref", "uom", "codeListValue")
"""Attributes that say something."""

OTHERS = "http://www.fao.org/geonetwork"
"""Namespace of what a catalogue puts into records for itself."""

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
DERIVED = {"swath:datetime_from", "stac_extensions"}
"""Of an item: what only says how something else was found."""


@dataclass
class Element:
    """One path of names, in all records."""

    records: int = 0
    homes: tuple[str, ...] = ()
    """Fields of the item that follow it."""
    tries: int = 0
    """In how many records it was changed, and the item followed."""
    returns: dict[str, bool] = field(default_factory=dict)
    """Standard -> whether a record of it, made of the item, tells it again."""


@dataclass(frozen=True)
class Leaf:
    """A value in a record: the text of an element, or one of its attributes."""

    path: str
    element: etree._Element
    attribute: str | None


def elements(found: list[bytes], writers: dict[str, Writer], tries: int = 3) -> dict[str, Element]:
    """All elements by their paths.

    Args:
        found: Records of one standard.
        writers: Standard -> what writes records of it.
        tries: In how many records each element is changed with an effect, at most.
    """
    known: dict[str, Element] = {}
    for record in found:
        item = read(record)
        by_path: dict[str, list[Leaf]] = {}
        for leaf in leaves(standards.begin(record, "record")):
            by_path.setdefault(leaf.path, []).append(leaf)
        for path, here in by_path.items():
            element = known.setdefault(path, Element())
            element.records += 1
            if item is not None and element.tries < tries:
                _observe(element, item, here, writers)
    return dict(sorted(known.items()))


def leaves(root: etree._Element) -> Iterator[Leaf]:
    """The values of a record."""
    for element in root.iter(etree.Element):
        if any(etree.QName(e).namespace == OTHERS for e in (element, *element.iterancestors())):
            continue
        path = _path(element, without_classes=(standards.of(root) or "").startswith("iso"))
        if (element.text or "").strip() and not element.get("codeListValue"):
            yield Leaf(path, element, None)
        for attribute in ATTRIBUTES:
            if element.get(attribute):
                name = etree.QName(attribute).localname
                suffix = "" if attribute == "codeListValue" else f"/@{name}"
                yield Leaf(f"{path}{suffix}", element, attribute)


def homes(before: Document, after: Document) -> tuple[str, ...]:
    """The fields in which an item has values that it did not have before, two levels deep."""
    return tuple(sorted({path for path, _ in set(fields(after)) - set(fields(before))} - DERIVED))


def returned(item: Document, writer: Writer, paths: tuple[str, ...]) -> bool:
    """Whether fields of an item are the same after it was written as a record and read again."""
    found = again(item, writer)
    return found is not None and not differences(item, found).intersection(paths)


def _observe(
    element: Element, item: Document, here: list[Leaf], writers: dict[str, Writer]
) -> None:
    """Change the element, and see what becomes of it; where it is there several times, one."""
    changed = [(homes(item, after), after) for leaf in here[:5] if (after := _changed(leaf))]
    effective = [(paths, after) for paths, after in changed if paths]
    if not effective:
        return
    paths, after = min(effective, key=lambda pair: len(pair[0]))
    element.tries += 1
    if not element.homes or len(paths) < len(element.homes):
        element.homes = paths
    for standard, writer in writers.items():
        same = returned(after, writer, paths)
        element.returns[standard] = element.returns.get(standard, True) and same


def _changed(leaf: Leaf) -> Document | None:
    """The item of the record with another value there."""
    element, name = leaf.element, leaf.attribute
    text, value = element.text, element.get(name) if name else ""
    other = _other(leaf.path, (value if name else text) or "")
    if name:
        element.set(name, other)
    if name in {None, "codeListValue"}:
        element.text = other
    try:
        return read(etree.tostring(element.getroottree().getroot()))
    finally:
        element.text = text
        if name:
            element.set(name, value or "")


KINDS: list[tuple[str, str, Callable[[str], str]]] = [
    (r".*/@uom", r".*", lambda _: "km"),
    (r".*(language|languageCode)", r".*", lambda _: "swe"),
    (r".*/progress|.*Progress", r".*", lambda _: "Planned"),
    (r".*status/update", r".*", lambda _: "Weekly"),
    (r".*/direct", r".*", lambda value: "Raster" if value == "Vector" else "Vector"),
    (r"type", r".*", lambda value: "Dataset" if "Service" in value else "Service"),
    (r".*(voice|facsimile|phone/number|Phone|Fax|cntfax)", r".*", lambda _: "+4912345678"),
    (r".*(?<!ude)", r"true|0", lambda value: "false" if value == "true" else "1"),
    (r".*(?<!ude)", r"false|1", lambda value: "true" if value == "false" else "0"),
    (r".*/end\w*", r"\d{4}-\d\d-\d\d", lambda _: "2031-02-03"),
    (r".*/end\w*", r"\d{4}-\d\d-\d\dT.*", lambda _: "2031-02-03T04:05:06Z"),
    (r".*", r"\d{4}-\d\d-\d\d", lambda _: "1901-02-03"),
    (r".*", r"\d{4}-\d\d-\d\dT.*", lambda _: "1901-02-03T04:05:06Z"),
    (r".*", rf"({NUMBER.pattern}\s*)+", lambda value: NUMBER.sub(_more, value)),
    (r".*", r".*://.*", lambda value: f"https://example.org/{len(value)}.html"),
    (r".*", r"\S+@\S+", lambda _: "other@example.org"),
]
"""Path of an element and what it says, as patterns, and another value of the same kind."""


def _other(path: str, value: str) -> str:
    value = value.strip()
    kinds = (make for where, what, make in KINDS
             if re.fullmatch(where, path) and re.fullmatch(what, value, re.DOTALL))  # fmt: skip
    make = next(kinds, lambda _: "other")
    return make(value)


def _more(number: re.Match[str]) -> str:
    return f"{float(number[0]) + 0.25:g}" if "." in number[0] else str(int(number[0]) + 1)


def _path(element: etree._Element, without_classes: bool) -> str:
    """Names of elements below the root; in ISO those of classes begin with a capital."""
    line = [element, *element.iterancestors()]
    names = [etree.QName(e).localname for e in reversed(line)][1:]
    return "/".join(name for name in names if not (without_classes and name[0].isupper()))
