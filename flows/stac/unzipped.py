"""Gzip that gives all it can before it fails; Python's own reader loses its last piece."""

import io
import zlib
from typing import IO

CHUNK = 2**16

WITH_HEADER = 31
"""zlib's word for gzip with the largest window."""


class Unzipped(io.RawIOBase):
    """The content of a gzip file, of one or several members (RFC 1952).

    Raises:
        EOFError: while reading: the file ends in the middle.
        zlib.error: while reading: it is damaged.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._unpack = zlib.decompressobj(WITH_HEADER)
        self._packed = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer, in part or whole; 0 at the end."""
        while True:
            if self._unpack.eof and not self._next_member():
                return 0
            packed = self._packed or self._file.read(CHUNK)
            data = self._unpack.decompress(packed, len(buffer))
            self._packed = self._unpack.unconsumed_tail
            if data:
                buffer[: len(data)] = data
                return len(data)
            if not packed and not self._unpack.eof:
                raise EOFError("it ends in the middle")

    def _next_member(self) -> bool:
        rest = self._unpack.unused_data.lstrip(b"\0")  # some writers fill up a block of the disk
        self._packed = rest or self._file.read(CHUNK).lstrip(b"\0")
        self._unpack = zlib.decompressobj(WITH_HEADER) if self._packed else self._unpack
        return bool(self._packed)
