"""A static STAC catalog, collection or item, walked link by link."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import orjson
import pystac
import requests
from pystac.errors import STACError, STACTypeError

from flows.found import Found
from infrastructure.errors import Unreachable, Unreadable

NO_STAC = (STACError, STACTypeError, ValueError, KeyError, TypeError, AttributeError)
"""What the library raises for a document that is no STAC."""

LATER = {408, 429}
"""Client errors of HTTP that mean: try again."""


def search(
    since: datetime | None,  # noqa: ARG001 - files do not tell when they changed
    *,
    base: Path,
    url: str,
) -> Iterator[Found]:
    """Walk a static catalog; one branch at a time is held in memory.

    A file below the root that is missing or broken is a `Found` with an error.

    Args:
        since: Not used: the ledger knows which items are new.
        base: Folder that a relative `url` starts from.
        url: A catalog, collection or item: path or http(s) address.

    Raises:
        Unreachable: a server or disk does not answer just now.
        Unreadable: the root is missing, or no STAC.
    """
    href = url if urlsplit(url).scheme else str((base / url).resolve())
    root = _read(href)
    ground = None if _is_remote(href) else str(Path(_path(href)).parent)
    if isinstance(root, pystac.Item):
        yield _found(root, href, ground)
        return
    seen, branches = {href}, [_links(root, href)]
    while branches:
        href = next(branches[-1], "")
        if not href:
            branches.pop()
        elif href not in seen:
            try:
                node = _below(href, remote=_is_remote(url))
            except Unreadable as error:
                yield _broken(href, str(error))
                continue
            if isinstance(node, pystac.Item):
                yield _found(node, href, ground)
            else:
                seen.add(href)
                branches.append(_links(node, href))


def _links(node: pystac.STACObject, href: str) -> Iterator[str]:
    """Absolute addresses of what hangs below a catalog; a link that has none is its own."""
    for link in node.links:
        if link.rel in (pystac.RelType.ITEM, pystac.RelType.CHILD):
            yield link.get_absolute_href() or href


def _below(href: str, remote: bool) -> pystac.STACObject:
    if remote and not _is_remote(href):
        raise Unreadable(f"{href}: a catalog of the web names a file of this machine")
    return _read(href)


def _is_remote(href: str) -> bool:
    return urlsplit(href).scheme in ("http", "https")


def _read(href: str) -> pystac.STACObject:
    try:
        node = pystac.read_dict(orjson.loads(_content(href)), href=href)
    except NO_STAC as error:
        raise Unreadable(f"{href}: no STAC: {error or type(error).__name__}") from error
    node.clear_links(pystac.RelType.ROOT)  # else it would be read again to write an address
    return node


def _content(href: str) -> bytes:
    try:
        if not _is_remote(href):
            return Path(_path(href)).read_bytes()
        answer = requests.get(href, timeout=60)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise Unreadable(f"{href}: {error.strerror}") from error
    except OSError as error:
        raise Unreachable(f"{href}: {error}") from error
    status = answer.status_code
    if status >= 500 or status in LATER:
        raise Unreachable(f"{href}: the server answers with status {status}")
    if status >= 400:
        raise Unreadable(f"{href}: the server answers with status {status}")
    return answer.content


def _path(href: str) -> str:
    return url2pathname(urlsplit(href).path) if href.startswith("file:") else href


def _found(item: pystac.Item, href: str, ground: str | None) -> Found:
    try:
        item.make_asset_hrefs_absolute()
        document = item.to_dict(include_self_link=True)
    except NO_STAC as error:
        return _broken(href, f"{href}: no STAC: {error or type(error).__name__}")
    return Found(
        upstream_id=f"{item.collection_id}/{item.id}",
        fingerprint=blake2b(orjson.dumps(document), digest_size=16).hexdigest(),
        document=document,
        root=ground,
    )


def _broken(href: str, reason: str) -> Found:
    """A file that cannot be taken up; it counts as changed when the reason changes."""
    fingerprint = blake2b(reason.encode(), digest_size=16).hexdigest()
    return Found(upstream_id=href, fingerprint=fingerprint, error=reason)
