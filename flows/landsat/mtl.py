"""Landsat's metadata file (MTL), in its three forms, as one flat dictionary."""

import json
from typing import Any

from flows.packages.content import read as read_file
from infrastructure import safe_xml
from infrastructure.errors import Unreadable

SUFFIXES = ("_MTL.json", "_MTL.xml", "_MTL.txt")
"""By preference: the later ones are harder to take apart."""


def find(files: dict[str, str]) -> tuple[str, str] | None:
    """Name and address of the metadata file of a scene, if it has one."""
    for suffix in SUFFIXES:
        for name, href in files.items():
            if name.endswith(suffix):
                return name, href
    return None


def files(metadata: dict[str, str]) -> list[str]:
    """The files of the product that it names; those that it was made from are named there, too."""
    product = metadata.get("LANDSAT_PRODUCT_ID") or metadata.get("LANDSAT_SCENE_ID")
    named = (value for key, value in metadata.items() if "FILE_NAME" in key)
    return sorted({name for name in named if product and name.startswith(product)})


def read(name: str, href: str) -> dict[str, str]:
    """Every value by its key; of a key that several groups have, the first group's value.

    Raises:
        Unreadable: the file is damaged.
        Unreachable: it cannot be fetched.
    """
    content = read_file(href)
    try:
        if name.endswith(".json"):
            return _flatten(json.loads(content))
        if name.endswith(".xml"):
            return _from_xml(content, name)
        return _from_text(content.decode("ascii"))
    except (ValueError, AttributeError) as error:
        raise Unreadable(f"{name}: damaged: {error}") from error


def _flatten(tree: Any) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, value in tree.items():
        leaves = _flatten(value) if isinstance(value, dict) else {key: str(value)}
        values = {**leaves, **values}
    return values


def _from_xml(content: bytes, name: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for element in safe_xml.parse(content, name).iter():
        if len(element) == 0 and isinstance(element.tag, str):
            values.setdefault(element.tag, (element.text or "").strip())
    return values


def _from_text(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = (part.strip() for part in line.partition("="))
        if equals and key not in {"GROUP", "END_GROUP"}:
            values.setdefault(key, value.strip('"'))
    if not values:
        raise ValueError("no key = value in it")
    return values
