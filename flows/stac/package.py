"""Rasters that came with a STAC Item beside them: which item it is, and which files it names."""

from collections.abc import Iterator
from typing import Any

from flows.packages.content import read
from flows.stac.documents import parse
from infrastructure.addresses import split
from infrastructure.errors import Unreadable

Json = dict[str, Any]

SUFFIXES = (".json", ".geojson")


def items(files: dict[str, str]) -> Iterator[tuple[str, Json]]:
    """Name and content of the STAC Items among files; what else is JSON is left out."""
    for name, href in sorted(files.items()):
        if name.lower().endswith(SUFFIXES):
            try:
                document = parse(read(href), name)
            except Unreadable:
                continue
            if _is_item(document):
                yield name, document


def named(document: Json, files: dict[str, str]) -> dict[str, str]:
    """Asset key -> name of the file that is meant: the one that ends as the address does."""
    assets = document["assets"].items()
    found = {key: _file(asset.get("href"), files) for key, asset in assets}
    return {key: name for key, name in found.items() if name}


def _is_item(document: Any) -> bool:
    if not isinstance(document, dict) or document.get("type") != "Feature":
        return False
    assets = document.get("assets")
    return isinstance(assets, dict) and all(isinstance(a, dict) for a in assets.values())


def _file(href: Any, files: dict[str, str]) -> str | None:
    if not isinstance(href, str):
        return None
    path = split(href).path
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    return next((end for end in ends if end in files), None)
