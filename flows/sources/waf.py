"""A web accessible folder: metadata records as files, found by the listings of a web server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from fnmatch import fnmatch
from hashlib import blake2b
from urllib.parse import unquote, urljoin, urlsplit

import requests

from flows.found import Found
from flows.listing import links
from flows.scope import Scope
from infrastructure.errors import Unreadable
from infrastructure.http import Http, refusal

INCREMENTAL = True

ZONES = timedelta(days=1)
"""How far the clock of a listing, whose zone is not told, can be from UTC."""

GONE = {404, 410}


@dataclass(frozen=True)
class _File:
    """A file of the folder."""

    name: str
    """Its path below the root."""
    url: str
    told: datetime | None = None
    """When it was changed, as the listing tells; in a zone that it does not tell."""
    error: str | None = None
    """Why it cannot be read."""


def search(
    scope: Scope,
    *,
    url: str,
    include: list[str] | None = None,
    exclude: list[str] | None = None,
    depth: int = 10,
) -> Iterator[Found]:
    """Read the records of a folder and of all folders in it.

    Only what lies below the address is read, on its own host. A record is named by its path.

    Args:
        scope: What is asked for. With `since`, records are left out that were not changed: by
            the date in the listing, or else by `Last-Modified`. Those that tell neither are read.
        url: Address of a page that links to records and folders, as web servers list a folder.
        include: Patterns of file names, case ignored; `*.xml` by default.
        exclude: Patterns of paths below the address to leave out, such as `old/*`.
        depth: Levels of folders to look into; what lies deeper is an error.

    Raises:
        Unreachable: the server does not answer.
        Unreadable: the address is none, or there are no records below it.
    """
    if scope.since:
        scope.pushed.add("since")
    folder = _Folder(scope.http, include or ["*.xml"], exclude or [], depth)
    empty = True
    for file in folder.files(url):
        empty = False
        if file.error:
            yield _broken(file, file.error)
        elif not (scope.since and _unchanged(scope.http, file, scope.since)):
            yield _read(scope.http, folder, file)
    if empty:
        raise Unreadable(f"{url} links to no records")


@dataclass
class _Folder:
    """The folder, and how far one goes into it."""

    http: Http
    include: list[str]
    exclude: list[str]
    depth: int
    root: str = ""
    """Host and path that everything lies below."""
    seen: set[str] = field(default_factory=set)

    def files(self, url: str) -> Iterator[_File]:
        """Every file once, folder by folder.

        Raises:
            Unreadable: the server refuses to list the root or a folder in it.
        """
        answer = self.http.get(url)
        self.root = urljoin(answer.url, ".")
        yield from self._below(answer, 1)

    def place(self, url: str) -> str | None:
        """The path of an address below the root; None if it is elsewhere, or the root itself."""
        here, root = urlsplit(url), urlsplit(self.root)
        path, above = unquote(here.path), unquote(root.path)
        if here.netloc != root.netloc or here.query or not path.startswith(above):
            return None
        name = path[len(above) :]
        steps = name.removesuffix("/").split("/")
        return None if {"", ".", ".."} & set(steps) else name

    def _below(self, answer: requests.Response, level: int) -> Iterator[_File]:
        for url, told in links(answer.content, answer.url):
            name = self.place(url)
            if name is None or name in self.seen or self._matches(name, self.exclude):
                continue
            self.seen.add(name)
            if name.endswith("/"):
                yield from self._folder(_File(name, url), level + 1)
            elif self._matches(name.rpartition("/")[2], self.include):
                yield _File(name, url, told)

    def _folder(self, folder: _File, level: int) -> Iterator[_File]:
        if level > self.depth:
            told = f"{folder.url} lies deeper than {self.depth} levels"
            yield _File(folder.name, folder.url, error=told)
            return
        try:
            answer = self.http.get(folder.url)
        except Unreadable as error:
            if not _is_gone(error):
                raise
            yield _File(folder.name, folder.url, error=str(error))
            return
        yield from self._below(answer, level)

    @staticmethod
    def _matches(name: str, patterns: list[str]) -> bool:
        return any(fnmatch(name.lower(), pattern.lower()) for pattern in patterns)


def _unchanged(http: Http, file: _File, since: datetime) -> bool:
    """Whether a file is older; by the listing if that is certain, or by asking for its head."""
    if file.told and file.told + ZONES < since:
        return True
    try:
        answer = http.request("HEAD", file.url, headers={"Accept-Encoding": "identity"})
    except Unreadable:
        return False
    modified = _modified(answer)
    return modified is not None and modified < since


def _modified(answer: requests.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get("Last-Modified", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read(http: Http, folder: _Folder, file: _File) -> Found:
    try:
        answer = http.get(file.url)
    except Unreadable as error:
        return _broken(file, str(error))
    if folder.place(answer.url) is None:
        return _broken(file, f"{file.url} leads elsewhere: {answer.url}")
    return Found(
        upstream_id=file.name,
        fingerprint=blake2b(answer.content, digest_size=16).hexdigest(),
        record=answer.content,
        changed=_modified(answer),
    )


def _broken(file: _File, reason: str) -> Found:
    """A file that cannot be taken up; it counts as changed when the reason changes."""
    fingerprint = blake2b(reason.encode(), digest_size=16).hexdigest()
    return Found(upstream_id=file.name, fingerprint=fingerprint, error=reason)


def _is_gone(error: Unreadable) -> bool:
    answer = refusal(error)
    return answer is not None and answer.status_code in GONE
