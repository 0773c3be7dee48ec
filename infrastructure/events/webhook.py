"""One delivery to one webhook: signed, bounded in time, and to where it was checked to go."""

import asyncio
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus

import httpx

from infrastructure.addresses import ensure_public
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.events.cloudevents import MEDIA_TYPE
from infrastructure.events.signature import headers
from infrastructure.events.subscriptions import refusal

ANSWER = 2**16
"""Bytes of an answer that are read, so that its connection serves again."""

NAMES = ThreadPoolExecutor(32, "names")
"""Where names are looked up: one that takes long must not hold up the database's threads."""


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are those of the system; reading them takes time, so they are read once."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt."""

    error: str | None = None
    """Why it failed; None: it was taken (2xx)."""
    gone: bool = False
    """The receiver wants nothing any more (410)."""
    wait: float | None = None
    """Seconds that the receiver asks to wait (`Retry-After`)."""


class Webhook:
    """The way to one receiver; an asynchronous context manager closes its connections."""

    def __init__(self, url: str, secret: str, timeout: float, private_hosts: bool) -> None:
        self.url = httpx.URL(url)
        self.host = self.url.raw_host.decode("ascii")
        self.secret = secret
        self.timeout = timeout
        self.private_hosts = private_hosts
        self._client = httpx.AsyncClient(verify=_tls(), timeout=timeout, follow_redirects=False)

    async def __aenter__(self) -> "Webhook":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def deliver(self, message_id: str, body: bytes) -> Outcome:
        """Try once; whatever goes wrong is in the outcome."""
        try:
            async with asyncio.timeout(self.timeout):
                return await self._send(await self._addresses(), message_id, body)
        except TimeoutError:
            return Outcome(f"no answer within {self.timeout:g} s")
        except (OSError, UnicodeError):  # UnicodeError: a part of the name is too long
            return Outcome(f"{self.host}: no address of that name")
        except (Unreadable, Unreachable) as error:
            return Outcome(refusal(self.host, error))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome(f"no answer: {str(error) or type(error).__name__}"[:200])

    async def _addresses(self) -> list[httpx.URL]:
        """The address with the host's numbers: what was checked is what is connected to."""
        port = self.url.port or {"http": 80, "https": 443}[self.url.scheme]
        found = await asyncio.get_running_loop().run_in_executor(
            NAMES, lambda: socket.getaddrinfo(self.host, port, type=socket.SOCK_STREAM)
        )
        pinned = [self.url.copy_with(host=str(info[4][0])) for info in found]
        for address in pinned:
            ensure_public(str(address), self.private_hosts)
        return pinned

    async def _send(self, addresses: list[httpx.URL], message_id: str, body: bytes) -> Outcome:
        """Send to the first address that takes the connection."""
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError):
                return await self._post(address, message_id, body)
        return await self._post(addresses[-1], message_id, body)

    async def _post(self, address: httpx.URL, message_id: str, body: bytes) -> Outcome:
        signed = headers(self.secret, message_id, int(time.time()), body)
        told = {"Host": self.url.netloc.decode(), "Content-Type": MEDIA_TYPE, "User-Agent": "swath"}
        async with self._client.stream(
            "POST",
            address,
            content=body,
            headers={**told, **signed},
            extensions={"sni_hostname": self.host},
        ) as answer:
            size = 0
            async for part in answer.aiter_raw():
                size += len(part)
                if size > ANSWER:
                    break
        return _outcome(answer)


def _outcome(answer: httpx.Response) -> Outcome:
    if answer.is_success:
        return Outcome()
    gone = answer.status_code == HTTPStatus.GONE
    wait = _seconds(answer.headers.get("retry-after", ""))
    return Outcome(f"answered with status {answer.status_code}", gone, wait)


def _seconds(retry_after: str) -> float | None:
    """`Retry-After` in seconds: a number or a date (RFC 9110, 10.2.3); None if it is neither."""
    if retry_after.isdecimal() and retry_after.isascii():
        return float(retry_after[:9])
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
