"""Every item once, whatever the upstream repeats."""

from hashlib import blake2b

from flows.found import Found


class Once:
    """Remembers what was given, in about 150 bytes an item."""

    def __init__(self) -> None:
        self._given: dict[bytes, str] = {}
        self.versions = 0
        """How many different documents came: items, and further documents of the same id."""

    def new(self, found: Found) -> bool:
        """Whether nothing of this id was given before."""
        name = _name(found)
        before = self._given.get(name)
        self.versions += before != found.fingerprint
        if before is None:
            self._given[name] = found.fingerprint
        return before is None

    def differs(self, found: Found) -> bool:
        """Whether another document of this id was given before."""
        return self._given.get(_name(found), found.fingerprint) != found.fingerprint


def _name(found: Found) -> bytes:
    text = found.upstream_id.encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=12).digest()
