"""The files beside a manifest: in a folder, in a bucket, on the web, in an archive."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from posixpath import join
from typing import Protocol
from urllib.parse import quote

from flows.integrity.entry import Entry
from flows.packages import content
from infrastructure import archives


class Folder(Protocol):
    """Where the files of a product lie, by the paths that a manifest has."""

    def sizes(self, paths: Iterable[str]) -> dict[str, int]:
        """Bytes of those files that are there."""

    def digests(self, entries: list[Entry]) -> Iterator[tuple[Entry, str]]:
        """The digests, in hexadecimal, of files that are there, by the entries' algorithms."""


def around(href: str) -> Folder:
    """The folder of a manifest.

    Args:
        href: Address of the manifest: file, s3, http, or that of a member of an archive.
    """
    member = archives.member(href)
    if member:
        return Packed(member.kind, member.archive, member.name.rpartition("/")[0])
    return Plain(partial(_beside, href))


def _beside(href: str, path: str) -> str:
    """The address of a path that begins where a manifest lies; keys of S3 are never encoded."""
    return f"{href.rpartition('/')[0]}/{path if href.startswith('s3:') else quote(path)}"


@dataclass(frozen=True)
class Plain:
    """Files, each with an address of its own."""

    href: Callable[[str], str]
    """The address of a path."""

    def sizes(self, paths: Iterable[str]) -> dict[str, int]:
        """See `Folder`."""
        found = ((path, content.size(self.href(path))) for path in paths)
        return {path: size for path, size in found if size is not None}

    def digests(self, entries: list[Entry]) -> Iterator[tuple[Entry, str]]:
        """See `Folder`."""
        for entry in entries:
            yield entry, _digest(entry, content.pieces(self.href(entry.path)))


@dataclass(frozen=True)
class Packed:
    """Files of an archive, which is read once from its beginning to its end."""

    kind: str
    archive: str
    folder: str
    """Path in the archive; nothing for its root."""

    def sizes(self, paths: Iterable[str]) -> dict[str, int]:
        """See `Folder`."""
        there = content.members(self.archive, self.kind)
        found = ((path, there.get(join(self.folder, path))) for path in paths)
        return {path: size for path, size in found if size is not None}

    def digests(self, entries: list[Entry]) -> Iterator[tuple[Entry, str]]:
        """See `Folder`."""
        wanted = {join(self.folder, entry.path): entry for entry in entries}
        for path, pieces in content.contents(self.archive, self.kind):
            if path in wanted:
                yield wanted[path], _digest(wanted[path], pieces)


def _digest(entry: Entry, pieces: Iterable[bytes]) -> str:
    digest = hashlib.new(entry.algorithm or "", usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
