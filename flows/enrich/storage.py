"""The STAC Storage extension (2.0): the store that each file lies in, and how it is reached.

Stores are known by addresses: s3, Amazon's by https, Azure's, Google Cloud's, local folders. Any
other web server has no store to tell of.
"""

import os
from collections.abc import Iterator
from typing import Annotated, Any

import pystac
from pydantic import Field

from flows import extensions
from flows.platforms import S3, Scheme, scheme
from infrastructure.s3 import server
from infrastructure.storage import Shelf

SCHEMES, REFS = "storage:schemes", "storage:refs"


def enrich(
    item: pystac.Item,
    shelf: Shelf,  # noqa: ARG001 - makes no file
    endpoint: Annotated[str, Field(pattern="^https?://[^/]+/?$")] | None = None,
    regions: dict[str, str] | None = None,
    requester_pays: list[str] | None = None,
) -> pystac.Item:
    """Refer each asset, and each of its alternates, to the store that it lies in.

    Args:
        item: The item; one that declares another release of the extension stays as it is.
        shelf: Not used.
        endpoint: Public address of the S3 server; by default the one that the `AWS_*` variables
            name, else Amazon's.
        regions: Region of each bucket, where addresses do not tell it; without it none is told.
        requester_pays: Buckets whose readers pay.

    Raises:
        Misconfigured: the server that the `AWS_*` variables name has no address.
        Unreadable: an address is none.
    """
    s3 = S3((endpoint or server(os.environ) or "").rstrip("/"), regions or {})
    if extensions.differs(item, "storage"):
        return item
    schemes = dict(item.properties.get(SCHEMES, {}))
    for fields, href in _places(item):
        found = scheme(href, s3)
        if found:
            fields[REFS] = [_name(found)]
            paid = {"requester_pays": True} if found.get("bucket") in (requester_pays or []) else {}
            schemes[_name(found)] = {**found, **paid}
    if schemes:
        item.properties[SCHEMES] = schemes
        extensions.add(item, SCHEMES)
    return item


def _places(item: pystac.Item) -> Iterator[tuple[dict[str, Any], str]]:
    """Fields and address of each asset and each of its alternates."""
    for asset in item.assets.values():
        yield asset.extra_fields, asset.href
        for other in asset.extra_fields.get("alternate", {}).values():
            yield other, other["href"]


def _name(found: Scheme) -> str:
    """The name of a store in the item: its type, and its bucket or account."""
    parts = (found["type"], found.get("account"), found.get("bucket"))
    return "-".join(str(part) for part in parts if part)
