"""An event as others read it: CloudEvents 1.0 in its JSON format."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from infrastructure.events.outbox import Event

MEDIA_TYPE = "application/cloudevents+json"
"""Of the structured mode (CloudEvents HTTP protocol binding 1.0.2, 3.2)."""


def cloudevent(event: Event, api_url: str) -> dict[str, Any]:
    """The CloudEvent of a change (CloudEvents 1.0.2, 3; JSON event format 1.0.2, 2 and 3).

    Its `id` is the event's position, unique in the whole catalogue.

    Args:
        event: The change.
        api_url: Public root of the API, for `source` and the item's address.
    """
    source = f"{api_url.rstrip('/')}/collections/{quote(event.collection, safe='')}"
    return {
        "specversion": "1.0",
        "id": str(event.position),
        "source": source,
        "type": f"swath.item.{event.kind}",
        "subject": event.item_id,
        "time": _time(event.at),
        "datacontenttype": "application/json",
        "data": {
            "collection": event.collection,
            "item": event.item_id,
            "bbox": event.bbox,
            "start_datetime": _time(event.start),
            "end_datetime": _time(event.end),
            "href": f"{source}/items/{quote(event.item_id, safe='')}",
        },
    }


def _time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
