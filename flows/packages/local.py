"""Every file below a folder of this machine, as a stream in order of their paths."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.packages.files import File, LeaveOut
from flows.packages.names import fault, parent
from infrastructure.errors import Unreachable


@dataclass(frozen=True)
class Local:
    """A folder; the names in one folder at a time, and in those above it, are held in memory."""

    root: Path

    @property
    def name(self) -> str:
        """The name of the folder itself."""
        return self.root.name

    def href(self, path: str) -> str:
        """The address of a file."""
        return (self.root / path).as_uri()

    def walk(self, leave_out: LeaveOut) -> Iterator[File]:
        """Every file; links are followed, but never round in a circle.

        What cannot be listed or told is a `File` with an error, and the others go on.

        Raises:
            Unreachable: the root cannot be listed.
        """
        return self._walk("", leave_out, frozenset())

    def starting(self, common: str) -> Iterator[File]:
        """The files of one folder whose paths begin alike.

        Raises:
            Unreachable: the folder cannot be listed.
        """
        folder = parent(common)
        try:
            names = self._names(folder)
        except OSError as error:
            raise Unreachable(f"cannot list {self.root / folder}: {error.strerror}") from error
        for name in names:
            path = _joined(folder, name)
            if path.startswith(common) and not name.endswith("/"):
                yield from self._file(path)

    def _walk(
        self, folder: str, leave_out: LeaveOut, above: frozenset[tuple[int, int]]
    ) -> Iterator[File]:
        try:
            status = (self.root / folder).stat()
            names = self._names(folder)
        except OSError as error:
            yield self._unlisted(folder, error)
            return
        itself = (status.st_dev, status.st_ino)
        if itself in above:
            return
        if folder and all(name.startswith(".") for name in names):
            yield File(f"{folder}/", changed=status.st_ctime)
        for name in names:
            path = _joined(folder, name.removesuffix("/"))
            if leave_out(path):
                continue
            if wrong := fault(name):
                yield File(_written(path), error=wrong)
            elif name.endswith("/"):
                yield from self._walk(path, leave_out, above | {itself})
            else:
                yield from self._file(path)

    def _names(self, folder: str) -> list[str]:
        """Names in order, those of folders with a slash, as a bucket would list them."""
        with os.scandir(self.root / folder) as entries:
            return sorted(f"{e.name}/" if _is_folder(e) else e.name for e in entries)

    def _file(self, path: str) -> Iterator[File]:
        full = self.root / path
        try:
            status = full.stat()
        except OSError as error:
            if os.path.lexists(full):  # else it was removed or renamed just now
                yield File(path, error=f"the file cannot be read: {error.strerror}")
            return
        if stat.S_ISREG(status.st_mode):
            # A copy may bring the time of its original along, so the inode's own time says when
            # it arrived; it changes with the rights too, so it says nothing about the content.
            yield File(path, status.st_size, str(status.st_mtime_ns), status.st_ctime)

    def _unlisted(self, folder: str, error: OSError) -> File:
        if not folder:
            raise Unreachable(f"cannot list {self.root}: {error.strerror}") from error
        return File(folder, error=f"the folder cannot be listed: {error.strerror}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere
        return False


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _written(path: str) -> str:
    """A path with the characters that cannot be told written as escapes."""
    told = path.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c >= " " and c != "\x7f" else repr(c)[1:-1] for c in told)
