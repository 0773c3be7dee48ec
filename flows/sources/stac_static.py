"""A static STAC catalog, collection or item of version 0.6 to 1.1, walked link by link."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from flows.found import Found
from flows.scope import Scope
from flows.stac.ahead import together
from flows.stac.documents import parse
from flows.stac.files import address, path, read
from flows.stac.items import broken, found
from flows.stac.legacy import with_commons
from flows.stac.once import Once
from flows.stac.web import absolute
from infrastructure.errors import Unreadable

Json = dict[str, Any]


def search(scope: Scope, *, url: str, readers: int = 8) -> Iterator[Found]:
    """Walk a static catalog by its links `child` and `item`, absolute or relative.

    A file below the root that is missing or broken is a `Found` with an error; so is a second
    item of the same collection and id. A file that is linked twice is read once, and a circle of
    catalogs ends where it began. Links lead from the web to the web (to private networks only on
    the host of `url`), within a bucket, and from local files anywhere.

    Memory holds one branch, and about 200 bytes for each file and item. All is looked at each
    time: files do not tell what changed since the last harvest.

    Args:
        scope: What the harvest asks for; its bounds are applied to what is given.
        url: A catalog, collection or item: path, or file, http, https or s3 address.
        readers: Files that are read at the same time.

    Raises:
        Unreachable: a server or disk does not answer just now.
        Unreadable: the root is missing, or no STAC.
    """
    home = address(url, scope.base)
    ground = str(path(home).resolve().parent) if home.startswith("file:") else None
    once = Once()
    with ThreadPoolExecutor(readers) as pool:
        walk = _Walk(scope, home, pool, readers)
        for file in walk.files():
            record = file.found(ground)
            if once.differs(record):
                yield broken(file.href, f"{file.href}: the second file of {record.upstream_id}")
            elif once.new(record):
                yield record


@dataclass(frozen=True)
class _File:
    """A file of the catalog, or why there is none."""

    href: str
    document: Json
    commons: Json
    """What the nearest collection tells of all its items, up to STAC 0.9."""
    error: str | None = None
    original: bytes | None = None

    def found(self, ground: str | None) -> Found:
        if self.error:
            return broken(self.href, self.error, self.original)
        links = self.document.get("links") or []
        links = list(links.values()) if isinstance(links, dict) else links
        itself = {"rel": "self", "href": self.href, "type": "application/geo+json"}
        others = [link for link in links if isinstance(link, dict) and link.get("rel") != "self"]
        item = with_commons({**self.document, "links": [itself, *others]}, self.commons)
        return found(item, ground)

    def below(self) -> Iterator[str]:
        """Absolute addresses of what hangs below a catalog."""
        links = self.document["links"]
        for link in links.values() if isinstance(links, dict) else links:
            named = isinstance(link, dict) and isinstance(link.get("href"), str)
            if named and link.get("rel") in {"item", "child"}:
                yield absolute(link["href"], self.href).partition("#")[0]


class _Walk:
    """The way through a catalog, depth first."""

    def __init__(self, scope: Scope, home: str, pool: ThreadPoolExecutor, width: int) -> None:
        self._scope, self._home, self._pool, self._width = scope, home, pool, width
        self._seen: set[bytes] = set()

    def files(self) -> Iterator[_File]:
        """Items and broken files."""
        root = self._open(self._home, {})
        if root.error:
            raise Unreadable(root.error)
        branches = [iter([root])]
        while branches:
            file = next(branches[-1], None)
            if file is None:
                branches.pop()
            elif file.error or file.document.get("type") == "Feature":
                yield file
            else:
                branches.append(self._branch(file))

    def _branch(self, file: _File) -> Iterator[_File]:
        own = file.document.get("properties") if "extent" in file.document else None
        commons = own if isinstance(own, dict) else file.commons
        fresh = (href for href in file.below() if self._is_new(href))
        return together(self._pool, lambda href: self._open(href, commons), fresh, self._width)

    def _is_new(self, href: str) -> bool:
        digest = blake2b(href.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        known = digest in self._seen
        self._seen.add(digest)
        return not known

    def _open(self, href: str, commons: Json) -> _File:
        content = None
        try:
            content = read(self._scope, self._home, href)
            return _File(href, _stac(href, content), commons)
        except Unreadable as error:
            return _File(href, {}, commons, str(error), content)


def _stac(href: str, content: bytes) -> Json:
    document = parse(content, href)
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        raise Unreadable(f"{href}: no STAC: it has no `id`")
    if document.get("type") != "Feature" and not isinstance(document.get("links"), list | dict):
        raise Unreadable(f"{href}: no STAC: it is no item, and has no links")
    return document
