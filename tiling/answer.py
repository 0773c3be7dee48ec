"""An HTTP answer as a value, and the WSGI around it."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}
FRESH = "public, max-age=60"
"""A change of the catalogue shows in every client within a minute; the ETag spares the bytes."""


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower-case names) and body."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, document: Any, status: int = 200) -> "Answer":
        """A JSON document."""
        body = json.dumps(document, indent=1).encode()
        return cls(status, body, {"content-type": "application/json"})

    @classmethod
    def text(cls, sentence: str, status: int) -> "Answer":
        """One sentence for people."""
        return cls(status, f"{sentence}\n".encode(), {"content-type": "text/plain; charset=utf-8"})

    @property
    def kind(self) -> str:
        """The media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    def send(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """Answer a WSGI request, with what every answer has: CORS, ETag, length."""
        answer = self._conditional(environ.get("HTTP_IF_NONE_MATCH", ""))
        headers = {name.title(): value for name, value in answer.headers.items()} | CORS
        if answer.status not in (204, 304):
            headers["Content-Length"] = str(len(answer.body))
        line = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(line, list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def _conditional(self, wanted: str) -> "Answer":
        """This answer with its validator, or 304 if the client has it (RFC 9110, 13.1.2).

        MapProxy's own ETag is unquoted, and the same for all tiles that were just drawn.
        """
        if self.status >= 400:
            return replace(self, headers=self.headers | {"cache-control": "no-store"})
        if self.status != 200:
            return self
        tag = f'"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'
        headers = self.headers | {"etag": tag, "cache-control": FRESH}
        known = [entry.strip().removeprefix("W/") for entry in wanted.split(",")]
        if tag in known or "*" in known:
            headers.pop("content-type", None)
            return Answer(304, b"", headers)
        return replace(self, headers=headers)


def call(app: WsgiApp, environ: Environ) -> Answer:
    """What a WSGI application answers to a GET."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        started[:] = [int(status[:3]), {name.lower(): value for name, value in headers}]

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    status, headers = started
    own = ("content-length", "etag", "last-modified", "cache-control", "expires", "pragma")
    kept = {name: headers[name] for name in headers.keys() - own if not name.startswith("access-")}
    return Answer(status, body, kept)
