"""From records to items and back: what is the same after it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from shapely import normalize, to_wkt
from shapely.geometry import shape

from flows.found import Found
from flows.identifiers import original, safe
from flows.readers import dif, dublin_core, fgdc, iso
from flows.records import standards
from infrastructure.errors import SwathError, Unreadable
from infrastructure.safe_xml import parse

Document = dict[str, Any]
Writer = Callable[[Document, Document], bytes]
"""An item and its collection -> a record of ISO."""

READERS = (iso, dublin_core, fgdc, dif)

COLLECTION: Document = {"id": "records", "description": "Records.", "license": "other"}

NUMBER = re.compile(r"-?\d+\.\d+")

DIGITS = 6
"""Decimals in which coordinates are compared: a tenth of a metre."""


def of(standard: str, *folders: Path) -> list[bytes]:
    """The different records of a standard below folders; those in one answer are taken apart.

    Args:
        standard: How its name begins: `iso`, `dublin-core`, `fgdc` ...
        folders: Where they are looked for.
    """
    found: dict[bytes, None] = {}
    for path in sorted(path for folder in folders for path in folder.rglob("*.xml")):
        try:
            answer = parse(path.read_bytes(), path.name)
        except Unreadable:
            continue
        for element in answer.iter(etree.Element):
            inside = any(standards.of(above) for above in element.iterancestors())
            if (standards.of(element) or "").startswith(standard) and not inside:
                found[etree.tostring(element, with_tail=False)] = None
    return list(found)


def read(record: bytes) -> Document | None:
    """The item of a record; None if it tells too little for one."""
    found = Found("record", "1", record=record)
    reader = next(reader for reader in READERS if reader.recognises(found))
    try:
        item: Document = reader.read(found).to_dict(include_self_link=False, transform_hrefs=False)
    except SwathError:
        return None
    return item


def again(item: Document, writer: Writer) -> Document | None:
    """The item that is read of the record that is written of an item; None if there is none."""
    try:
        found = read(writer({**item, "collection": COLLECTION["id"]}, COLLECTION))
    except SwathError:
        return None
    if found:
        _with_own_identity(found)
    return found


def _with_own_identity(item: Document) -> None:
    """Take the collection out of identifiers: records that are made name it before the item's."""
    collection = COLLECTION["id"]
    name = original(item["id"]).removeprefix(f"{collection}:")
    item["id"] = safe(name)
    told = item["properties"]
    told.pop("swath:upstream_id", None)
    if name != item["id"]:
        told["swath:upstream_id"] = name
    if told.get("swath:parent_identifier") == collection:
        del told["swath:parent_identifier"]


def differences(one: Document, other: Document) -> set[str]:
    """The fields in which an item has what another has not."""
    return {path for path, _ in Counter(fields(one)) - Counter(fields(other))}


def unchanged(items: list[Document], writer: Writer) -> Counter[str]:
    """In how many items each field is the same after it was written as a record and read again."""
    same: Counter[str] = Counter()
    for item in items:
        found = again(item, writer)
        changed = {path.partition(".")[0] for path in differences(item, found)} if found else None
        fields = {"links", "assets", "bbox", "geometry", "id", *item["properties"]}
        same.update(fields - changed if changed is not None else ())
    return same


def fields(item: Document) -> Iterator[tuple[str, str]]:
    """Path of each field, without indexes, and its value."""
    tops = {key: item[key] for key in ("id", "bbox", "links")}
    tops["geometry"] = to_wkt(normalize(shape(item["geometry"])), rounding_precision=DIGITS)
    assets = list(item["assets"].values())
    yield from _flat("", {**item["properties"], **tops, "assets": assets}, 0)


def _flat(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and depth < 2:
        for key, part in value.items():
            yield from _flat(f"{path}.{key}" if path else key, part, depth + 1)
    elif isinstance(value, list) and path != "bbox":
        for part in value:
            yield from _flat(path, part, depth)
    else:
        yield path, NUMBER.sub(lambda number: f"{float(number[0]):.{DIGITS}f}", repr(value))
