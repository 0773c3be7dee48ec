"""Checksums as STAC has them: multihashes (File Info extension 2.1)."""

import re
from typing import Any

CODES = {
    "MD5": ("d501", 16),
    "SHA1": ("11", 20),
    "SHA256": ("12", 32),
    "SHA512": ("13", 64),
    "SHA3256": ("16", 32),
    "BLAKE3": ("1e", 32),
}
"""Code of the multihash table, as a varint in hexadecimal, and length in bytes."""

BEST = ("BLAKE3", "SHA3256", "SHA512", "SHA256", "SHA1", "MD5")


def multihash(algorithm: str, digest: Any) -> str | None:
    """A digest in hexadecimal as a multihash; None if it is none of a known algorithm."""
    code = CODES.get(_plain(algorithm))
    words = digest.strip().lower() if isinstance(digest, str) else ""
    if code is None or not re.fullmatch(rf"[0-9a-f]{{{2 * code[1]}}}", words):
        return None
    return f"{code[0]}{code[1]:02x}{words}"


def strongest(checksums: Any) -> str | None:
    """The best of several checksums `{Algorithm, Value}` of a product in OData."""
    entries = [c for c in checksums or () if isinstance(c, dict)]
    known = {_plain(str(c.get("Algorithm"))): c.get("Value") for c in entries}
    hashes = (multihash(name, known[name]) for name in BEST if name in known)
    return next(filter(None, hashes), None)


def _plain(algorithm: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", algorithm.upper())
