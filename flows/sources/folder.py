"""A folder or bucket prefix of scenes, listed folder by folder."""

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatch
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError

from flows.found import Found
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.storage import Store, open_store, reason

if TYPE_CHECKING:
    from obstore import ObjectMeta

RASTERS = ("*.tif", "*.tiff", "*.jp2", "*.nc", "*.h5", "*.hdf", "*.img")


def search(
    since: datetime | None,  # noqa: ARG001 - a listing tells everything; the ledger knows the rest
    *,
    base: Path,
    url: str,
    scene: Literal["folder", "file"] = "folder",
    include: list[str] | None = None,
) -> Iterator[Found]:
    """List the products below a folder.

    Args:
        since: Not used: a listing has no order in time.
        base: Folder that a relative `url` starts from.
        url: Local path, `file:///folder` or `s3://bucket/prefix`.
        scene: `folder`: all files of one folder are one product, but each raster that lies in
            the root itself is one; `file`: each raster is one, wherever it lies.
        include: Patterns of file names, case ignored; the usual raster suffixes by default,
            used where a raster alone is a product.

    Raises:
        Unreachable: the folder or bucket cannot be listed.
        Unreadable: there is nothing in it.
    """
    store = _open(base, url)
    patterns = [pattern.lower() for pattern in include or RASTERS]
    empty = True
    for prefix, files in _walk(store):
        if scene == "file" or not prefix:
            products = [[file] for file in files if _matches(file, patterns)]
        else:
            products = [files]
        for product in products:
            empty = False
            alone = scene == "file" or not prefix
            yield _found(store, product[0]["path"] if alone else prefix, product)
    if empty:
        raise Unreadable(f"{store.root} holds no products")


def _open(base: Path, url: str) -> Store:
    if urlsplit(url).scheme in {"file", "s3"}:
        path = Path(urlsplit(url).path) if url.startswith("file:") else None
    else:
        path = (base / url).resolve()
        url = path.as_uri()
    if path is not None and not path.is_dir():
        raise Unreachable(f"{path} is no folder")
    return open_store(url)


def _walk(store: Store, prefix: str = "") -> Iterator[tuple[str, list["ObjectMeta"]]]:
    """Each folder that has files or nothing at all, with its files, in order of their names."""
    try:
        listing = obstore.list_with_delimiter(store.backend, prefix or None)
    except (BaseError, OSError) as error:
        raise Unreachable(f"cannot list {store.href(prefix)}: {reason(error)}") from error
    files = sorted(
        (file for file in listing["objects"] if not _name(file).startswith(".")),
        key=lambda file: file["path"],
    )
    folders = sorted(listing["common_prefixes"])
    if files or (prefix and not folders):
        yield prefix, files
    for folder in folders:
        if not folder.rpartition("/")[2].startswith("."):
            yield from _walk(store, folder)


def _matches(file: "ObjectMeta", patterns: list[str]) -> bool:
    return any(fnmatch(_name(file).lower(), pattern) for pattern in patterns)


def _name(file: "ObjectMeta") -> str:
    return file["path"].rpartition("/")[2]


def _found(store: Store, name: str, files: list["ObjectMeta"]) -> Found:
    digest = blake2b(digest_size=16)
    for file in files:
        digest.update(f"{file['path']}\0{file['size']}\0{file['last_modified']}\n".encode())
    return Found(
        upstream_id=name,
        fingerprint=digest.hexdigest(),
        files={_name(file): store.href(file["path"]) for file in files},
    )
