"""The STAC Alternate Assets extension (1.2): the same files by another protocol, s3 and https."""

import re
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

import pystac
from pydantic import AfterValidator

from flows import extensions
from infrastructure.storage import Shelf

FIELD, NAME = "alternate", "alternate:name"

PLAIN = {"s3", "gs"}
"""Schemes whose keys are written as they are; addresses of the others are percent-encoded."""

PREFIX = re.compile(r"(?:file://|[a-z][a-z0-9]*://[^/]+)/(?:.*/)?")


def _checked(prefix: str) -> str:
    if not PREFIX.fullmatch(prefix):
        raise ValueError(f"'{prefix}' is not like s3://bucket/ or https://host/")
    return prefix


Prefix = Annotated[str, AfterValidator(_checked)]


def enrich(item: pystac.Item, shelf: Shelf, prefixes: dict[Prefix, Prefix]) -> pystac.Item:
    """Give each asset its other addresses, named by their schemes.

    Args:
        item: The item; alternates that it tells stay, but for files that are on the shelf now: what
            was told of these was another file.
        shelf: Its place in the store.
        prefixes: How addresses begin, and how they begin by the other protocol, such as
            `s3://bucket/: https://bucket.example.org/`; it holds both ways.
    """
    pairs = [*prefixes.items(), *((b, a) for a, b in prefixes.items())]
    for asset in item.assets.values():
        told = asset.extra_fields.pop(FIELD, {})
        others = _others(asset.href, pairs)
        alternates = others if asset.href.startswith(shelf.href("")) else {**told, **others}
        if alternates:
            asset.extra_fields[FIELD] = alternates
        if others:
            asset.extra_fields[NAME] = urlsplit(asset.href).scheme
            extensions.add(item, FIELD)
    return item


def _others(href: str, pairs: list[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """The other addresses, by their schemes."""
    found = [_moved(href, one, other) for one, other in pairs if href.startswith(one)]
    return {
        name: {"href": moved, NAME: name} for moved in found if (name := urlsplit(moved).scheme)
    }


def _moved(href: str, one: str, other: str) -> str:
    """The address below the other prefix."""
    rest = href.removeprefix(one)
    key = rest if urlsplit(one).scheme in PLAIN else unquote(rest)
    return other + (key if urlsplit(other).scheme in PLAIN else quote(key))
