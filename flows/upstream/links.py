"""Links of foreign records, and the assets that some of them are."""

import re
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from infrastructure.addresses import split

Json = dict[str, Any]

REACHABLE = {"http", "https", "s3"}
"""Schemes of addresses that an asset may have."""

IMAGES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif"}


def whole(href: Any, base: str) -> str | None:
    """A link's whole address; None if it leads to where nobody can go."""
    if not isinstance(href, str) or not href.strip() or (href.startswith("/") and not base):
        return None
    try:
        address = written(urljoin(base, href.strip()))
        return address if urlsplit(address).scheme in REACHABLE else None
    except ValueError:
        return None


def written(address: str) -> str:
    """An address with its blanks and other signs that must not stand in one quoted (RFC 3987)."""
    return re.sub(r"[\s<>\"{}|\\^`]", lambda sign: quote(sign[0]), address)


def asset(href: str, role: str, media_type: Any = None, **fields: Any) -> Json:
    """A STAC Asset; a type that is not told is that of the ending, of pictures.

    Args:
        href: Its address.
        role: Its role: `data`, `overview`, `thumbnail`, `metadata`.
        media_type: Media type, if it is told.
        fields: Further fields; those without a value are left out.
    """
    told = media_type if isinstance(media_type, str) and "/" in media_type else None
    ending = split(href).path.lower().rpartition(".")[2]
    if role in {"overview", "thumbnail"}:
        query_ending = href.lower().rpartition(".")[2]
        told = told or IMAGES.get(f".{ending}") or IMAGES.get(f".{query_ending}")
    known = {"type": told, **fields}
    return {"href": href, **{k: v for k, v in known.items() if v is not None}, "roles": [role]}


def add(assets: dict[str, Json], key: str, new: Json) -> None:
    """Add an asset under its key, or under the key with a number if another has it."""
    if any(new["href"] == other["href"] for other in assets.values()):
        return
    free, number = key, 2
    while free in assets:
        free, number = f"{key}-{number}", number + 1
    assets[free] = new


def link(rel: str, href: str, source: Json) -> Json:
    """A STAC Link with what else the foreign one says."""
    kept = {k: v for k, v in source.items() if k not in {"rel", "href"} and v is not None}
    return {"rel": rel, "href": href, **kept}
