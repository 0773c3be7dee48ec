"""Search results in GeoJSON: of Resto and its descendants, and of OGC 17-003r2 (FedEO)."""

from typing import Any

import orjson

from flows.found import Found
from flows.stac import items
from flows.stac.documents import parse
from flows.upstream import links
from flows.upstream.checksum import multihash
from flows.upstream.item import Foreign, product_name, stac
from flows.upstream.page import Page, whole
from flows.upstream.record import found
from infrastructure.errors import Unreadable

Json = dict[str, Any]

STANDARD = {"type", "id", "geometry", "bbox", "properties", "links", "_geometry"}
"""Members of a feature with a meaning of their own; `_geometry` is Resto's second copy."""

DOUBLES = frozenset({"links", "gmlgeometry", "centroid", "type"})
"""Properties that say again what the geometry and the links say."""

ROLES = {"data": "data", "previews": "overview", "quicklooks": "overview"}
"""Role of an asset, by the group of links of OGC 17-003r2 that it is of."""

RELATIONS = {"alternates": "alternate"}


def page(content: bytes, url: str, mapping: dict[str, str]) -> Page:
    """A page of results.

    Args:
        content: A feature collection.
        url: Its address.
        mapping: STAC property -> where a feature has it.

    Raises:
        Unreadable: it is no feature collection.
    """
    document = parse(content, url)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise Unreadable(f"{url}: the answer has no list of features")
    head = document.get("properties") if isinstance(document.get("properties"), dict) else {}
    total = None
    if head.get("exactCount", True):
        total = whole(head.get("totalResults", document.get("totalResults")))
    following = _next(head.get("links") or document.get("links"), url)
    return Page([_found(feature, url, mapping) for feature in features], total, following)


def _next(relations: Any, url: str) -> str | None:
    """The next page: of links with relations, or of links by relation."""
    if isinstance(relations, dict):
        of_next = relations.get("next")
        relations = [{"rel": "next", **k} for k in of_next or () if isinstance(k, dict)]
    named = [k for k in relations or () if isinstance(k, dict) and k.get("rel") == "next"]
    return links.whole(named[0].get("href"), url) if named else None


def _found(feature: Any, url: str, mapping: dict[str, str]) -> Found:
    original = orjson.dumps(feature)
    if not isinstance(feature, dict):
        return items.broken(f"no-record-{items.digest(feature)}", "it is no JSON object", original)
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    name = feature.get("id") or properties.get("identifier") or properties.get("id")
    return found(
        str(name) if name else None,
        original,
        lambda: stac(_foreign(feature, properties, url), mapping),
        items.moment(properties.get("updated")),
    )


def _foreign(feature: Json, properties: Json, url: str) -> Foreign:
    path = properties.get("productIdentifier")
    name = properties.get("identifier") or (product_name(path) if path else feature.get("id"))
    foreign = {key: value for key, value in feature.items() if key not in STANDARD}
    relations, assets = _links(properties.get("links") or feature.get("links"), url)
    return Foreign(
        name=str(name),
        members={**foreign, **properties},
        geometry=feature.get("geometry") or None,
        links=relations,
        assets={**_resto_assets(properties, url), **assets},
        elsewhere=DOUBLES,
    )


def _resto_assets(properties: Json, url: str) -> dict[str, Json]:
    assets: dict[str, Json] = {}
    services = properties.get("services")
    download = (services or {}).get("download") if isinstance(services, dict) else None
    if isinstance(download, dict) and (href := links.whole(download.get("url"), url)):
        assets["product"] = _download(href, download, properties)
    for key, role in (("quicklook", "overview"), ("thumbnail", "thumbnail")):
        if href := links.whole(properties.get(key), url):
            links.add(assets, key, links.asset(href, role))
    return assets


def _download(href: str, download: Json, properties: Json) -> Json:
    """The product itself, and where it lies in the object store of the Copernicus Data Space."""
    size = whole(download.get("size"))
    checksum = download.get("checksum") or properties.get("resourceChecksum")
    path = properties.get("productIdentifier") or ""
    store = {"s3": {"href": f"s3:/{path}"}} if path.startswith("/eodata/") else None
    return links.asset(
        href,
        "data",
        download.get("mimeType") or download.get("mimetype"),
        **{
            "file:size": size if size and size > 0 else None,
            "file:checksum": multihash("MD5", checksum),
            "alternate": store,
        },
    )


def _links(relations: Any, url: str) -> tuple[list[Json], dict[str, Json]]:
    """Links with relations, or links by group (OGC 17-003r2, 7.1.7)."""
    kept: list[Json] = []
    assets: dict[str, Json] = {}
    for group, entry in _groups(relations):
        href = links.whole(entry.get("href"), url)
        if href and group in ROLES:
            told = entry.get("type") if "/" in str(entry.get("type")) else entry.get("mediaType")
            asset = links.asset(href, ROLES[group], told, title=entry.get("title"))
            links.add(assets, "product" if group == "data" else "quicklook", asset)
        elif href:
            kept.append(links.link(RELATIONS.get(group, group), href, _typed(entry)))
    return kept, assets


def _groups(relations: Any) -> list[tuple[str, Json]]:
    if isinstance(relations, dict):
        groups = [(k, part) for k, part in relations.items() if isinstance(part, list)]
        return [(k, entry) for k, part in groups for entry in part if isinstance(entry, dict)]
    entries = [entry for entry in relations or () if isinstance(entry, dict)]
    return [(str(entry.get("rel") or "related"), entry) for entry in entries]


def _typed(entry: Json) -> Json:
    """A link whose media type is in `type`, where STAC has it."""
    media_type = entry.get("mediaType")
    rest = {key: value for key, value in entry.items() if key != "mediaType"}
    return {**rest, "type": media_type} if media_type else rest
