"""Ids that are safe in addresses and file names, and never the same for two names."""

import re
from hashlib import blake2b

UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def safe(name: str) -> str:
    """The name itself where it is safe; else what is safe of it, and a digest of all of it."""
    kept = UNSAFE.sub("-", name).strip("-.")
    if kept == name:
        return name
    digest = blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{kept}-{digest}" if kept else digest
