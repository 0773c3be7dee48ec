"""HEAD, and answers that a client has already (RFC 9110, 9.3.2 and 13.1.2)."""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 2**18
"""Bytes of an answer that gets a tag; of longer ones, pages of items, the digest costs too much."""

OWN = ("/assets/", "/events")
"""Files and streams have their own ways."""


class HeadAsGet:
    """Answers HEAD as GET without the body; the outermost, so that both have the same header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or _is_own(scope):
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif not message.get("more_body"):
                await send({"type": "http.response.body", "body": b""})

        await self.app({**scope, "method": "GET"}, receive, without_body)


class Conditional:
    """Tags answers, and says 304 to who has them; the innermost, before any compression."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and look at the answer on its way back."""
        if scope["type"] != "http" or scope["method"] != "GET" or _is_own(scope):
            await self.app(scope, receive, send)
        else:
            known = Headers(scope=scope).get("if-none-match", "")
            await self.app(scope, receive, _Answer(known, send).send)


def _is_own(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return bool(path.startswith(OWN))


class _Answer:
    """One answer, held back until its body has begun."""

    def __init__(self, known: str, send: Send) -> None:
        self._known = known
        self._send = send
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            message = await self._begin(start, message)
        await self._send(message)

    async def _begin(self, start: Message, first: Message) -> Message:
        body, whole = first.get("body", b""), not first.get("more_body")
        if start["status"] == 200 and whole and len(body) <= LONGEST:
            headers = MutableHeaders(scope=start)
            tag = headers.setdefault("etag", f'W/"{blake2b(body, digest_size=12).hexdigest()}"')
            if _matches(self._known, tag):
                del headers["content-length"]
                await self._send({**start, "status": 304, "headers": headers.raw})
                return {"type": "http.response.body", "body": b""}
        await self._send(start)
        return first


def _matches(known: str, tag: str) -> bool:
    """Whether a tag is among those of `If-None-Match`, by the weak comparison."""
    plain = tag.removeprefix("W/")
    return known.strip() == "*" or plain in {
        part.strip().removeprefix("W/") for part in known.split(",")
    }
