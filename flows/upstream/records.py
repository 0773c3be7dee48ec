"""Records of OGC API - Records (OGC 20-004r1) as STAC Items.

A record is a GeoJSON feature already: it stays as it is, with its times, its themes and its
contacts, and what STAC wants is added.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson

from flows.found import Found
from flows.stac import items
from flows.upstream import links, values
from flows.upstream.geometry import box, rectangle, sound
from flows.upstream.item import KEPT
from flows.upstream.record import found
from infrastructure.errors import Unreadable

Json = dict[str, Any]

ASSETS = {
    "data": ("data", "data"),
    "download": ("data", "data"),
    "enclosure": ("data", "data"),
    "item": ("data", "data"),
    "preview": ("overview", "overview"),
    "icon": ("thumbnail", "thumbnail"),
    "thumbnail": ("thumbnail", "thumbnail"),
}
"""Key and role of an asset, by the relation of the link that it is. A link `item` of a STAC Item
would mean something else."""

LICENSE = re.compile(r"[\w.+-]+")

STAMPS = ("created", "updated", "published", "expires")

ROLES = {
    "author": "producer",
    "creator": "producer",
    "originator": "producer",
    "principalinvestigator": "producer",
    "producer": "producer",
    "processor": "processor",
    "distributor": "host",
    "host": "host",
    "publisher": "host",
    "licensor": "licensor",
    "owner": "licensor",
    "rightsholder": "licensor",
}
"""Role of a STAC Provider, by that of a contact in lower case."""


def record(feature: Any, url: str, mapping: dict[str, str]) -> Found:
    """What a source found, of a record.

    Args:
        feature: The record.
        url: Address of the page that it is on.
        mapping: STAC property -> member of the record's properties.
    """
    original = orjson.dumps(feature)
    if not isinstance(feature, dict):
        return items.broken(f"no-record-{items.digest(feature)}", "it is no JSON object", original)
    properties = feature.get("properties")
    updated = properties.get("updated") if isinstance(properties, dict) else None
    name = feature.get("id")
    return found(
        str(name) if name else None,
        original,
        lambda: stac(feature, url, mapping),
        items.moment(values.moment(updated)),
    )


def stac(feature: Json, url: str, mapping: dict[str, str]) -> Json:
    """A STAC 1.1 Item of a record.

    Args:
        feature: The record.
        url: Address of the page that it is on.
        mapping: STAC property -> member of the record's properties.

    Raises:
        Unreadable: it has no geometry and no box, or no time.
    """
    document = deepcopy(feature)
    properties = document.get("properties") or {}
    if not isinstance(properties, dict):
        raise Unreadable("its properties are no JSON object")
    properties |= {name: properties[own] for name, own in mapping.items() if own in properties}
    geometry = sound(document.get("geometry") or _outline(document))
    relations, assets = _links(document.get("links"), url)
    _stamps(properties)
    _license(properties)
    _place_in_time(properties, document.get("time"))
    providers = list(_providers(properties.get("contacts")))
    if providers and "providers" not in properties:
        properties["providers"] = providers
    return {
        **document,
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": document.get("stac_extensions") or [],
        "id": str(document["id"]),
        "geometry": geometry,
        "bbox": document.get("bbox") or box(geometry),
        "properties": properties,
        "links": relations,
        "assets": {**assets, **(document.get("assets") or {})},
    }


def _outline(document: Json) -> Json:
    """The box of a record without a geometry."""
    extent = (document.get("properties") or {}).get("extent") or document.get("extent") or {}
    spatial = extent.get("spatial") if isinstance(extent, dict) else None
    boxes = spatial.get("bbox") if isinstance(spatial, dict) else None
    told = document.get("bbox") or (boxes[0] if boxes else None)
    if not told:
        raise Unreadable("the record has no geometry")
    west, south, east, north = told if len(told) == 4 else (*told[:2], *told[3:5])
    return rectangle(west, south, east, north)


def _stamps(properties: Json) -> None:
    """Times as STAC has them; days and others that are not are kept as they came."""
    for name in STAMPS:
        raw = properties.get(name)
        time = values.moment(raw)
        if raw is not None and time != raw:
            properties.setdefault(KEPT, {})[name] = properties.pop(name)
            properties |= {name: time} if time else {}


def _license(properties: Json) -> None:
    """A licence as STAC has it; one in words is kept as it came."""
    raw = properties.get("license")
    if raw is not None and not (isinstance(raw, str) and LICENSE.fullmatch(raw)):
        properties.setdefault(KEPT, {})["license"] = raw
        properties["license"] = "other"


def _place_in_time(properties: Json, time: Any) -> None:
    """`datetime`, or a start and an end; of a record without a time, that of its making.

    A dataset that goes on has no end yet: what is known is that it went on until the record was
    changed last.
    """
    if properties.get("datetime") or properties.get("start_datetime"):
        properties.setdefault("datetime", None)
        return
    start, end = _interval(time)
    if start is None and end is None:
        _stamped(properties)
        return
    known = properties.get("updated") or ""
    start = start or end
    end = end or max(start or "", known)
    if start == end:
        properties["datetime"] = start
    else:
        properties |= {"datetime": None, "start_datetime": start, "end_datetime": end}


def _interval(time: Any) -> tuple[str | None, str | None]:
    """Start and end of `time`: an instant, a day, or an interval that may be open."""
    if isinstance(time, dict):
        time = time.get("interval") or time.get("timestamp") or time.get("date")
    if isinstance(time, str):
        first, slash, last = time.partition("/")
        time = [first, last if slash else first]
    if not isinstance(time, list) or len(time) != 2:
        return None, None
    return values.moment(time[0]), values.moment(time[1], end=True)


def _stamped(properties: Json) -> None:
    origins = {"published": "publication", "created": "creation", "updated": "metadata"}
    for name, origin in origins.items():
        if properties.get(name):
            properties |= {"datetime": properties[name], "swath:datetime_from": origin}
            return
    raise Unreadable("the record has no time")


def _links(relations: Any, url: str) -> tuple[list[Json], dict[str, Json]]:
    kept: list[Json] = []
    assets: dict[str, Json] = {}
    for entry in relations or ():
        if not isinstance(entry, dict):
            continue
        rel, href = str(entry.get("rel") or "related"), links.whole(entry.get("href"), url)
        is_service = str(entry.get("protocol") or "").startswith("OGC:")
        if href and rel in ASSETS and not is_service:
            key, role = ASSETS[rel]
            told = {k: v for k, v in entry.items() if k not in {"rel", "href", "type", "name"}}
            asset = links.asset(href, role, entry.get("type"), **told)
            links.add(assets, str(entry.get("name") or key), asset)
        elif entry.get("href"):
            rel = "related" if rel == "items" else rel  # of STAC, these would be its own
            kept.append(links.link(rel, href or links.written(str(entry["href"])), entry))
    return kept, assets


def _providers(contacts: Any) -> Iterator[Json]:
    """Contacts that have a part in the data; all of them stay in `contacts`."""
    for contact in contacts or ():
        if not isinstance(contact, dict):
            continue
        name = contact.get("organization") or contact.get("name")
        own = [ROLES.get(str(role).lower()) for role in contact.get("roles") or ()]
        roles = list(dict.fromkeys(filter(None, own)))
        if name and roles:
            yield {"name": str(name), "roles": roles, **_home(contact.get("links"))}


def _home(relations: Any) -> Json:
    hrefs = [k.get("href") for k in relations or () if isinstance(k, dict)]
    home = next(filter(None, (links.whole(href, "") for href in hrefs)), None)
    return {"url": home} if home else {}
