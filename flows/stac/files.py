"""Files of an upstream, wherever they are: a local folder, the web, S3."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
import requests
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError
from obstore.store import S3Store

from flows.scope import Scope
from flows.stac.web import ask
from infrastructure.errors import SwathError, Unreachable, Unreadable
from infrastructure.http import CHUNK, MOST, Http
from infrastructure.s3 import open_bucket
from infrastructure.storage import reason

WEB = ("http", "https")


def address(url: str, base: Path) -> str:
    """The whole address of a file or folder that a collection file names.

    Args:
        url: Path, or file, http, https or s3 address.
        base: Folder that a relative path starts from.
    """
    return url if urlsplit(url).scheme in {*WEB, "s3", "file"} else (base / url).resolve().as_uri()


def path(href: str) -> Path:
    """The local path of a file address."""
    return Path(unquote(urlsplit(href).path))


def read(scope: Scope, home: str, href: str) -> bytes:
    """A whole file.

    Args:
        scope: Has the door to the web.
        home: The address that the operator gave, from which this one came.
        href: Its address: file, http, https or s3.

    Raises:
        Unreadable: there is no such file, it may not be read, it is larger than an answer of the
            web may be, or its address leads where documents of `home` may not lead.
        Unreachable: a server or disk does not answer just now.
    """
    _confine(home, href)
    match urlsplit(href).scheme:
        case "http" | "https":
            return ask(scope.http, home, href).content
        case "s3":
            return b"".join(_s3(href, MOST))
        case _:
            return _local(href)


def stream(http: Http, href: str) -> Iterator[bytes]:
    """A file of the web or of S3, piece by piece; it may be larger than memory.

    Raises:
        Unreadable: there is no such file, or it may not be read.
        Unreachable: the server does not answer, or breaks off.
    """
    return _s3(href) if href.startswith("s3://") else _web(http, href)


def _confine(home: str, href: str) -> None:
    """Refuse what a document of elsewhere has no business to make us read."""
    try:
        source, target = urlsplit(home), urlsplit(href)
    except ValueError as error:
        raise Unreadable(f"{href}: no address: {error}") from error
    if target.scheme not in {*WEB, "s3", "file"}:
        raise Unreadable(f"{href}: no address of a file, the web or S3")
    if target.scheme == "file" and source.scheme != "file":
        raise Unreadable(f"{href}: a catalog from elsewhere names a file of this machine")
    foreign = source.scheme != "file" and (source.scheme, source.netloc) != ("s3", target.netloc)
    if target.scheme == "s3" and foreign:
        raise Unreadable(f"{href}: a catalog from elsewhere names a bucket that is not its own")


def _local(href: str) -> bytes:
    try:
        return path(href).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise Unreadable(f"{href}: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise Unreadable(f"{href}: {error}") from error
    except OSError as error:
        raise Unreachable(f"{href}: {error.strerror}") from error


def _s3(href: str, most: int | None = None) -> Iterator[bytes]:
    parts = urlsplit(href)
    key = href.removeprefix(f"s3://{parts.netloc}").strip("/")
    try:
        answer = obstore.get(_bucket(parts.netloc, _aws()), key)
        if most and answer.meta["size"] > most:
            raise Unreadable(f"{href}: the file is larger than {most} bytes")
        for chunk in answer.stream():
            yield bytes(chunk)
    except (FileNotFoundError, NotFoundError) as error:
        raise Unreadable(f"{href}: no such file") from error
    except (PermissionError, PermissionDeniedError) as error:
        raise Unreadable(f"{href}: we may not read it: {reason(error)}") from error
    except (BaseError, OSError) as error:
        raise Unreachable(f"cannot read {href}: {reason(error)}") from error


@lru_cache(maxsize=4)
def _bucket(name: str, _environment: tuple[tuple[str, str], ...]) -> S3Store:
    """The client of a bucket, which keeps its connections for the next file."""
    return open_bucket(name, None)


def _aws() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(entry for entry in os.environ.items() if entry[0].startswith("AWS_")))


def _web(http: Http, href: str) -> Iterator[bytes]:
    try:
        answer = http.session.get(href, stream=True, timeout=http.timeout, auth=http.auth_for(href))
        with answer:
            if 400 <= answer.status_code < 500:
                raise Unreadable(f"{href} answers with status {answer.status_code}")
            if answer.status_code >= 500:
                raise Unreachable(f"{href} answers with status {answer.status_code}")
            yield from answer.iter_content(CHUNK)
    except SwathError:
        raise
    except (requests.RequestException, OSError) as error:
        raise Unreachable(f"{href} breaks off or does not answer: {error}") from error
