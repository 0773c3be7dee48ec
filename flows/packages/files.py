"""What a listing tells of a file, and what files make together."""

from collections.abc import Callable
from dataclasses import dataclass, field

LeaveOut = Callable[[str], bool]
"""Whether a file or folder, by its path, is not looked at."""


@dataclass(frozen=True, slots=True)
class File:
    """A file, or what is wrong with one."""

    path: str
    """Below the root, with slashes; a slash at its end: a folder that has nothing in it."""
    size: int = 0
    """Bytes."""
    version: str = ""
    """ETag, or else the time of its last change."""
    changed: float = 0.0
    """When it arrived or changed, in seconds since 1970 (UTC)."""
    error: str | None = None
    """Why it cannot be taken up."""


@dataclass(frozen=True)
class Product:
    """Files that belong together."""

    name: str
    """Path of the folder or file that it is."""
    files: dict[str, File] = field(default_factory=dict)
    """By their names in it."""
    changed: float = 0.0
    """When the newest of them arrived, in seconds since 1970 (UTC)."""
    error: str | None = None
