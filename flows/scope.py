"""What part of an upstream a harvest asks for, and the means to ask."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from infrastructure.catalogue import BBox
from infrastructure.http import Http

Interval = tuple[datetime | None, datetime | None]
"""Both ends included, with time zone; None is open."""


@dataclass(frozen=True)
class Scope:
    """The question that a source answers.

    A source passes on to the upstream what its protocol can say, and tells so in `pushed`. What
    is not in `pushed` the harvest applies itself, to the items that were read. So a source never
    has to filter; it must only not claim what the upstream does not do.
    """

    base: Path = field(default_factory=Path)
    """Folder of the collection file, for relative addresses."""
    http: Http = field(default_factory=Http)
    """The door to the web, with the source's credentials and rate limit."""
    since: datetime | None = None
    """Only what the upstream changed at this moment or later; None: everything."""
    until: datetime | None = None
    """Only what the upstream changed before this moment; None: no end."""
    bbox: BBox | None = None
    """Only what meets this box; degrees, west > east crosses the antimeridian."""
    time: Interval | None = None
    """Only what was acquired in this interval."""
    filter: dict[str, Any] | None = None
    """Only what this CQL2 JSON condition holds for, in terms of STAC properties."""
    mapping: dict[str, str] = field(default_factory=dict)
    """STAC property -> name of the upstream's own, for sources that make items of other JSON."""
    pushed: set[str] = field(default_factory=set)
    """Which of `since`, `until`, `bbox`, `time` and `filter` the upstream applies; see above."""
