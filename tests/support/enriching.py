"""Items and shelves for the tests of enrichment steps."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pystac

from flows import extensions
from infrastructure.storage import Shelf, open_store


def shelf_in(folder: Path) -> Shelf:
    """A shelf of a store in a folder of the test."""
    scratch = folder / "scratch"
    scratch.mkdir()
    return Shelf(open_store((folder / "store").as_uri()), "c/i", scratch)


def item_of(assets: dict[str, tuple[str, str]], **properties: Any) -> pystac.Item:
    """An item with assets: key -> address and role."""
    item = pystac.Item("i", None, None, datetime(2020, 1, 1, tzinfo=UTC), properties)
    for key, (href, role) in assets.items():
        item.add_asset(key, pystac.Asset(href, roles=[role]))
    return item


def checked(item: pystac.Item) -> dict[str, Any]:
    """The item as it is registered, after it was held against the schemas of its extensions."""
    document = item.to_dict(include_self_link=False, transform_hrefs=False)
    document = extensions.declare(document)
    extensions.check(document)
    return document
