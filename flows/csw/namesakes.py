"""Records that share one identifier, told apart in the same way in every run."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from flows.found import Found
from infrastructure.errors import SwathError


class Namesakes:
    """Tells them apart by their content, and notices records that come again.

    It remembers two numbers of each record, no more.
    """

    def __init__(self) -> None:
        self.repeated = 0
        """How many records came a second time, later than beside their twin: the server's pages
        overlap, so that others are missing."""
        self._names: set[int] = set()
        self._records: set[int] = set()

    def apart(self, stream: Iterable[Found]) -> Iterator[Found]:
        """Each record once, and each under a name of its own.

        Of neighbours with one identifier the one whose content comes first in order of its digest
        keeps it, whichever the server gave first; each other one is `identifier#digest`.

        Raises:
            SwathError: the stream did; what came before it is given first.
        """
        for name, group in groupby(stream, key=lambda found: found.upstream_id):
            versions, fault = _gathered(group)
            for digest in sorted(versions):
                if self._is_new(name, digest):
                    yield replace(versions[digest], upstream_id=self._own_name(name, digest))
            if fault:
                raise fault

    def _is_new(self, name: str, digest: str) -> bool:
        record = hash((name, digest))
        if record in self._records:
            self.repeated += 1
            return False
        self._records.add(record)
        return True

    def _own_name(self, name: str, digest: str) -> str:
        if hash(name) in self._names:
            return f"{name}#{digest}"
        self._names.add(hash(name))
        return name


def _gathered(group: Iterator[Found]) -> tuple[dict[str, Found], SwathError | None]:
    """The records of a group by their digests, and what ended it before its time."""
    versions: dict[str, Found] = {}
    try:
        for found in group:
            versions[found.fingerprint] = found
    except SwathError as error:
        return versions, error
    return versions, None
