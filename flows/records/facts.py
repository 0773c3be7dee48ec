"""What a metadata record tells, as it tells it: between the standards and STAC."""

from dataclasses import dataclass, field
from typing import Any, Literal

from shapely.geometry.base import BaseGeometry

Event = Literal["creation", "publication", "revision"]


@dataclass(frozen=True)
class Contact:
    """A person or organisation."""

    name: str | None = None
    organization: str | None = None
    position: str | None = None
    role: str | None = None
    """CI_RoleCode of ISO 19115, or what stands nearest to it."""
    email: str | None = None
    """One address, or several with spaces between."""
    url: str | None = None
    phones: tuple[tuple[str, str], ...] = ()
    """Number as written, and what it is for: `voice`, `facsimile`."""
    address: dict[str, Any] = field(default_factory=dict)
    """As an address of the Contacts extension."""
    instructions: str | None = None


@dataclass(frozen=True)
class Online:
    """An address where something of the resource is."""

    href: str
    title: str | None = None
    description: str | None = None
    protocol: str | None = None
    """As ISO records have it: `OGC:WMS`, `WWW:DOWNLOAD-1.0-http--download`, a media type ..."""
    function: str | None = None
    """CI_OnLineFunctionCode of ISO 19115."""
    operation: str | None = None
    """Name of the service's operation that is called there."""


@dataclass
class Facts:
    """One record."""

    identifier: str | None = None
    parent: str | None = None
    title: str | None = None
    description: str | None = None
    keywords: list[str] = field(default_factory=list)
    themes: list[tuple[str, list[str]]] = field(default_factory=list)
    """Name of a vocabulary, and its words."""
    anchors: dict[str, str] = field(default_factory=dict)
    """Word -> the address that defines it."""
    places: list[BaseGeometry] = field(default_factory=list)
    """Longitude and latitude in degrees, split at ±180."""
    spans: list[tuple[str | None, str | None]] = field(default_factory=list)
    """Begin and end of what the resource shows, in the record's own writing; None is open."""
    dates: list[tuple[Event, str]] = field(default_factory=list)
    """Of the resource, in the record's own writing."""
    created: str | None = None
    """When the record was written first."""
    updated: str | None = None
    """When the record was changed last: the metadata date stamp."""
    contacts: list[Contact] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    """On access and use, in words and by addresses of licences."""
    online: list[Online] = field(default_factory=list)
    previews: list[Online] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    """STAC properties that need no more thought."""
