"""Digests of documents."""

from hashlib import blake2b

SLICE = 2047
"""Bytes up to which hashlib does not let another thread have Python: getting it back takes longer
than the digest of a document."""


def hexadecimal(content: bytes, *more: bytes) -> str:
    """A digest of 16 bytes, in hexadecimal."""
    whole = blake2b(digest_size=16)
    for part in (content, *more):
        view = memoryview(part)
        for start in range(0, len(part), SLICE):
            whole.update(view[start : start + SLICE])
    return whole.hexdigest()
