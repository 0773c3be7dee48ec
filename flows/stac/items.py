"""STAC Items as they come, before anything of them was read."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson

from flows.found import Found
from infrastructure.digests import hexadecimal
from infrastructure.errors import Unreadable


def found(document: Any, root: str | None = None) -> Found:
    """What a source found: an item, or a record that cannot be one.

    Its fingerprint is a digest of the document. An item whose data are withdrawn, by `unpublished`
    of the Timestamps extension, is a tombstone.

    Args:
        document: JSON.
        root: Folder below which it may name local files.
    """
    try:
        fingerprint = digest(document)
    except Unreadable as error:
        return broken("no-item", str(error), json.dumps(document).encode())
    if not isinstance(document, dict):
        reason = "the record is no JSON object"
        return Found(f"no-item-{fingerprint}", fingerprint, error=reason, original=_json(document))
    name, properties = document.get("id"), document.get("properties")
    collection = document.get("collection")
    place = f"{collection}/" if isinstance(collection, str) else ""
    if not isinstance(name, str) or not name or "\0" in f"{place}{name}":
        reason = "the record has no `id` that can be kept"
        name = f"no-id-{fingerprint}"
        return Found(name, fingerprint, error=reason, original=_json(document))
    times = properties if isinstance(properties, dict) else {}
    withdrawn = moment(times.get("unpublished"))
    return Found(
        f"{place}{name}",
        fingerprint,
        document=document,
        root=root,
        changed=moment(times.get("updated")),
        deleted=withdrawn is not None and withdrawn <= datetime.now(UTC),
    )


def broken(subject: str, reason: str, original: bytes | None = None) -> Found:
    """A record that cannot be taken up; it counts as changed when it or the reason changes."""
    fingerprint = hexadecimal(original or reason.encode())
    return Found(subject, fingerprint, error=reason, original=original)


def digest(document: Any) -> str:
    """A digest of a JSON document.

    Raises:
        Unreadable: it has what JSON cannot hold: half a character of UTF-16.
    """
    return hexadecimal(_json(document))


def moment(text: Any) -> datetime | None:
    """A time of RFC 3339, or nothing if it is none; without a zone it is UTC."""
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _json(document: Any) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError as error:
        raise Unreadable(f"the record cannot be kept as JSON: {error}") from error
