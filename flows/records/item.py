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

THEMES = "https://stac-extensions.github.io/themes/v1.0.0/schema.json"
EO = "https://stac-extensions.github.io/eo/v2.0.0/schema.json"
PROCESSING = "https://stac-extensions.github.io/processing/v1.2.0/schema.json"

EXTENSIONS = {
    "themes": THEMES,
    "contacts": people.CONTACTS,
    "eo:cloud_cover": EO,
    "processing:level": PROCESSING,
}
"""Property -> the extension that defines it."""


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
        stac_extensions=[schema for key, schema in EXTENSIONS.items() if key in told],
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
        "themes": [_theme(scheme, words) for scheme, words in facts.themes if words],
        "license": licences.spdx(facts.constraints),
        "rights": "\n".join(dict.fromkeys(facts.constraints)),
        "providers": people.providers(facts.contacts),
        "contacts": people.contacts(facts.contacts),
        "created": times.stamp(facts.created),
        "updated": times.stamp(facts.updated),
        "swath:parent_identifier": facts.parent,
    }
    numbers = {key: value for key, value in facts.properties.items() if value not in (None, [], "")}
    return {
        **{key: value for key, value in told.items() if value},
        **numbers,
        **times.properties(facts, subject),
    }


def _theme(scheme: str, words: list[str]) -> dict[str, Any]:
    return {"scheme": scheme, "concepts": [{"id": word} for word in dict.fromkeys(words)]}
