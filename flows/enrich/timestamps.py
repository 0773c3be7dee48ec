"""The STAC Timestamps extension (1.1): when a product was published and expires, in UTC.

What the product tells stays, written in UTC. When it was processed (`processing:datetime`) becomes
`created` of those of its data files that are still its own. The item's own `created` and `updated`
are of its metadata: they are no matter of this step.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pystac
from pydantic import Field

from flows import extensions
from infrastructure.errors import Invalid, Unreadable
from infrastructure.storage import Shelf

FIELDS = ("published", "expires", "unpublished")

MADE = "processing:datetime"
"""Property that says when the product was processed."""


def enrich(
    item: pystac.Item,
    shelf: Shelf,
    published: str | None = None,
    lifetime: Annotated[float, Field(gt=0)] | None = None,
) -> pystac.Item:
    """Write the times that the item tells as the extension has them.

    Args:
        item: The item.
        shelf: Its place in the store.
        published: Property that says when the product was published, for items that have no
            `published`.
        lifetime: Days from `published` to `expires`, for items that have no `expires`.

    Raises:
        Invalid: a time is none, or has no time zone.
        Unreadable: there is a lifetime, and nothing says when the product was published.
    """
    told = item.properties
    if published in told:
        told.setdefault("published", told[published])
    for name in FIELDS:
        if name in told:
            told[name] = _written(_time(item, name))
    if lifetime is not None and "expires" not in told:
        told["expires"] = _written(_publication(item) + timedelta(days=lifetime))
    _made(item, shelf)
    extensions.add(item, *(name for name in FIELDS if name in told))
    return item


def _publication(item: pystac.Item) -> datetime:
    if "published" not in item.properties:
        raise Unreadable(f"{item.id}: nothing says when it was published, nor when it expires")
    return _time(item, "published")


def _made(item: pystac.Item, shelf: Shelf) -> None:
    """Tell when the product's own data files were made."""
    if MADE not in item.properties:
        return
    for asset in item.assets.values():
        if asset.has_role("data") and shelf.store.key(asset.href) is None:
            asset.extra_fields.setdefault("created", _written(_time(item, MADE)))


def _time(item: pystac.Item, name: str) -> datetime:
    value: Any = item.properties[name]
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Invalid(f"{item.id}: {name} is '{value}', which is no time") from error
    if time.tzinfo is None:
        raise Invalid(f"{item.id}: {name} is '{value}', which has no time zone")
    return time.astimezone(UTC)


def _written(time: datetime) -> str:
    """RFC 3339, section 5.6."""
    return time.isoformat().replace("+00:00", "Z")
