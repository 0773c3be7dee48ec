"""What a source found, of a foreign record; one that is broken stops no other."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flows.found import Found
from flows.stac import items
from infrastructure.errors import Unreadable

WRONG = (Unreadable, AttributeError, KeyError, IndexError, TypeError, ValueError)
"""What reading a record raises that is not what its standard says."""


def found(
    upstream_id: str | None,
    original: bytes,
    make: Callable[[], dict[str, Any]],
    changed: datetime | None = None,
) -> Found:
    """What a source found.

    Args:
        upstream_id: Its id at the upstream; a record without one cannot be taken up.
        original: The record as it came.
        make: Makes the STAC Item.
        changed: When the upstream changed it last.
    """
    if not upstream_id:
        lost = items.broken("", "the record has no id", original)
        return items.broken(f"no-id-{lost.fingerprint}", "the record has no id", original)
    try:
        document = make()
        fingerprint = items.digest(document)
    except WRONG as error:
        reason = str(error) if isinstance(error, Unreadable) else f"it is no record: {error!r}"
        return items.broken(upstream_id, reason, original)
    return Found(upstream_id, fingerprint, document=document, changed=changed)
