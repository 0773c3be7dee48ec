"""Addresses of files inside archives: `zip+file:///products/a.zip!/b/c.jp2`.

The form is rasterio's: `zip+` or `tar+` before the address of the archive, and `!/` between it and
the member's path, which is percent-encoded.
"""

from dataclasses import dataclass
from urllib.parse import quote, unquote

KINDS = {".zip": "zip", ".tar": "tar", ".tar.gz": "tar", ".tgz": "tar"}
"""Suffix -> kind of archive."""


@dataclass(frozen=True)
class Member:
    """A file inside an archive."""

    kind: str
    """zip or tar."""
    archive: str
    """Address of the archive."""
    name: str
    """Its path in there."""


def kind(name: str) -> str | None:
    """The kind of archive that a file is by its name, if it is one."""
    return next((kind for suffix, kind in KINDS.items() if name.lower().endswith(suffix)), None)


def inside(kind: str, archive: str, name: str) -> str:
    """The address of a member of an archive."""
    return f"{kind}+{archive}!/{quote(name)}"


def member(href: str) -> Member | None:
    """What the address of a member says; None for any other address."""
    kind, plus, rest = href.partition("+")
    archive, mark, name = rest.rpartition("!/")
    if not (plus and mark) or kind not in KINDS.values():
        return None
    return Member(kind, archive, unquote(name))
