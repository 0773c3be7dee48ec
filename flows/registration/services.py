"""Services elsewhere, as STAC Items: one for the service, one for each process that it offers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from flows.registration.cwl import WORLD, world
from infrastructure.catalogue import BBox


@dataclass(frozen=True)
class Process:
    """A process of an OGC API - Processes."""

    id: str
    title: str
    description: str
    keywords: tuple[str, ...]
    version: str
    href: str


@dataclass(frozen=True)
class Service:
    """What a service tells of itself."""

    url: str
    kinds: tuple[str, ...]
    """What it speaks: `STAC API`, `OGC API - Records`, `CSW`, `WMS` ..."""
    title: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    provider: str = ""
    version: str = ""
    """Of the protocol."""
    bbox: BBox | None = None
    """Around all that it has, in degrees; None if it does not tell."""
    conformance: tuple[str, ...] = ()
    processes: tuple[Process, ...] = ()


def identifier(url: str) -> str:
    """An id that people can read, and that no other address has."""
    words = re.sub(r"[^a-z0-9]+", "-", url.lower().partition("://")[2]).strip("-")
    return f"{words[:80].strip('-')}-{blake2b(url.encode(), digest_size=4).hexdigest()}"


def items(service: Service, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Upstream id and STAC Item of a service and of its processes.

    Args:
        service: The service.
        now: The time of the items: when the service was registered.
    """
    name = identifier(service.url)
    yield service.url, _service(service, name, now)
    for process in service.processes:
        yield f"{service.url}#{process.id}", _process(service, process, name, now)


def _service(service: Service, name: str, now: datetime) -> dict[str, Any]:
    properties = {
        "type": "service",
        "title": service.title or service.url,
        "description": service.description,
        "keywords": list(service.keywords),
        "providers": [{"name": service.provider, "roles": ["host"]}] if service.provider else [],
        "protocols": list(service.kinds),
        "protocol_version": service.version,
        "conformsTo": list(service.conformance),
        "datetime": now.isoformat(),
    }
    links = [{"rel": "service", "href": service.url, "title": ", ".join(service.kinds)}]
    return _item(name, properties, links, service.bbox)


def _process(service: Service, process: Process, name: str, now: datetime) -> dict[str, Any]:
    properties = {
        "type": "process",
        "title": process.title or process.id,
        "description": process.description,
        "keywords": list(process.keywords),
        "version": process.version,
        "parent_identifier": name,
        "process": process.id,
        "datetime": now.isoformat(),
    }
    links = [
        {"rel": "process", "href": process.href, "type": "application/json"},
        {"rel": "service", "href": service.url},
    ]
    return _item(f"{name}-{process.id}", properties, links, service.bbox)


def _item(
    name: str, properties: dict[str, Any], links: list[dict[str, str]], bbox: BBox | None
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "geometry": _polygon(bbox) if bbox else world(),
        "bbox": list(bbox or WORLD),
        "properties": {key: value for key, value in properties.items() if value},
        "links": links,
        "assets": {},
    }


def _polygon(bbox: BBox) -> dict[str, Any]:
    """The box, counter-clockwise; one across the antimeridian in two parts (RFC 7946, 3.1.9)."""
    west, south, east, north = bbox
    if west <= east:
        return {"type": "Polygon", "coordinates": [_ring(west, south, east, north)]}
    parts = [_ring(west, south, 180.0, north), _ring(-180.0, south, east, north)]
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in parts]}


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]
