"""What a manifest says of one file."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from infrastructure.errors import Invalid

ALGORITHMS = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA256": "sha256",
    "SHA512": "sha512",
    "SHA3256": "sha3_256",
}
"""Name of a checksum in capitals, without hyphens -> hashlib's name."""

LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128, "sha3_256": 64}
"""Algorithm, by hashlib's name -> hexadecimal digits of its digests."""


@dataclass(frozen=True)
class Entry:
    """A file of a product, as a manifest has it."""

    path: str
    """Relative to the folder of the manifest, with slashes."""
    size: int | None = None
    """Bytes, where they are told."""
    algorithm: str | None = None
    """hashlib's name; none, where no digest is told."""
    digest: str | None = None
    """Hexadecimal, in small letters."""


def inside(manifest: str, path: str) -> str:
    """A path of a manifest in its plain form.

    Raises:
        Invalid: it leads out of the product.
    """
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or ".." in parts or ":" in path.partition("/")[0] or not parts:
        raise Invalid(f"{manifest}: names '{path}', which is no file of the product")
    return str(PurePosixPath(*parts))


def checksum(manifest: str, path: str, algorithm: str, digest: str) -> str:
    """A digest in its plain form.

    Raises:
        Invalid: it is none of this algorithm.
    """
    digits = digest.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{LENGTHS[algorithm]}}}", digits):
        raise Invalid(f"{manifest}: '{digest}' of {path} is no {algorithm} checksum")
    return digits
