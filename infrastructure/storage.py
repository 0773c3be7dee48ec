"""The object store: a local folder or an S3 bucket behind one interface (obstore)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from infrastructure import archives
from infrastructure.addresses import split
from infrastructure.errors import Invalid, Misconfigured, Unreachable
from infrastructure.s3 import open_bucket
from infrastructure.settings import StorageSettings

if TYPE_CHECKING:
    from obstore import ObjectMeta


PLAIN = re.compile(r"[\w./-]+", re.ASCII)
"""Keys that are names of files as they are; other characters the client writes in its own way."""


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
            Invalid: the key is no name for a file, or climbs out of the store.
            Unreachable: the store refused it or did not answer.
        """
        with self._told("write", _checked(key)):
            obstore.put(self.backend, key, content)
        return self.href(key)

    def take(self, key: str, path: Path) -> str:
        """Take a file of this machine in, which is gone then; see `put`.

        In a folder of the same disk its content is not copied.
        """
        if self._is_local and PLAIN.fullmatch(_checked(key)):
            target = Path(unquote(urlsplit(self.root).path)) / key
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
            except OSError:  # another disk; or what is wrong is told by `put`
                pass
            else:
                return self.href(key)
        href = self.put(key, path)
        path.unlink()
        return href

    def read(self, key: str) -> Iterator[bytes]:
        """The content of a file, piece by piece.

        Raises:
            Invalid: the key is no name for a file, or climbs out of the store.
            Unreachable: the store does not answer, or has no such file.
        """
        with self._told("read", _checked(key)):
            for chunk in obstore.get(self.backend, key).stream():
                yield bytes(chunk)

    def list(self, prefix: str = "") -> Iterator["ObjectMeta"]:
        """Everything under a prefix, page by page: path, size, e_tag, last_modified.

        Raises:
            Invalid: the prefix climbs out of the store.
            Unreachable: the store cannot be listed.
        """
        folder = _checked(prefix.removesuffix("/")) if prefix else ""
        with self._told("list", folder):
            for page in obstore.list(self.backend, folder or None):
                yield from page

    def delete(self, prefix: str) -> int:
        """Remove everything under a prefix, but never the whole store; how many files that were.

        Raises:
            Invalid: the prefix is empty, or climbs out of the store.
            Unreachable: the store refused it or did not answer.
        """
        folder = _checked(prefix.removesuffix("/"))
        keys = [meta["path"] for meta in self.list(folder)]
        if keys:
            with self._told("delete", folder):
                obstore.delete(self.backend, keys)
        return len(keys)

    @contextmanager
    def _told(self, verb: str, key: str) -> Iterator[None]:
        """Turn the client's errors into ours."""
        try:
            yield
        except (BaseError, OSError) as error:
            raise Unreachable(f"cannot {verb} {self.href(key)}: {reason(error)}") from error


@dataclass(frozen=True)
class Shelf:
    """One item's place in the store, and a scratch folder of its own."""

    store: Store
    prefix: str
    """`{collection}/{item}/{version}`: what one version of a product became."""
    scratch: Path
    """Local folder that is removed when the item is done."""

    def href(self, name: str) -> str:
        """The address that a file of this name has, or would have."""
        return self.store.href(f"{self.prefix}/{name}")

    def put(self, name: str, content: bytes | Path) -> str:
        """Write a file of this item and return its address; see `Store.put`."""
        return self.store.put(self._key(name), content)

    def take(self, name: str, path: Path) -> str:
        """Take a file in, which is gone then, and return its address; see `Store.take`."""
        return self.store.take(self._key(name), path)

    def _key(self, name: str) -> str:
        if "/" in name:
            raise Invalid(f"'{name}' is no name for a file of an item")
        return f"{self.prefix}/{name}"


def open_store(url: str) -> Store:
    """Open the folder or bucket of a URL; a local folder is made if it is missing.

    Raises:
        Misconfigured: neither `file:///folder` nor `s3://bucket[/prefix]`, the folder cannot be
            made, or the address of the S3 server is none.
    """
    root = url.rstrip("/")
    parts = urlsplit(root)
    if parts.scheme == "file" and parts.path:
        path = Path(unquote(parts.path))
        try:
            return Store(path.as_uri(), LocalStore(path, mkdir=True))
        except OSError as error:
            raise Misconfigured(f"cannot make the folder {path}: {error}") from error
    if parts.scheme == "s3" and parts.netloc:
        prefix = root.removeprefix(f"s3://{parts.netloc}").strip("/")
        return Store(root, open_bucket(parts.netloc, prefix or None))
    raise Misconfigured(f"'{url}' is no store: use file:///folder or s3://bucket/prefix")


def reason(error: Exception) -> str:
    """What an error of the store's client says: the server's sentence, or else its own first line.

    A dump of the client's innards follows that.
    """
    said = re.search(r"<Message>([^<]+)</Message>", str(error))
    return said[1] if said else str(error).partition("\n")[0].strip()


def _checked(key: str) -> str:
    if {"", ".", ".."} & set(key.split("/")):
        raise Invalid(f"'{key}' is no name for a file in the store")
    return key


def asset_store(settings: StorageSettings) -> Store:
    """The store of the files that Swath makes."""
    return open_store(settings.url)


def gdal_path(href: str) -> str:
    """The name under which GDAL opens an address, without copying it.

    Args:
        href: The address; also that of a member of an archive, see infrastructure/archives.py.

    Raises:
        Unreadable: it is no address.
        Misconfigured: the scheme is not file, s3, http or https.
    """
    if found := archives.member(href):
        return f"/vsi{found.kind}/{{{gdal_path(found.archive)}}}/{found.name}"
    parts = split(href)
    match parts.scheme:
        case "file":
            return unquote(parts.path)
        case "s3":
            return f"/vsis3/{href.removeprefix('s3://')}"
        case "http" | "https":
            return f"/vsicurl/{href}"
    raise Misconfigured(f"cannot open {href}: its scheme is not file, s3, http or https")
