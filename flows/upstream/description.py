"""OpenSearch descriptions: what a server can be asked, and how (OpenSearch 1.1, OGC 10-032r8)."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from lxml import etree

from flows.stac.web import absolute
from flows.upstream.page import whole
from flows.upstream.xml import Element
from infrastructure import safe_xml
from infrastructure.errors import Misconfigured, Unreadable

FORMATS = (
    "application/geo+json",
    "application/json",
    "application/vnd.geo+json",
    "application/atom+xml",
)
"""Formats that are understood, the one with the most metadata first."""

OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"

NAMESPACES = {
    OPENSEARCH: "",
    "http://a9.com/-/opensearch/extensions/geo/1.0/": "geo:",
    "http://a9.com/-/opensearch/extensions/time/1.0/": "time:",
    "http://a9.com/-/opensearch/extensions/eo/1.0/": "eo:",
    "http://a9.com/-/spec/opensearch/extensions/eo/1.0/": "eo:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://mapshup.info/-/resto/2.0/": "resto:",
}
"""Prefixes that mean one thing, whatever a description calls them."""

PARAMETER = re.compile(r"\{([^}?]+)(\?)?\}")

PAIR = re.compile(r"&|;(?=[\w.:-]+=\{)")
"""What parts the pairs of a query; the Copernicus Data Space has a `;` among them."""


@dataclass(frozen=True)
class Template:
    """A template of addresses."""

    url: str
    prefixes: dict[str | None, str] = field(default_factory=dict)
    first_index: int = 1
    first_page: int = 1
    most: int | None = None
    """The most records that a page may have."""

    @property
    def is_csw(self) -> bool:
        """Whether it is a Catalogue Service that answers."""
        return "service=csw" in self.url.lower()

    def names(self) -> set[str]:
        """Its parameters, such as `geo:box`; see `NAMESPACES`."""
        return {self._whole_name(name) for name, _ in PARAMETER.findall(self.url)}

    def _whole_name(self, name: str) -> str:
        prefix, colon, local = name.rpartition(":")
        if not colon:
            return local
        namespace = self.prefixes.get(prefix, "")
        return f"{NAMESPACES.get(namespace, f'{prefix}:')}{local}"

    def address(self, values: dict[str, Any], own: dict[str, Any] | None = None) -> str:
        """An address; pairs of its query whose parameters have no value are left out.

        Args:
            values: Values by parameter.
            own: Values of the operator's: by parameter, by the server's own name of it, or of
                names that the template does not have.

        Raises:
            Misconfigured: a parameter that must have a value has none.
        """
        own = own or {}
        known = {**values, **own}
        path, _, query = self.url.partition("?")
        pairs = [self._pair(pair, known, own) for pair in PAIR.split(query) if pair]
        keys = {pair.partition("=")[0] for pair in PAIR.split(query)}
        further = own.keys() - keys - self.names()
        pairs += [_pair(key, own[key]) for key in own if key in further]
        address = self._filled(path, known)
        filled = [pair for pair in pairs if pair is not None]
        return f"{address}?{'&'.join(filled)}" if filled else address

    def _pair(self, pair: str, known: dict[str, Any], own: dict[str, Any]) -> str | None:
        key, _, pattern = pair.partition("=")
        if key in own:
            return _pair(key, own[key])
        asked = PARAMETER.findall(pattern)
        empty = all(known.get(self._whole_name(name)) is None for name, _ in asked)
        if asked and empty and all(optional for _, optional in asked):
            return None
        return f"{key}={self._filled(pattern, known)}"

    def _filled(self, pattern: str, known: dict[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            name = self._whole_name(match[1])
            found = known.get(name)
            if found is None and not match[2]:
                raise Misconfigured(f"the server must be told '{name}': give it in `parameters`")
            return "" if found is None else quote(str(found), safe=",/:")

        return PARAMETER.sub(value, pattern)


def _pair(key: str, value: Any) -> str:
    return f"{quote(key, safe=':')}={quote(str(value), safe=',/:')}"


def template(content: bytes, url: str, media_type: str | None = None) -> Template:
    """The template for searching products, in the best format that a description offers.

    Args:
        content: The description.
        url: Its address.
        media_type: The format to take instead of the best.

    Raises:
        Unreadable: it is no description.
        Misconfigured: it does not offer the format, or none that is understood.
    """
    root = safe_xml.parse(content, url)
    if etree.QName(root).localname != "OpenSearchDescription":
        raise Unreadable(f"{url}: no OpenSearch description")
    offered = [e for e in root.iterchildren("{*}Url") if e.get("template") and _is_results(e)]
    offered.sort(key=lambda element: "collection" in (element.get("rel") or ""))
    formats = [media_type] if media_type else FORMATS
    for wanted in formats:
        for element in offered:
            if _plain(element.get("type")) == _plain(wanted):
                return _template(element, url)
    types = ", ".join(sorted({element.get("type") or "none" for element in offered})) or "none"
    raise Misconfigured(f"{url}: no search with answers in {' or '.join(formats)}, only: {types}")


def _is_results(element: Element) -> bool:
    return not {"self", "suggestions"} & set((element.get("rel") or "results").split())


def _plain(media_type: str | None) -> str:
    return (media_type or "").partition(";")[0].strip().lower()


def _template(element: Element, url: str) -> Template:
    return Template(
        url=absolute(element.get("template", ""), url),
        prefixes={prefix: str(namespace) for prefix, namespace in element.nsmap.items()},
        first_index=int(element.get("indexOffset", "1")),
        first_page=int(element.get("pageOffset", "1")),
        most=_most(element),
    )


def _most(element: Element) -> int | None:
    """What the Parameter extension says of the number of records."""
    for parameter in element.iterchildren("{*}Parameter"):
        if re.fullmatch(r"\{(\w+:)?count\??\}", parameter.get("value", "")):
            return whole(parameter.get("maxInclusive"))
    return None
