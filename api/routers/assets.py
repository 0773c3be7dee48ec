"""The files of the store, by range: what GDAL and browsers need to read a COG (RFC 9110, 14)."""

import mimetypes
import re
from collections.abc import AsyncIterator
from email.utils import format_datetime
from typing import Any

import obstore
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from obstore.exceptions import BaseError

from infrastructure.errors import NotFound, Unreachable
from infrastructure.storage import Store

router = APIRouter(tags=["Assets"])

CHUNK = 1024 * 1024
"""Bytes sent at a time."""

RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})$")
"""Any 64-bit position; longer numbers are no usable range."""

NO_NAME = re.compile(r"\(os error (20|36)\)|InvalidPath")
"""What a local store says of a key that no file can have: below a file, too long, or like `a#1`."""

EXPOSED = "Accept-Ranges, Content-Length, Content-Range, ETag, Last-Modified"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"


@router.get("/assets/{key:path}", response_class=Response)
@router.head("/assets/{key:path}", response_class=Response)
async def asset(key: str, request: Request) -> Response:
    """A file, whole or a range of it; 304 when the client has it, 416 for a range outside it."""
    store: Store = request.app.state.surroundings.store
    meta = await _head(store, key)
    headers = _headers(key, meta)
    if _matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    span = _range(request, headers["ETag"], meta["size"])
    if span is None:
        headers["Content-Range"] = f"bytes */{meta['size']}"
        return Response(status_code=416, headers=headers)
    start, end = span
    partial = end - start < meta["size"]
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{meta['size']}"
    headers["Content-Length"] = str(end - start)
    status = 206 if partial else 200
    if request.method == "HEAD" or start == end:
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_read(store, key, start, end), status, headers)


async def _head(store: Store, key: str) -> Any:
    if {"", ".", ".."} & set(key.split("/")):
        raise NotFound(f"no file {key!r} in the store")
    try:
        return await obstore.head_async(store.backend, key)
    except (FileNotFoundError, ValueError) as error:  # ValueError: no name for a file
        raise NotFound(f"no file {key!r} in the store") from error
    except BaseError as error:
        if NO_NAME.search(str(error)):
            raise NotFound(f"no file {key!r} in the store") from error
        raise Unreachable(f"the store does not answer for '{key}'") from error


def _headers(key: str, meta: Any) -> dict[str, str]:
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    return {
        "Content-Type": COG if kind == "image/tiff" else kind,
        "Accept-Ranges": "bytes",
        "ETag": '"{}"'.format((meta["e_tag"] or f"{meta['size']:x}").strip('"')),
        "Last-Modified": format_datetime(meta["last_modified"], usegmt=True),
        "Cache-Control": "public, max-age=0, must-revalidate",
        "Access-Control-Expose-Headers": EXPOSED,
        "X-Content-Type-Options": "nosniff",
    }


def _matches(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    return any(tag.strip() in {"*", etag, f"W/{etag}"} for tag in header.split(","))


def _range(request: Request, etag: str, size: int) -> tuple[int, int] | None:
    """First byte and the byte after the last; the whole file without a usable Range header.

    Returns:
        None if the range lies outside the file. Several ranges in one request are answered with
        the whole file, as RFC 9110 allows.
    """
    asked = request.headers.get("range", "") if request.method == "GET" else ""  # RFC 9110, 14.2
    match = RANGE.match(asked)
    if match is None or request.headers.get("if-range", etag) != etag or match.groups() == ("", ""):
        return 0, size
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    return (start, end) if start < end else None


async def _read(store: Store, key: str, start: int, end: int) -> AsyncIterator[bytes]:
    result = await obstore.get_async(store.backend, key, options={"range": (start, end)})
    async for chunk in result.stream(min_chunk_size=CHUNK):
        yield bytes(chunk)
