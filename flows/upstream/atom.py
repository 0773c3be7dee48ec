"""Search results in Atom (RFC 4287) with the elements of OpenSearch, GeoRSS and EO-O&M."""

from typing import Any

from lxml import etree

from flows.found import Found
from flows.stac import items
from flows.upstream import links
from flows.upstream.gml import geometry
from flows.upstream.item import Foreign, stac
from flows.upstream.page import Page, whole
from flows.upstream.record import found
from flows.upstream.xml import ATOM, Element, members, words
from infrastructure import safe_xml
from infrastructure.errors import Unreadable

Json = dict[str, Any]

OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"

XLINK = "{http://www.w3.org/1999/xlink}href"

ROLES = {"enclosure": "data", "icon": "thumbnail"}
"""Role of an asset, by the relation of the link that it is (OGC 13-026r8, 7.3)."""

KEYS = {"data": "product", "overview": "quicklook", "thumbnail": "thumbnail"}

DOUBLES = {"georss:where", "georss:polygon", "georss:box", "georss:point", "georss:line"}


def page(content: bytes, url: str, mapping: dict[str, str], longitude_first: bool) -> Page:
    """A page of results.

    Args:
        content: A feed.
        url: Its address.
        mapping: STAC property -> where an entry has it.
        longitude_first: The server writes the longitude first where it should be second.

    Raises:
        Unreadable: it is no feed; the message has what an exception report says.
    """
    root = safe_xml.parse(content, url)
    if etree.QName(root).localname != "feed":
        said = words(root)[:200]
        raise Unreadable(f"{url}: the answer is no Atom feed: {said}")
    total = root.findtext(f"{{{OPENSEARCH}}}totalResults")
    relations = root.iterchildren(f"{{{ATOM}}}link")
    following = next((k.get("href") for k in relations if k.get("rel") == "next"), None)
    entries = root.iterchildren(f"{{{ATOM}}}entry")
    return Page(
        [_found(entry, url, mapping, longitude_first) for entry in entries],
        whole(total),
        links.whole(following, url),
    )


def _found(entry: Element, url: str, mapping: dict[str, str], longitude_first: bool) -> Found:
    name = (entry.findtext(f"{{{ATOM}}}id") or "").strip()
    return found(
        name,
        etree.tostring(entry, with_tail=False),
        lambda: stac(_foreign(entry, name, url, longitude_first), mapping),
        items.moment((entry.findtext(f"{{{ATOM}}}updated") or "").strip()),
    )


def _foreign(entry: Element, name: str, url: str, longitude_first: bool) -> Foreign:
    said = {**_facts(entry), **members(entry)}
    relations, assets = _links(entry, url)
    _media(entry, url, assets)
    _metadata(entry, url, assets)
    identifier = said.get("dc:identifier")
    doubles = DOUBLES | {key for key in said if key.partition("@")[0] == "link"}
    return Foreign(
        name=identifier if isinstance(identifier, str) and identifier else name,
        members=said,
        geometry=geometry(entry, longitude_first),
        links=relations,
        assets=assets,
        elsewhere=frozenset({"id", *doubles}),
    )


def _facts(entry: Element) -> Json:
    """Facts that pycsw writes as categories: `eo:productType:S2MSI2A`."""
    terms = [e.get("term", "").split(":", 2) for e in entry.iterchildren(f"{{{ATOM}}}category")]
    return {f"eo:{words[1]}": words[2] for words in terms if words[0] == "eo" and len(words) == 3}


def _links(entry: Element, url: str) -> tuple[list[Json], dict[str, Json]]:
    kept: list[Json] = []
    assets: dict[str, Json] = {}
    for element in entry.iterchildren(f"{{{ATOM}}}link"):
        link = {str(key): str(value) for key, value in element.items()}
        rel, href = link.get("rel", "alternate"), links.whole(link.get("href"), url)
        if href and rel in ROLES:
            size = whole(link.get("length"))
            told = {"title": link.get("title"), "file:size": size or None}
            asset = links.asset(href, ROLES[rel], link.get("type"), **told)
            links.add(assets, KEYS[ROLES[rel]], asset)
        elif href:
            kept.append(links.link(rel, href, link))
    return kept, assets


def _media(entry: Element, url: str, assets: dict[str, Json]) -> None:
    """Pictures of Media RSS; their category says which is small."""
    for element in entry.iter("{http://search.yahoo.com/mrss/}content"):
        if href := links.whole(element.get("url"), url):
            role = "thumbnail" if "THUMBNAIL" in words(element).upper() else "overview"
            links.add(assets, KEYS[role], links.asset(href, role, element.get("type")))


def _metadata(entry: Element, url: str, assets: dict[str, Json]) -> None:
    """Files that embedded EO-O&M names: the product, and pictures of it (OGC 10-157r4)."""
    for element in entry.iter("{*}ProductInformation", "{*}BrowseInformation"):
        kinds = " ".join(words(part) for part in element.iterchildren("{*}type")).upper()
        role = "thumbnail" if "THUMBNAIL" in kinds else "overview"
        role = "data" if etree.QName(element).localname == "ProductInformation" else role
        for reference in element.iter("{*}ServiceReference"):
            if href := links.whole(reference.get(XLINK), url):
                links.add(assets, KEYS[role], links.asset(href, role))
