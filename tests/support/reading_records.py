"""Reading metadata records."""

from typing import Any

import pystac
from pystac.validation.stac_validator import JsonSchemaSTACValidator

from flows import extensions
from flows.found import Found
from flows.readers import dif, dublin_core, fgdc, iso

READERS = (iso, dublin_core, fgdc, dif)


def found(content: bytes, name: str = "upstream") -> Found:
    return Found(name, "1", record=content)


def read(content: bytes) -> pystac.Item:
    (reader,) = [reader for reader in READERS if reader.recognises(found(content))]
    return reader.read(found(content))


def properties(content: bytes) -> dict[str, Any]:
    """Those that searches and people use; without what is tested by itself."""
    told: dict[str, Any] = read(content).to_dict(include_self_link=False)["properties"]
    elsewhere = {"description", "contacts", "themes", "bands"}
    return {key: told[key] for key in told if key not in elsewhere and not key.startswith("iso:")}


def valid(item: pystac.Item) -> dict[str, Any]:
    """The item's document with its extensions, held against STAC's schemas and theirs."""
    document = item.to_dict(include_self_link=False, transform_hrefs=False)
    document = extensions.declare(document)
    extensions.check(document)
    JsonSchemaSTACValidator().validate_core(document, pystac.STACObjectType.ITEM, "1.1.0")
    return document
