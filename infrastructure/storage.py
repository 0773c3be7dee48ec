"""The object store: a local folder or an S3 bucket behind one interface (obstore)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from infrastructure.errors import Misconfigured, Unreachable
from infrastructure.settings import StorageSettings

if TYPE_CHECKING:
    from obstore import ObjectMeta


@dataclass(frozen=True)
class Store:
    """Files under one root URL; a key is the path below the root, with slashes."""

    root: str
    """`file:///folder` (percent-encoded) or `s3://bucket/prefix`, without a closing slash."""
    backend: ObjectStore

    def href(self, key: str) -> str:
        """The address of a key, as it stands in the catalogue; keys of S3 are never encoded."""
        return f"{self.root}/{quote(key) if self._is_local else key}"

    def key(self, href: str) -> str | None:
        """The key of an address of this store, or None for an address elsewhere."""
        prefix = f"{self.root}/"
        if not href.startswith(prefix):
            return None
        key = href.removeprefix(prefix)
        return unquote(key) if self._is_local else key

    @property
    def _is_local(self) -> bool:
        return self.root.startswith("file:")

    def put(self, key: str, content: bytes | Path) -> str:
        """Write a file whole or not at all, and return its address.

        Raises:
            Unreachable: the store refused it or did not answer.
        """
        try:
            obstore.put(self.backend, key, content)
        except BaseError as error:
            raise Unreachable(f"cannot write {self.href(key)}: {error}") from error
        return self.href(key)

    def read(self, key: str) -> Iterator[bytes]:
        """The content of a file, piece by piece.

        Raises:
            Unreachable: the store does not answer, or has no such file.
        """
        try:
            for chunk in obstore.get(self.backend, key).stream():
                yield bytes(chunk)
        except (BaseError, FileNotFoundError) as error:
            raise Unreachable(f"cannot read {self.href(key)}: {error}") from error

    def list(self, prefix: str = "") -> Iterator["ObjectMeta"]:
        """Everything under a prefix, page by page: path, size, e_tag, last_modified.

        Raises:
            Unreachable: the store cannot be listed.
        """
        try:
            for page in obstore.list(self.backend, prefix or None):
                yield from page
        except BaseError as error:
            raise Unreachable(f"cannot list {self.href(prefix)}: {error}") from error

    def delete(self, prefix: str) -> int:
        """Remove everything under a prefix; how many files that were."""
        keys = [meta["path"] for meta in self.list(prefix)]
        if keys:
            obstore.delete(self.backend, keys)
        return len(keys)

    def exists(self, key: str) -> bool:
        """Whether there is a file of that key."""
        try:
            obstore.head(self.backend, key)
        except FileNotFoundError:
            return False
        return True


@dataclass(frozen=True)
class Shelf:
    """One item's place in the store, and a scratch folder of its own."""

    store: Store
    prefix: str
    """`{collection}/{item}`"""
    scratch: Path
    """Local folder that is removed when the item is done."""

    def href(self, name: str) -> str:
        """The address that a file of this name has, or would have."""
        return self.store.href(f"{self.prefix}/{name}")

    def put(self, name: str, content: bytes | Path) -> str:
        """Write a file of this item and return its address; see `Store.put`."""
        return self.store.put(f"{self.prefix}/{name}", content)


def open_store(url: str) -> Store:
    """Open the folder or bucket of a URL; a local folder is made if it is missing.

    Raises:
        Misconfigured: neither `file:///folder` nor `s3://bucket[/prefix]`.
    """
    root = url.rstrip("/")
    parts = urlsplit(root)
    if parts.scheme == "file" and parts.path:
        path = Path(unquote(parts.path))
        return Store(path.as_uri(), LocalStore(path, mkdir=True))
    if parts.scheme == "s3" and parts.netloc:
        return Store(root, S3Store(parts.netloc, prefix=parts.path.strip("/") or None))
    raise Misconfigured(f"'{url}' is no store: use file:///folder or s3://bucket/prefix")


def asset_store(settings: StorageSettings) -> Store:
    """The store of the files that Swath makes."""
    return open_store(settings.url)


def gdal_path(href: str) -> str:
    """The name under which GDAL opens an address, without copying it.

    Raises:
        Misconfigured: the scheme is not file, s3, http or https.
    """
    parts = urlsplit(href)
    match parts.scheme:
        case "":
            return href
        case "file":
            return unquote(parts.path)
        case "s3":
            return f"/vsis3/{href.removeprefix('s3://')}"
        case "http" | "https":
            return f"/vsicurl/{href}"
    raise Misconfigured(f"cannot open {href}: its scheme is not file, s3, http or https")
