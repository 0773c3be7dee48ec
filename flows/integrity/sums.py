"""Lists of checksums: MD5SUMS, SHA256SUMS, Landsat's `_MD5.txt`, and sidecars such as `a.tif.md5`.

A line is a digest and a name, as the programs md5sum and sha256sum write and read it, or
`MD5 (name) = digest`. In a sidecar the digest may stand alone: it is that of the file beside it.
"""

import re

from flows.integrity.entry import LENGTHS, Entry, checksum, inside
from infrastructure.errors import Invalid

NAME = re.compile(
    r"(?:(?:md5|sha1|sha256|sha512)sums?(?:\.txt)?|.+_MD5\.txt"
    r"|(?P<file>.+)\.(?:md5|sha1|sha256|sha512)(?:sum)?)",
    re.IGNORECASE,
)
"""Names of such files; `file` is the one that a sidecar is about."""

KINDS = {length: name for name, length in LENGTHS.items() if name != "sha3_256"}
"""Hexadecimal digits -> algorithm."""

PLAIN = re.compile(r"\\?(?P<digest>[0-9a-fA-F]+)(?:\s+\*?(?P<name>\S.*))?")

TAGGED = re.compile(r"[A-Z0-9-]+ ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9a-fA-F]+)")


def entries(manifest: str, content: bytes) -> list[Entry]:
    """The files that a list of checksums names.

    Args:
        manifest: Its name.
        content: The text, UTF-8.

    Raises:
        Invalid: a line is no digest with a name.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Invalid(f"{manifest}: no text in UTF-8") from error
    about = NAME.fullmatch(manifest)
    alone = about["file"] if about else None
    return [
        _entry(manifest, number, line.strip(), alone)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]


def _entry(manifest: str, number: int, line: str, alone: str | None) -> Entry:
    found = TAGGED.fullmatch(line) or PLAIN.fullmatch(line)
    name = (found["name"] or alone) if found else None
    algorithm = KINDS.get(len(found["digest"])) if found else None
    if not (found and name and algorithm):
        raise Invalid(f"{manifest}: line {number} is no checksum with the name of a file")
    path = inside(manifest, name)
    return Entry(path, None, algorithm, checksum(manifest, path, algorithm, found["digest"]))
