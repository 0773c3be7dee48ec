"""What is in a file, wherever it lies: on this machine, in a bucket, on the web, in an archive."""

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import HTTPStore, ObjectStore

from infrastructure import archives
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.redirections import landed
from infrastructure.settings import HarvestSettings
from infrastructure.storage import open_store, reason

if TYPE_CHECKING:
    from obstore.store import ClientConfig

MOST = 64 * 2**20
"""Bytes of a metadata file that are read at most."""

MEMBERS = 50_000
"""Files that an archive may have."""

PIECE = 2**20
"""Bytes that are read at a time."""

MISSING = (FileNotFoundError, KeyError)
"""What the libraries say of a file that is not there."""

BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError,
    EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What the libraries of archives say of a damaged or encrypted one."""


def read(href: str) -> bytes:
    """A file that is small enough to be held whole, such as metadata.

    Args:
        href: Its address: file, s3, http or https, or one of infrastructure/archives.py.

    Raises:
        Unreadable: it is not there, it is damaged, or it is larger than `MOST`.
        Unreachable: the store or server does not answer.
    """
    content = bytearray()
    for piece in pieces(href):
        content += piece
        if len(content) > MOST:
            raise Unreadable(f"{_shown(href)}: more than {MOST} bytes, which is no metadata file")
    return bytes(content)


def pieces(href: str) -> Iterator[bytes]:
    """A file of any size, piece by piece; see `read`.

    One in a store or on the web is asked for once, not range by range.
    """
    if archives.member(href) is None and not href.startswith("file:"):
        with _told(href):
            for chunk in obstore.get(*_place(href)).stream(PIECE):
                yield bytes(chunk)
        return
    with opened(href) as file:
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def opened(href: str) -> Iterator[IO[bytes]]:
    """A file for reading; see `read`."""
    found = archives.member(href)
    with _told(href):
        if found is None:
            with _plain(href) as file:
                yield file
        elif found.kind == "zip":
            with (
                _plain(found.archive) as file,
                zipfile.ZipFile(file) as archive,
                archive.open(found.name) as content,
            ):
                yield content
        else:
            with _plain(found.archive) as file, tarfile.open(fileobj=file) as bundle:
                same = [info for info in bundle if info.isfile() and _path(info) == found.name]
                yield bundle.extractfile(same[-1] if same else found.name) or io.BytesIO()


def size(href: str) -> int | None:
    """Bytes of a file; None if it is not there. See `read`."""
    try:
        with opened(href) as file:
            return file.seek(0, io.SEEK_END)
    except Unreadable as error:
        if isinstance(error.__cause__, MISSING):
            return None
        raise


def members(href: str, kind: str) -> dict[str, int]:
    """Path -> size in bytes of the files in an archive.

    Args:
        href: Address of the archive.
        kind: zip or tar.

    Raises:
        Unreadable: it is damaged, encrypted, or has too many files.
        Unreachable: the store or server does not answer.
    """
    with _told(href), _plain(href) as file:
        sizes = _in_zip(href, file) if kind == "zip" else _in_tar(file)
    if len(sizes) > MEMBERS:
        raise Unreadable(f"{_shown(href)}: an archive of more than {MEMBERS} files")
    return sizes


def contents(href: str, kind: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Path and pieces of every file in an archive, in their order there: it is read once.

    The pieces of a file are there until the next file is asked for; see `members`.
    """
    with _told(href), _plain(href) as file:
        for path, content in _zipped(file) if kind == "zip" else _bundled(file):
            yield path, _in_pieces(href, content)


def _zipped(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                with archive.open(info) as content:
                    yield info.filename, content


def _bundled(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=file) as archive:
        for info in archive:
            if info.isfile() and (content := archive.extractfile(info)):
                yield _path(info), content


def _in_pieces(href: str, content: IO[bytes]) -> Iterator[bytes]:
    with _told(href):
        while piece := content.read(PIECE):
            yield piece


@contextmanager
def _told(href: str) -> Iterator[None]:
    """Turn the errors of the libraries into ours."""
    shown = _shown(href)
    try:
        yield
    except MISSING as error:
        raise Unreadable(f"{shown} is not there") from error
    except BROKEN as error:
        raise Unreadable(f"{shown}: the archive is damaged: {error}") from error
    except (BaseError, OSError) as error:
        raise Unreachable(f"{shown}: {reason(error)}") from error


def _shown(href: str) -> str:
    """An address without its query, which may be a signature."""
    if found := archives.member(href):
        return archives.inside(found.kind, _shown(found.archive), found.name)
    return href.partition("?")[0] if href.startswith("http") else href


def _in_zip(href: str, file: IO[bytes]) -> dict[str, int]:
    with zipfile.ZipFile(file) as archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
    if any(info.flag_bits & 1 for info in files):
        raise Unreadable(f"{_shown(href)}: the archive is encrypted")
    return {info.filename: info.file_size for info in files}


def _in_tar(file: IO[bytes]) -> dict[str, int]:
    with tarfile.open(fileobj=file) as archive:
        return {_path(info): info.size for info in archive if info.isfile()}


def _path(info: tarfile.TarInfo) -> str:
    """The path of a member as GDAL has it, too."""
    return info.name.removeprefix("./")


class _Remote(io.RawIOBase):
    """A file of a store as Python's libraries want it, read by ranges."""

    def __init__(self, store: ObjectStore, key: str) -> None:
        self._file = obstore.open_reader(store, key)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = memoryview(piece)
        return len(piece)


@contextmanager
def _plain(href: str) -> Iterator[IO[bytes]]:
    """A file that is no member of an archive; it can be sought in."""
    parts = urlsplit(href)
    if parts.scheme == "file":
        with Path(unquote(parts.path)).open("rb") as file:
            yield file
        return
    with io.BufferedReader(_Remote(*_place(href)), PIECE) as remote:
        yield remote


def _place(href: str) -> tuple[ObjectStore, str]:
    if href.startswith("s3://"):
        folder, _, name = href.rpartition("/")
        return open_store(folder).backend, name
    there = landed(href, HarvestSettings().private_hosts)
    parts = urlsplit(there)
    options: ClientConfig = {"allow_http": True} if parts.scheme == "http" else {}
    query = f"?{parts.query}" if parts.query else ""  # which is sent with every key
    base = f"{parts.scheme}://{parts.netloc}{query}"
    return HTTPStore.from_url(base, client_options=options), unquote(parts.path.lstrip("/"))
