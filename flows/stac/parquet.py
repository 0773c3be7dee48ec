"""stac-geoparquet, batch by batch."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped]
from stac_geoparquet.arrow import stac_table_to_items

from infrastructure.errors import Unreadable

ROWS = 500
"""Rows that are in memory at the same time."""

NO_ITEM = (pa.ArrowException, ValueError, KeyError, TypeError, AttributeError, AssertionError)
"""What the library raises for rows that it cannot turn into items."""


def items(path: Path, name: str) -> Iterator[dict[str, Any] | str]:
    """The items of a file; a row that cannot be one is what is wrong with it, in words.

    A table has a place for every property in every row. What is null in it the item had not: it
    is left out, except `datetime` and `geometry`, which an item has to have.

    Args:
        path: The file.
        name: Its name, for messages.

    Raises:
        Unreadable: it is no Parquet, or damaged.
    """
    try:
        with ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS):
                yield from _items(batch, name)
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(f"{name}: no stac-geoparquet: {_line(error)}") from error


def _items(batch: pa.RecordBatch, name: str) -> Iterator[dict[str, Any] | str]:
    try:
        rows = list(stac_table_to_items(pa.Table.from_batches([batch])))
    except NO_ITEM as error:
        if len(batch) > 1:  # one by one, for the others' sake
            for number in range(len(batch)):
                yield from _items(batch.slice(number, 1), name)
        else:
            yield f"{name}: a row is no item: {_line(error)}"
        return
    yield from map(_item, rows)


def _item(row: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "Feature", **_plain(row)}
    item.setdefault("geometry", None)
    item.setdefault("properties", {}).setdefault("datetime", None)
    return item


def _plain(value: Any) -> Any:
    """As JSON has it, without nulls."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
