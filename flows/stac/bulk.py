"""Files with many items: NDJSON, GeoJSON, JSON arrays and stac-geoparquet, read as they stream."""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flows.stac import parquet
from flows.stac.documents import parse
from flows.stac.text import Text
from flows.stac.unzipped import Unzipped
from infrastructure.errors import Unreadable

LINE = 64 * 2**20
"""Bytes that one item may have."""

PIECE = 2**20
"""Bytes that are looked at to tell the form of a file."""

BOM = b"\xef\xbb\xbf"

GZIP = b"\x1f\x8b"

PARQUET = b"PAR1"

COLLECTION = re.compile(rb'"features"\s*:\s*\[')


@dataclass(frozen=True)
class Record:
    """One record of a file."""

    document: Any = None
    error: str | None = None
    """Why it cannot be read."""
    original: bytes | None = None
    """As it came, if it cannot be read."""


def records(path: Path, name: str) -> Iterator[Record]:
    """The records of a file, in its order; a broken line or row of it is a record with an error.

    Args:
        path: The file; plain or gzip.
        name: Its name, for messages.

    Raises:
        Unreadable: it is none of the forms, is damaged, or ends in the middle; what stands before
            that was given.
    """
    try:
        with path.open("rb") as file:
            start = file.peek(4)[:4]
            if start == PARQUET:
                yield from _rows(path, name)
            elif start[:2] == GZIP:
                with io.BufferedReader(Unzipped(file), PIECE) as unpacked:
                    yield from _json(unpacked, name)
            else:
                yield from _json(file, name)
    except (EOFError, zlib.error) as error:
        raise Unreadable(f"{name}: damaged or cut short: {error}") from error
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror or error}") from error


def _json(file: "io.BufferedReader[Any]", name: str) -> Iterator[Record]:
    head = file.peek(PIECE).removeprefix(BOM).lstrip()
    line = head.partition(b"\n")[0].strip()
    if head[:1] == b"[" or line == b"{" or _is_collection(head):
        with io.TextIOWrapper(file, "utf-8-sig") as text:
            yield from map(Record, Text(text, name, LINE).elements())
    else:
        yield from _lines(file, name)


def _is_collection(head: bytes) -> bool:
    """Whether a file that starts so is a FeatureCollection; else it is an item in every line."""
    line, end, _ = head.partition(b"\n")
    if not COLLECTION.search(head):
        return False
    try:
        first = parse(line, "") if end else None
    except Unreadable:
        return True
    return not isinstance(first, dict) or first.get("type") == "FeatureCollection"


def _lines(file: IO[bytes], name: str) -> Iterator[Record]:
    number = 0
    while line := file.readline(LINE):
        number += 1
        if len(line) == LINE:
            raise Unreadable(f"{name}: line {number} is longer than {LINE} bytes")
        line = line.removeprefix(BOM).strip()
        if line:
            yield _record(line, f"{name}: line {number}")


def _record(line: bytes, subject: str) -> Record:
    try:
        return Record(parse(line, subject))
    except Unreadable as error:
        return Record(error=str(error), original=line)


def _rows(path: Path, name: str) -> Iterator[Record]:
    for row in parquet.items(path, name):
        yield Record(error=row) if isinstance(row, str) else Record(row)
