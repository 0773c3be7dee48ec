"""Ids that are safe in addresses and file names, never the same for two names, and reversible."""

import re
from hashlib import blake2b

UNSAFE = re.compile(rb"[^A-Za-z0-9_.-]")

QUOTED = re.compile(rb"~([0-9A-F]{2})")

LONGEST = 200
"""Characters that an id has at most: file systems allow 255 bytes, and suffixes are added."""

DIGEST = 16
"""Bytes of the digest that ends an id that was cut."""


def safe(name: str) -> str:
    """The name, with every byte (UTF-8) outside `A-Z a-z 0-9 _ . -` written as `~HH`.

    `~` itself is `~7E`; of a name that is dots alone, which would be a path, the first dot is
    quoted; no name at all is `~`. `original` gives the name back. A quoted name of more than 200
    characters is cut and ends in `~~` and a digest of all of it: the one case that cannot be
    given back.
    """
    if not name:
        return "~"
    quoted = UNSAFE.sub(_quote, name.encode("utf-8", "surrogatepass")).decode()
    if not quoted.strip("."):
        quoted = f"~2E{quoted[1:]}"
    return quoted if len(quoted) <= LONGEST else _cut(quoted)


def original(identifier: str) -> str:
    """The name that `safe` made an identifier of.

    Raises:
        ValueError: the identifier was cut.
    """
    if "~~" in identifier:
        raise ValueError(f"'{identifier}' was cut; its whole name is not in it")
    if identifier == "~":
        return ""
    return QUOTED.sub(_unquote, identifier.encode()).decode("utf-8", "surrogatepass")


def _quote(match: re.Match[bytes]) -> bytes:
    return b"~%02X" % match[0][0]


def _unquote(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode())


def _cut(quoted: str) -> str:
    digest = blake2b(quoted.encode(), digest_size=DIGEST).hexdigest()
    kept = quoted[: LONGEST - len(digest) - 2]
    return f"{re.sub('~.?$', '', kept)}~~{digest}"
