"""One item from its row: put together here instead of in PostgreSQL, and bytes at once.

Thousands of items that stay Python objects until their page is full cost most in the search for
garbage, so each is written before the next is read.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin

import orjson
from hydraters import DO_NOT_MERGE_MARKER, hydrate
from stac_fastapi.pgstac.models.links import INFERRED_LINK_RELS
from stac_fastapi.pgstac.utils import filter_fields

from api.surroundings import Link, Surroundings
from infrastructure.errors import NotFound

INFERRED = {*INFERRED_LINK_RELS} - {"item"}
"""Links that are made anew; one `item` of an item is its own, such as a service with its data."""

BASE = """
SELECT coalesce(
    CASE WHEN $2::text IS NULL OR $2 ~ '^\\s*\\d{1,9}\\s*$' THEN
        collection_base_item($1, $2::int) END,
    (SELECT base_item FROM collections WHERE id = $1))
"""
"""The base item that pgstac hydrates an item with; see its `content_nonhydrated`."""


ITEM = """
SELECT collection, id, ST_AsGeoJSON(geometry, 20) AS geometry, content::text AS content,
    (SELECT key FROM collections WHERE id = $1) AS key
FROM items WHERE collection = $1 AND id = $2
"""

Bases = OrderedDict[tuple[int, str, Any], dict[str, Any]]
"""What the items of a collection have in common, by the collection's key, id and version of it.

pgstac never changes a version, and a collection that is made anew has another key.
"""

MOST = 500
"""How many versions are kept."""


@dataclass(frozen=True)
class Fields:
    """Which members of items are asked for (Fields extension); all, if none is named."""

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """What a search says."""
        told = body.get("fields") or {}
        return cls(frozenset(told.get("include") or ()), frozenset(told.get("exclude") or ()))

    def has(self, name: str) -> bool:
        """Whether a member of items is asked for, or a part of it."""
        if name in self.exclude:
            return False
        return not self.include or any(told.split(".")[0] == name for told in self.include)

    def of(self, item: dict[str, Any]) -> dict[str, Any]:
        """The asked members of an item, which is left as it is."""
        if not (self.include or self.exclude):
            return item
        whole = orjson.loads(orjson.dumps(item))
        told: dict[str, Any] = filter_fields(whole, {*self.include}, {*self.exclude})
        return told


async def row_of(connection: Any, collection: str, item_id: str) -> Any:
    """The row of an item; None if there is none."""
    return await connection.fetchrow(ITEM, collection, item_id)


@dataclass
class Writer:
    """Writes the items of one page."""

    connection: Any
    surroundings: Surroundings
    base_url: str
    bases: Bases

    async def feature(self, row: Any, fields: Fields = Fields()) -> bytes:
        """An item as clients see it, from its row."""
        item = fields.of(await self.whole(row))
        if fields.has("links"):
            stored = item.get("links") or []
            item["links"] = self._links(row["collection"], row["id"], stored)
        self.surroundings.open_up(item, self.base_url)
        return orjson.dumps(item)

    async def whole(self, row: Any) -> dict[str, Any]:
        """An item as it was registered, from its row; its geometry is JSON already."""
        content = row["content"]
        item = {
            "id": row["id"],
            "geometry": orjson.Fragment(row["geometry"]),
            "collection": row["collection"],
            "type": "Feature",
            **orjson.loads(content),
        }
        base = await self._base(row, item.pop("pgstac:base_item", None))
        whole: dict[str, Any] = hydrate(
            base, item, strip_unmatched_markers=DO_NOT_MERGE_MARKER in content
        )
        return whole

    async def _base(self, row: Any, tag: Any) -> dict[str, Any]:
        """What the items of a collection have in common, as it was when this one was written."""
        key = (row["key"], row["collection"], None if tag is None else str(tag))
        if key not in self.bases:
            base = await self.connection.fetchval(BASE, *key[1:])
            if base is None:
                raise NotFound(f"collection '{key[1]}' has just been removed")
            self.bases[key] = {name: part for name, part in base.items() if part is not None}
            if len(self.bases) > MOST:
                self.bases.popitem(last=False)
        return self.bases[key]

    def _links(self, collection: str, item_id: str, stored: list[Link]) -> list[Link]:
        """The links of stac-fastapi's `ItemLinks`, which looks for them on every item anew."""
        parent = f"{self.base_url}collections/{collection}"
        inferred = [
            {"rel": "collection", "type": "application/json", "href": parent},
            {"rel": "parent", "type": "application/json", "href": parent},
            {"rel": "root", "type": "application/json", "href": self.base_url},
            {"rel": "self", "type": "application/geo+json", "href": f"{parent}/items/{item_id}"},
        ]
        own = (link for link in stored if link["rel"] not in INFERRED)
        return inferred + [{**link, "href": self._href(link["href"])} for link in own]

    def _href(self, reference: str) -> str:
        if reference.startswith(("https://", "http://")):
            return reference
        try:
            return urljoin(self.base_url, reference)
        except ValueError:  # the schema takes for an address what Python does not
            return reference
