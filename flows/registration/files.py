"""A product that an order names by address: a file, a folder, or what an S3 prefix holds."""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flows.found import Found
from flows.packages.names import ARCHIVES, RASTERS, matches
from flows.scope import Scope
from infrastructure import plugins
from infrastructure.errors import Unreadable
from infrastructure.http import Http
from infrastructure.settings import HarvestSettings


def product(url: str, http: Http, settings: HarvestSettings) -> Found:
    """The product at an address, with the name that a harvest of its folder would give it.

    Raises:
        Unreachable: it cannot be listed.
        Unreadable: there is nothing, more than one product, or orders must not reach there.
    """
    if urlsplit(url).scheme in {"http", "https"}:
        return _on_the_web(url, http)
    if url.startswith("file:"):
        url = _allowed(url, settings.local_folders).as_uri()
    return _in_store(url)


def _on_the_web(url: str, http: Http) -> Found:
    """One file; its version is what its headers tell, if the server lets us ask for them."""
    http.allow(url)
    name = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    if not name:
        raise Unreadable(f"{url}: the address of a file ends in its name")
    told: Mapping[str, str] = {}
    with suppress(Unreadable):  # addresses that are signed are signed for GET
        told = http.request("HEAD", url).headers
    version = [url, *(told.get(key, "") for key in ("ETag", "Last-Modified", "Content-Length"))]
    return Found(name, _digest(version), files={name: url})


def _allowed(url: str, folders: list[Path]) -> Path:
    path = Path(unquote(urlsplit(url).path)).resolve()
    if not any(path.is_relative_to(folder.resolve()) for folder in folders):
        raise Unreadable(f"{url} is in none of the folders of SWATH_HARVEST_LOCAL_FOLDERS")
    return path


def _in_store(url: str) -> Found:
    """What the folder source finds: a file, or all that is below a folder as one product."""
    alone = matches(url.rpartition("/")[2], (*ARCHIVES, *RASTERS))
    folder = plugins.load("flows.sources", "folder")
    found: list[Found] = list(
        islice(folder.search(Scope(), url=url, scene="file" if alone else "root"), 2)
    )
    if len(found) > 1:
        raise Unreadable(f"{url} holds more than one product; give the address of one")
    return found[0]


def _digest(parts: list[str]) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
