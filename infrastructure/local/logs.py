"""The last lines of the services' logs, and those that come."""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a file; none if it is not there yet."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, maxlen=lines)]


def follow(paths: Mapping[str, Path], seconds: float | None = None) -> Iterator[tuple[str, str]]:
    """The lines that come from now on, with the name of their log; survives rotation.

    Args:
        paths: name -> file; a file may appear later.
        seconds: how long to follow, or None for ever.
    """
    places = {name: _end(path) for name, path in paths.items()}
    started = time.monotonic()
    while seconds is None or time.monotonic() - started < seconds:
        for name, path in paths.items():
            places[name], fresh = _fresh(path, places[name])
            yield from ((name, line) for line in fresh)
        time.sleep(0.2)


Place = tuple[int, int]
"""Inode and offset in bytes up to which a file was read."""


def _end(path: Path) -> Place:
    if not path.exists():
        return (0, 0)
    status = path.stat()
    return (status.st_ino, status.st_size)


def _fresh(path: Path, place: Place) -> tuple[Place, list[str]]:
    inode, size = _end(path)
    offset = place[1] if inode == place[0] and size >= place[1] else 0
    if size == offset:
        return (inode, offset), []
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read(size - offset)
    whole = content.rfind(b"\n") + 1
    lines = content[:whole].decode("utf-8", "replace").splitlines()
    return (inode, offset + whole), lines
