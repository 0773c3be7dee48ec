"""Every file of a bucket, as a stream in order of their paths."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, InvalidPathError

from flows.packages.files import File, LeaveOut
from flows.packages.names import folders, parent
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.storage import Store, reason

if TYPE_CHECKING:
    from obstore import ObjectMeta


@dataclass(frozen=True)
class Bucket:
    """A bucket, or a prefix of one; a page of its listing is held at a time."""

    store: Store

    @property
    def name(self) -> str:
        """The last part of its address."""
        return self.store.root.rpartition("/")[2]

    def href(self, path: str) -> str:
        """The address of a file."""
        return self.store.href(path)

    def walk(self, leave_out: LeaveOut, folder: str = "") -> Iterator[File]:
        """Every file below a folder.

        Raises:
            Unreachable: the bucket cannot be listed.
            Unreadable: it has names that cannot be told, or does not list them in order.
        """
        last, checked, out = "", "", False
        for file in self._list(folder):
            if file.path < last:
                raise Unreadable(f"{self.store.root} does not list its objects in order")
            last = file.path
            if parent(file.path) != checked:
                checked = parent(file.path)
                out = any(leave_out(above) for above in folders(checked))
            if not out and not leave_out(file.path):
                yield file

    def starting(self, common: str) -> Iterator[File]:
        """The files of one folder whose paths begin alike."""
        for file in self._list(parent(common), after=common):
            if not file.path.startswith(common):
                return
            if parent(file.path) == parent(common):
                yield file

    def beside(self, path: str) -> Iterator[File]:
        """The files of the folder that a file is in, without those further below."""
        with _told(self.href(parent(path))):
            found = obstore.list_with_delimiter(self.store.backend, parent(path) or None)
        yield from sorted(map(_object, found["objects"]), key=lambda file: file.path)

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        with _told(self.href(path)):
            try:
                obstore.head(self.store.backend, path)
            except FileNotFoundError:
                return False
        return True

    def _list(self, folder: str, after: str | None = None) -> Iterator[File]:
        with _told(self.href(folder)):
            for page in obstore.list(self.store.backend, folder or None, offset=after):
                yield from (_object(meta) for meta in page if not _is_marker(meta))


@contextmanager
def _told(href: str) -> Iterator[None]:
    """Turn the client's errors into ours."""
    try:
        yield
    except InvalidPathError as error:
        raise Unreadable(f"{href} has a file that cannot be named: {reason(error)}") from error
    except (BaseError, OSError) as error:
        raise Unreachable(f"cannot list {href}: {reason(error)}") from error


def _object(meta: "ObjectMeta") -> File:
    changed = meta["last_modified"]
    version = meta["e_tag"] or changed.isoformat()
    return File(meta["path"], meta["size"], version, changed.timestamp())


def _is_marker(meta: "ObjectMeta") -> bool:
    """Whether it is what consoles of S3 write for a folder."""
    return meta["size"] == 0 and "." not in meta["path"].rpartition("/")[2]
