"""An element of XML as JSON, with nothing lost but the order of unlike elements."""

from typing import Any

from lxml import etree

Element = etree._Element  # noqa: SLF001 - the library has no public name for it

ATOM = "http://www.w3.org/2005/Atom"

PREFIXES = {
    "http://a9.com/-/opensearch/extensions/eo/1.0/": "eo",
    "http://a9.com/-/spec/opensearch/extensions/eo/1.0/": "eo",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dct",
    "http://search.yahoo.com/mrss/": "media",
}
"""Prefixes that mean one thing, whatever a document calls them."""


def members(element: Element) -> dict[str, Any]:
    """The children of an element by name, with the prefix of their namespace; Atom's have none.

    An element with nothing but text is its text. Its attributes are members of their own, named
    `element@attribute`, and of an element with children `@attribute`. Several of one name are a
    list.
    """
    content: dict[str, Any] = {f"@{_local(key)}": value for key, value in element.items()}
    for child in element.iterchildren("{*}*"):
        name, content_text = _name(child), (child.text or "").strip()
        if len(child):
            _add(content, name, members(child))
            continue
        if content_text or not child.attrib:
            _add(content, name, content_text)
        for key, value in child.items():
            _add(content, f"{name}@{_local(key)}", value)
    return content


def _add(content: dict[str, Any], name: str, value: Any) -> None:
    if name not in content:
        content[name] = value
    elif isinstance(content[name], list):
        content[name].append(value)
    else:
        content[name] = [content[name], value]


def _name(element: Element) -> str:
    name = etree.QName(element)
    if name.namespace in (None, ATOM):
        return name.localname
    prefix = PREFIXES.get(name.namespace or "", element.prefix)
    return f"{prefix}:{name.localname}" if prefix else name.localname


def _local(attribute: str | bytes) -> str:
    return etree.QName(attribute).localname


def words(element: Element) -> str:
    """All text of an element, in one line."""
    return " ".join(" ".join(map(str, element.itertext())).split())
