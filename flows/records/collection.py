"""A STAC Collection of the item that a record is: of a series, and of any other record.

Records of series describe what catalogues of STAC have as collections. What is one value for the
whole stands at the top; what items are searched by is in the summaries.
"""

from typing import Any

SUMMARISED = ("gsd", "processing:level", "proj:code", "platform", "instruments")
"""Properties of an item that are summaries of a collection."""

ITEMS_ONLY = {
    *SUMMARISED, "datetime", "start_datetime", "end_datetime", "swath:datetime_from",
    "eo:cloud_cover", "title", "description", "keywords", "license", "providers",
}  # fmt: skip
"""Properties that have a place of their own in a collection, or none."""


def collection(item: dict[str, Any]) -> dict[str, Any]:
    """The collection.

    Args:
        item: What a reader of records made, as a document.
    """
    told = item["properties"]
    start = told.get("start_datetime") or told["datetime"]
    end = told.get("end_datetime") or told["datetime"]
    return {
        **{key: value for key, value in told.items() if key not in ITEMS_ONLY},
        "type": "Collection",
        "stac_version": item["stac_version"],
        "stac_extensions": item["stac_extensions"],
        "id": item["id"],
        "title": told.get("title") or item["id"],
        "description": told.get("description") or told.get("title") or item["id"],
        "license": told.get("license", "other"),
        **{key: told[key] for key in ("keywords", "providers") if key in told},
        "extent": {"spatial": {"bbox": [item["bbox"]]}, "temporal": {"interval": [[start, end]]}},
        "summaries": _summaries(told),
        "assets": item["assets"],
        "links": item["links"],
    }


def _summaries(told: dict[str, Any]) -> dict[str, list[Any]]:
    values = {key: told.get(key) for key in SUMMARISED}
    listed = {key: value if isinstance(value, list) else [value] for key, value in values.items()}
    return {key: value for key, value in listed.items() if value not in ([], [None])}
