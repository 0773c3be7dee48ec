"""Items and collections of public catalogues, as they were answered."""

import gzip
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

Document = dict[str, Any]

UNKNOWN = {"id": "openaerialmap", "description": "OpenAerialMap", "license": "CC-BY-4.0"}


def collections(shared_data: Path) -> dict[str, Document]:
    """Three collections, by id."""
    with (shared_data / "stac" / "bulk" / "pc-3-collections.ndjson").open() as lines:
        return {document["id"]: document for document in map(json.loads, lines)}


def items(shared_data: Path, most: int) -> Iterator[tuple[Document, Document]]:
    """The first items of each catalogue, with their collections."""
    known = collections(shared_data)
    for path in sorted((shared_data / "stac" / "bulk").glob("*-items.ndjson.gz")):
        with gzip.open(path, "rt") as lines:
            for item in map(json.loads, islice(lines, most)):
                yield item, known.get(item["collection"], UNKNOWN)
