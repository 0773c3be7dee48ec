"""STAC Items of any version, as STAC 1.1."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import orjson
import pystac
from pystac.errors import STACError, STACTypeError
from pystac.serialization import identify_stac_object, migrate_to_latest

from flows.stac.legacy import brought_up, is_old
from infrastructure.errors import Unreadable

Json = dict[str, Any]

NO_ITEM = (STACError, STACTypeError, KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What comes of a document that is no item."""

FILTERS = Lock()
"""Python's filters of warnings are one for all threads."""

CURRENT = "1.1.0"

MIGRATED = {"1.0.0", "1.0.1", CURRENT}
"""Versions between which an item differs in its licence and its extensions alone."""


def current(item: Json, subject: str) -> Json:
    """The item as STAC 1.1, its extensions as pystac knows them; the given one stays as it is.

    Nothing is dropped: what no version knows stays, nulls too. An item of STAC 1.0 or 1.1 is not
    copied any deeper than it has to be: most items are, and pystac's own way takes five times as
    long.

    Args:
        item: STAC Item of version 0.6 to 1.1.
        subject: Its name, for the message of an error.

    Raises:
        Unreadable: it is no STAC Item.
    """
    try:
        _check(item)
        if item.get("stac_version") in MIGRATED:
            return _relicensed(item if _is_current(item) else _extended(item))
        return _migrated(item)
    except NO_ITEM as error:
        raise Unreadable(f"{subject}: no STAC Item: {_line(error)}") from error


def _check(item: Json) -> None:
    if item.get("type") != "Feature":
        raise ValueError(f"its type is {item.get('type')!r}, not 'Feature'")
    properties = item.get("properties")
    if not isinstance(item.get("id"), str) or not isinstance(properties, dict):
        raise TypeError("it has no `id` or no `properties`")
    if not isinstance(item.get("assets", {}), dict):
        raise TypeError("its `assets` are no object")
    if not {"stac_version", "assets"} & item.keys() and "datetime" not in properties:
        raise ValueError("it has neither `stac_version` nor `datetime`")


def _is_current(item: Json) -> bool:
    extensions = item.get("stac_extensions") or []
    return not (_previous() & set(extensions) or _misplaced(item, extensions))


def _misplaced(item: Json, extensions: list[str]) -> bool:
    """Whether it has `proj:epsg`, which pystac moves although the extension is current."""
    if not any("/projection/" in uri for uri in extensions):
        return False
    parts = (item["properties"], *item.get("assets", {}).values())
    return any("proj:epsg" in part for part in parts)


@cache
def _previous() -> frozenset[str]:
    """Extensions that pystac migrates to another version."""
    blank: Json = {"type": "Feature", "stac_version": "1.1.0", "id": "x", "properties": {}}
    migrate_to_latest(blank, identify_stac_object(blank))  # makes pystac find its extensions
    hooks = pystac.EXTENSION_HOOKS.hooks.values()
    return frozenset(uri for hook in hooks for uri in hook.prev_extension_ids)


def _extended(item: Json) -> Json:
    """The item with its extensions migrated by pystac."""
    part = {key: item[key] for key in ("properties", "assets") if key in item}
    part = orjson.loads(orjson.dumps({**part, "stac_extensions": item["stac_extensions"]}))
    info = identify_stac_object(item)
    with _silence():
        pystac.EXTENSION_HOOKS.migrate(part, info.version_range.latest_valid_version(), info)
    return {**item, **part}


def _migrated(item: Json) -> Json:
    """An item of a version before 1.0, by pystac, which copies it."""
    bands = item["properties"].get("eo:bands")
    old = brought_up(item) if is_old(item) else item
    with _silence():
        new = {**item, **migrate_to_latest(old, identify_stac_object(old))}
    if bands is not None:
        new["properties"].setdefault("eo:bands", bands)
    return new


@contextmanager
def _silence() -> Iterator[None]:
    """Without pystac's warnings of fields that have no home any more: they stay where they are."""
    with FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _relicensed(item: Json) -> Json:
    if item["stac_version"] == CURRENT:
        return item
    properties = item["properties"]
    if properties.get("license") in {"proprietary", "various"}:
        properties = {**properties, "license": "other"}
    return {**item, "stac_version": CURRENT, "properties": properties}


def _line(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 200 else f"{words[:200]}..."
