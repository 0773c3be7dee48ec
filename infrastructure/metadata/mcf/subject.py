"""What a record is about: an item with its collection, or a collection."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

WEB = ("https://", "http://")
"""Addresses that are for everyone; those of files and buckets stay out of a record."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """An item and its collection; a collection is both."""

    document: Document
    collection: Document

    @cached_property
    def is_collection(self) -> bool:
        """Whether it is a collection by itself."""
        return "properties" not in self.document

    @cached_property
    def told(self) -> Document:
        """What is said of it: the item's properties, or the collection with its summaries."""
        if not self.is_collection:
            properties: Document = self.document["properties"]
            return properties
        return {**(self.document.get("summaries") or {}), **self.document}

    @cached_property
    def is_record(self) -> bool:
        """Whether it was made of a metadata record, which then says all that is to be said."""
        return (
            any(key.startswith("iso:") for key in self.told) or "swath:datetime_from" in self.told
        )

    @property
    def name(self) -> str:
        """Its id."""
        return str(self.document["id"])

    def many(self, key: str) -> list[Any]:
        """A property that is one value in items and several in summaries of collections."""
        value = self.told.get(key)
        values = value if isinstance(value, list) else [value]
        return [each for each in values if each is not None]

    def link(self, *rels: str) -> dict[str, str]:
        """The first link of these relations into the web, its own before the collection's."""
        links = [*self.document.get("links", []), *self.collection.get("links", [])]
        found = (x for x in links if x["rel"] in rels and x["href"].startswith(WEB))
        return next(found, {})

    @property
    def assets(self) -> dict[str, Document]:
        """Its assets by their keys."""
        assets: dict[str, Document] = self.document.get("assets") or {}
        return assets
