"""A STAC Item of what a record tells."""

import json
from datetime import datetime
from typing import Any

import pystac
from shapely import get_dimensions, to_geojson
from shapely.geometry.base import BaseGeometry

from flows.extent import geojson
from flows.found import Found
from flows.identifiers import safe
from flows.records import licences, online, people, times
from flows.records.facts import Facts
from flows.records.places import join

LANGUAGE = "https://stac-extensions.github.io/language/v1.0.0/schema.json"


def item(found: Found, facts: Facts) -> pystac.Item:
    """Make an item of a record.

    Its id is the record's identifier, or else the upstream's, made safe; the original is kept in
    `swath:upstream_id` where that changed it.

    Raises:
        Unreadable: the record tells no place or no time, or one that cannot be.
    """
    geometry, bbox = _place(join(facts.places, found.upstream_id))
    told = properties(facts, found.upstream_id)
    moment = told.pop("datetime")
    name = facts.identifier or found.upstream_id
    made = pystac.Item(
        id=safe(name),
        geometry=geometry,
        bbox=bbox,
        datetime=datetime.fromisoformat(moment) if moment else None,
        properties={**told, **({"swath:upstream_id": name} if safe(name) != name else {})},
        stac_extensions=[LANGUAGE] if "language" in told else [],
    )
    online.attach(made, facts.online, facts.previews)
    if licence := licences.address(facts.constraints):
        made.add_link(pystac.Link("license", licence))
    return made


def _place(shape: BaseGeometry) -> tuple[dict[str, Any], list[float]]:
    """GeoJSON and box; west is greater than east where an area crosses the antimeridian."""
    if get_dimensions(shape) == 2:
        return geojson(shape)
    return json.loads(to_geojson(shape)), list(shape.bounds)


def properties(facts: Facts, subject: str) -> dict[str, Any]:
    """The properties of the item, `datetime` too; what the record does not tell is not there.

    Raises:
        Unreadable: the record tells no time, or one that cannot be.
    """
    told = {
        "title": facts.title,
        "description": facts.description,
        "keywords": list(dict.fromkeys(facts.keywords)),
        "themes": [_theme(facts, scheme, words) for scheme, words in facts.themes if words],
        "license": licences.spdx(facts.constraints),
        "rights": "\n".join(dict.fromkeys(facts.constraints)),
        "providers": people.providers(facts.contacts),
        "contacts": people.contacts(facts.contacts),
        "created": times.stamp(facts.created),
        "updated": times.stamp(facts.updated),
        "published": times.first(facts.dates, "publication"),
        "iso:dates": [{"type": kind, "date": times.dashed(text)} for kind, text in facts.dates],
        "swath:parent_identifier": facts.parent,
    }
    more = {k: value for k, value in facts.properties.items() if value not in (None, [], {}, "")}
    return {
        **{key: value for key, value in told.items() if value},
        **more,
        **times.properties(facts, subject),
    }


def _theme(facts: Facts, scheme: str, words: list[str]) -> dict[str, Any]:
    concepts = []
    for word in dict.fromkeys(words):
        url = facts.anchors.get(word, "")
        concepts.append({"id": word, "url": url} if online.URI.fullmatch(url) else {"id": word})
    return {"scheme": scheme, "concepts": concepts}
