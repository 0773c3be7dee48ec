"""A STAC Collection with what its items tell; what its own document says always goes first."""

from collections.abc import Mapping
from typing import Any

from infrastructure.summaries import assets, renders, types, values

PARTS = ("summaries", "renders", "stac_extensions")
"""Fields of a collection that are filled up from its items."""

LEARNT = "swath:item_assets"
"""Where a collection keeps what assets have in common. pgstac takes `item_assets` out of the items
that it stores, and puts in what stands there when they are read: it must not change by itself."""

Seen = dict[str, Any]
"""`values`, `types` and `assets`; see `widened` of their modules."""


def widened(seen: Seen, items: list[dict[str, Any]]) -> Seen:
    """What was seen of items, with a batch more; the cost is that of the batch."""
    properties = [item["properties"] for item in items]
    return {
        "values": values.widened(seen.get("values", {}), properties),
        "types": types.widened(seen.get("types", {}), properties),
        "assets": assets.widened(seen.get("assets", {}), (i.get("assets") for i in items)),
    }


def given(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a collection's own document says of the parts that are filled up."""
    return {part: document[part] for part in PARTS if part in document}


def filled(document: Mapping[str, Any], said: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    """The document with its parts filled up.

    Args:
        document: The STAC Collection.
        said: What its own document says of the parts; see `given`.
        seen: What was seen of its items.
    """
    told = values.summaries(seen.get("values", {})) | said.get("summaries", {})
    layers = said.get("renders") or renders.proposed(seen.get("assets", {}))
    extensions = list(said.get("stac_extensions", []))
    if layers and not any("/render/" in str(name) for name in extensions):
        extensions.append(renders.SCHEMA)
    parts: dict[str, Any] = {"summaries": told, "renders": layers, "stac_extensions": extensions}
    parts[LEARNT] = assets.item_assets(seen.get("assets", {}))
    rest = {name: value for name, value in document.items() if name not in (*PARTS, LEARNT)}
    if "stac_extensions" in said:
        rest["stac_extensions"] = []
    return {**rest, **{name: part for name, part in parts.items() if part}}


def public(document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored collection as others read it: `item_assets` has what was learnt of the items."""
    rest = {name: value for name, value in document.items() if name != LEARNT}
    common = document.get(LEARNT, {}) | rest.get("item_assets", {})
    return rest | ({"item_assets": common} if common else {})
