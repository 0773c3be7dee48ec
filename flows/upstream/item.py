"""A STAC Item of a foreign record of a product."""

import re
from dataclasses import dataclass, field
from typing import Any

from flows.extensions import declare
from flows.upstream import values
from flows.upstream.geometry import box, sound
from flows.upstream.members import Members
from flows.upstream.vocabulary import INTERVALS, RADARS, SERIALS, TERMS
from infrastructure.errors import Unreadable

Json = dict[str, Any]

KEPT = "swath:upstream"
"""Property with what the record says and STAC has no word for, or says in other words."""

PACKAGE = re.compile(r"\.(SAFE|SEN3|SEN6|EOF|DEM|zip|tar|tgz)$", re.IGNORECASE)


@dataclass(frozen=True)
class Foreign:
    """What a record of another catalogue says of a product."""

    name: str
    members: Json
    geometry: Json | None
    """GeoJSON, degrees, longitude first."""
    links: list[Json] = field(default_factory=list)
    assets: dict[str, Json] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    """Members that the geometry, the links or the assets say already."""


def product_name(text: str) -> str:
    """The name of a product without the folder and the ending of its package."""
    return PACKAGE.sub("", text.rstrip("/").rpartition("/")[2])


def stac(foreign: Foreign, mapping: dict[str, str]) -> Json:
    """A STAC 1.1 Item; what has no home in it stays in its property `swath:upstream`.

    Args:
        foreign: The record.
        mapping: STAC property, or `id` -> where the record has it, instead of the usual places.

    Raises:
        Unreadable: the record has no geometry or no time.
    """
    if foreign.geometry is None:
        raise Unreadable("the record has no geometry")
    geometry = sound(foreign.geometry)
    members = Members(foreign.members)
    properties, homes = _properties(members, mapping)
    _place_in_time(properties, members, mapping)
    _satellite(properties, members, mapping)
    name = str(properties.pop("id", None) or foreign.name)
    kept = {
        key: value
        for key, value in foreign.members.items()
        if key not in foreign.elsewhere and not _is_said(key, value, homes, properties)
    }
    return declare(
        {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": name,
            "geometry": geometry,
            "bbox": box(geometry),
            "properties": {**properties, KEPT: kept} if kept else properties,
            "links": foreign.links,
            "assets": foreign.assets,
        }
    )


def _properties(members: Members, mapping: dict[str, str]) -> tuple[Json, dict[str, str]]:
    """Properties, and the property that each whole member of the record became."""
    properties: Json = {}
    homes: dict[str, str] = {}
    own = {name: (path,) for name, path in mapping.items()}
    for name, paths in {**{name: term.names for name, term in TERMS.items()}, **own}.items():
        for found in filter(None, map(members.find, paths)):
            path, raw = found
            value = TERMS[name].read(raw) if name in TERMS else raw
            if value is not None:
                properties[name] = value
                homes[path[0]] = name
                break
    return properties, homes


def _is_said(key: str, value: Any, homes: dict[str, str], properties: Json) -> bool:
    """Whether a property has this very value; a start that is also the end is `datetime`."""
    home = homes.get(key, "")
    if home in {"start_datetime", "end_datetime"}:
        home = home if home in properties else "datetime"
    return bool(home) and properties.get(home) == value


def _place_in_time(properties: Json, members: Members, mapping: dict[str, str]) -> None:
    """`datetime`, with a start and an end where they differ.

    A record that has no time of acquisition gets that of its publication, or else that of its
    last change, and says so in `swath:datetime_from`.
    """
    start, end = properties.pop("start_datetime", None), properties.pop("end_datetime", None)
    if start is None and "start_datetime" not in mapping:
        start, end = _interval(members, end)
    start, end = start or end, end or start
    if start is None:
        start = end = _stamp(properties)
    if start != end:
        properties |= {"start_datetime": start, "end_datetime": end}
    given = values.moment(properties.get("datetime"))
    properties["datetime"] = given or start


def _interval(members: Members, end: str | None) -> tuple[str | None, str | None]:
    for name in INTERVALS:
        found = members.find(name)
        first, _, last = (values.text(found[1]) or "" if found else "").partition("/")
        start = values.moment(first)
        if start:
            return start, values.moment(last, end=True) or end
    return None, end


def _stamp(properties: Json) -> str:
    for name, origin in (("published", "publication"), ("updated", "metadata")):
        if properties.get(name):
            properties["swath:datetime_from"] = origin
            return str(properties[name])
    raise Unreadable("the record has no time")


def _satellite(properties: Json, members: Members, mapping: dict[str, str]) -> None:
    """The satellite of a series, its constellation, and SAR's words for SAR only."""
    platform = properties.get("platform")
    serial = next(filter(None, map(members.find, SERIALS)), None)
    if platform and serial and "platform" not in mapping and not platform[-1].isalpha():
        letter = (values.text(serial[1]) or "").lower()
        platform = f"{platform}{letter}" if len(letter) == 1 else platform
        properties["platform"] = platform
    if platform and re.fullmatch(r"sentinel-\d[a-d]", platform):
        properties.setdefault("constellation", platform[:-1])
    radar = RADARS & set(properties.get("instruments") or ())
    if not radar and "sar:polarizations" not in properties and "sar:instrument_mode" not in mapping:
        properties.pop("sar:instrument_mode", None)
