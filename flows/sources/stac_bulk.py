"""Files with many STAC Items: NDJSON, ItemCollections, JSON arrays and stac-geoparquet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.found import Found
from flows.scope import Scope
from flows.stac.bulk import Record, records
from flows.stac.files import path, stream
from flows.stac.items import broken, found
from flows.stac.listing import listing
from infrastructure.errors import Unreadable

EARLY = datetime.min.replace(tzinfo=UTC)


def search(scope: Scope, *, url: str) -> Iterator[Found]:
    """Read files of items, plain or gzip; what a file is, its content tells, not its name.

    An id that comes several times is given once: of its records that with the newest `updated`,
    of equals the last one. Which ids do is found out first, so the files are read twice, those
    with repeated ids in them a third time; files of the web and of S3 are copied to disk for it.
    Memory holds one item (of Parquet, 500 rows) and about 90 bytes for each id.

    A broken line or row is a `Found` with an error. A file that is damaged or ends in the middle
    is an error of the whole search, raised when everything else was given: what is missing cannot
    be told from what was deleted. All is looked at each time.

    Args:
        scope: What the harvest asks for; its bounds are applied to what is given.
        url: A file, a folder, or a pattern with `*`, `?` and `**`: path, or file or s3 address;
            or the http(s) address of one file.

    Raises:
        Unreachable: a server does not answer, or breaks off.
        Unreadable: there is no such file, or one is damaged.
    """
    with TemporaryDirectory(prefix="swath-") as folder:
        files = [_fetched(scope, href, Path(folder)) for href in listing(url, scope.base)]
        faults: list[Unreadable] = []
        repeated = _repeated(files)
        winners: dict[bytes, tuple[datetime, int]] = {}
        for position, record in _all(files, faults):
            name = _digest(record)
            if name not in repeated:
                yield record
            else:
                rank = (record.changed or EARLY, position)
                winners[name] = max(rank, winners.get(name, rank))
        chosen = {position for _, position in winners.values()}
        if chosen:
            yield from (record for position, record in _all(files, []) if position in chosen)
        if faults:
            raise faults[0]


@dataclass(frozen=True)
class _File:
    """A file on this machine."""

    name: str
    path: Path
    root: str | None
    """Folder below which its items may name local files."""


def _fetched(scope: Scope, href: str, folder: Path) -> _File:
    """The file, copied here if it is elsewhere."""
    if href.startswith("file:"):
        local = path(href)
        return _File(local.name, local, str(local.resolve().parent))
    copy = folder / blake2b(href.encode(), digest_size=16).hexdigest()
    with copy.open("wb") as file:
        file.writelines(stream(scope.http, href))
    return _File(href, copy, None)


def _repeated(files: list[_File]) -> set[bytes]:
    """Digests of the ids that come more than once."""
    seen: set[bytes] = set()
    again: set[bytes] = set()
    for _, record in _all(files, []):
        name = _digest(record)
        (again if name in seen else seen).add(name)
    return again


def _all(files: list[_File], faults: list[Unreadable]) -> Iterator[tuple[int, Found]]:
    """Every record, numbered; what is wrong with whole files goes to `faults`."""
    position = count()
    for file in files:
        try:
            for record in records(file.path, file.name):
                yield next(position), _found(record, file)
        except Unreadable as error:
            faults.append(error)


def _found(record: Record, file: _File) -> Found:
    if record.error is None:
        return found(record.document, file.root)
    digest = blake2b(record.original or record.error.encode(), digest_size=8).hexdigest()
    return broken(f"{file.name}#{digest}", record.error, record.original)


def _digest(record: Found) -> bytes:
    name = record.upstream_id.encode("utf-8", "surrogatepass")
    return blake2b(name, digest_size=12).digest()
