"""What OGC web services tell of themselves in XML: capabilities, and OpenSearch descriptions.

OWSLib has a class for each service and version, which fetch by themselves and refuse versions
that they do not know. The few facts that a record needs stand in the same elements everywhere.
"""

import re
from collections.abc import Iterator

from lxml import etree

from flows.registration.services import Service
from infrastructure import safe_xml
from infrastructure.catalogue import BBox
from infrastructure.errors import Unreadable

KINDS = ("CSW", "WMS", "WMTS", "WFS", "WCS", "WPS")
"""Services whose capabilities can be asked for, the likeliest first."""

VERSIONS = {"WMS": "1.3.0"}
"""Versions that are asked for: without one, some servers answer with their oldest."""

DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*>")
"""A document type without declarations of its own, as WMS 1.1.1 has it."""

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it


def service(content: bytes, url: str) -> Service:
    """The service of a capabilities document, or of an OpenSearch description.

    Raises:
        Unreadable: it is no such document.
    """
    root = safe_xml.parse(DOCTYPE.sub(b"", content, count=1), url)
    kind = _kind(root)
    if kind is None:
        raise Unreadable(f"{url}: XML of another kind: {etree.QName(root).localname}")
    if kind == "OpenSearch":
        return _opensearch(root, url)
    told = _first(root, "ServiceIdentification", "Service")
    provider = _first(root, "ServiceProvider", "ContactInformation", "responsibleParty")
    return Service(
        url=url,
        kinds=(kind,),
        title=_text(told, "Title", "label", "title", "name"),
        description=_text(told, "Abstract", "description"),
        keywords=tuple(_words(told)),
        provider=_text(provider, "ProviderName", "ContactOrganization", "organisationName"),
        version=root.get("version", ""),
        bbox=_around(root),
    )


def _kind(root: Element) -> str | None:
    name = etree.QName(root)
    if name.localname in {"WMS_Capabilities", "WMT_MS_Capabilities"}:
        return "WMS"
    if name.localname == "OpenSearchDescription":
        return "OpenSearch"
    if name.localname not in {"Capabilities", "WFS_Capabilities", "WCS_Capabilities"}:
        return None
    space = f"{name.namespace}/".lower()
    return next((kind for kind in KINDS if f"/{kind.lower()}/" in space), None)


def _opensearch(root: Element, url: str) -> Service:
    return Service(
        url=url,
        kinds=("OpenSearch",),
        title=_text(root, "LongName") or _text(root, "ShortName"),
        description=_text(root, "Description"),
        keywords=tuple(_text(root, "Tags").split()),
        provider=_text(root, "Developer"),
        version="1.1",
    )


def _first(root: Element, *names: str) -> Element | None:
    return next(_all(root, *names), None)


def _all(root: Element, *names: str) -> Iterator[Element]:
    """Elements of these names below, in whatever namespace, in the order of the names."""
    for name in names:
        yield from root.iter(f"{{*}}{name}")


def _text(element: Element | None, *names: str) -> str:
    """The words of the first child of these names that has any."""
    if element is None:
        return ""
    found = (" ".join((each.text or "").split()) for each in _all(element, *names))
    return next(filter(None, found), "")


def _words(element: Element | None) -> Iterator[str]:
    """Keywords, in order and each once; WFS 1.0 has them with commas between."""
    if element is None:
        return
    seen = set()
    for each in _all(element, "Keyword", "keyword", "Keywords", "keywords"):
        for part in (each.text or "").split(","):
            word = " ".join(part.split())
            if word and word not in seen:
                seen.add(word)
                yield word


def _around(root: Element) -> BBox | None:
    """The box around all boxes of layers, types or coverages: degrees, longitude first."""
    boxes = [box for element in root.iter("{*}*") if (box := _box(element))]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _box(element: Element) -> BBox | None:
    """One box; None if the element is none, or its numbers are no places."""
    try:
        west, south, east, north = map(float, _corners(element))
    except ValueError:
        return None
    fits = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if fits else None


def _corners(element: Element) -> list[str]:
    match etree.QName(element).localname:
        case "EX_GeographicBoundingBox":  # WMS 1.3.0
            sides = ("westBound", "southBound", "eastBound", "northBound")
            axes = ("Longitude", "Latitude", "Longitude", "Latitude")
            return [_text(element, side + axis) for side, axis in zip(sides, axes, strict=True)]
        case "LatLonBoundingBox" | "LatLongBoundingBox":  # WMS 1.1.1, WFS 1.0.0
            return [element.get(side, "") for side in ("minx", "miny", "maxx", "maxy")]
        case "WGS84BoundingBox":  # OWS Common
            return f"{_text(element, 'LowerCorner')} {_text(element, 'UpperCorner')}".split()
        case "lonLatEnvelope":  # WCS 1.0.0
            return " ".join(each.text or "" for each in _all(element, "pos")).split()
    return []
