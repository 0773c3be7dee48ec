"""The door to other people's web servers: patient, polite, bounded, and safe to point anywhere."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from time import monotonic, sleep
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util.retry import Retry

from infrastructure.addresses import ensure_public, split
from infrastructure.errors import SwathError, Unreachable, Unreadable

LATER = {408, 425, 429}
"""Client errors that mean: try again."""

MOST = 256 * 2**20
"""Bytes that an answer may have, unpacked."""

CHUNK = 2**16

HERE = {"localhost", "127.0.0.1", "::1"}
"""This machine: packing an answer takes longer there than its way."""

OBJECT = re.compile(r"^HTTPS?Connection(?:Pool)?\([^)]*\): ")
"""How messages of urllib3 begin: with the connection, whose address stands in ours already."""


class HeaderAuth(AuthBase):
    """Credentials in a header."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put them on a request."""
        request.headers[self.name] = self.value
        return request


class Http:
    """A session with one upstream.

    A server that answers 429 or 5xx is asked again a few times, when it says (`Retry-After`) or
    a little later each time; one that hangs or breaks off is asked again once, since each attempt
    costs the whole timeout. Then it is Unreachable, and who calls may try again later.
    """

    def __init__(  # noqa: PLR0913 - what there is to say of a session
        self,
        *,
        auth: AuthBase | None = None,
        rate: float | None = None,
        private: bool = True,
        trusted: str | None = None,
        attempts: int = 4,
        timeout: tuple[float, float] = (10.0, 60.0),
    ) -> None:
        """Open a session.

        Args:
            auth: Credentials; they go to the host of the first request only, never to others.
            rate: Most requests per second.
            private: Whether hosts on private networks may be asked, also by a redirection: records
                and clients may name any address.
            trusted: Host that may be asked wherever it is: the address of a source is its
                operator's own.
            attempts: How often a server that is busy is asked again.
            timeout: Seconds to connect, and seconds without a byte.
        """
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "swath"
        self._auth = auth
        self._home: tuple[str, ...] | None = None
        self._pause = 1 / rate if rate else 0.0
        self._next = 0.0
        self._lock = Lock()
        self._private = private
        self._trusted = trusted
        self.timeout = timeout
        adapter = _Adapter(self, attempts)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def get(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """GET; see `request`."""
        return self.request("GET", url, params=params, headers=headers)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Ask, follow redirections, and read the whole answer.

        Args:
            method: Method of HTTP.
            url: Address, http or https.
            options: What `requests` takes: params, headers, json, data.

        Raises:
            Unreachable: the server does not answer, breaks off, or answers 408, 425, 429 or 5xx.
            Unreadable: it answers another 4xx, more than `MOST` bytes, or the address is none.
        """
        with _told(url):
            answer = self._send(method, url, **options)
            _read(answer)
        _check(answer)
        return answer

    def landing(self, url: str) -> str:
        """The address that this one and its redirections lead to, whatever is answered there.

        It is the one that was asked, as it was asked: others may read a strange one otherwise.

        Raises:
            Unreachable: a server on the way does not answer.
            Unreadable: an address on the way is none that this session may ask.
        """
        shown = url.partition("?")[0]  # the rest may hold a signature
        with _told(shown), self._send("GET", url, headers={"Range": "bytes=0-0"}) as answer:
            return answer.url

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        """Ask and follow redirections; the body waits to be read."""
        if split(url).scheme not in {"http", "https"}:
            raise Unreadable(f"{url}: no address of the web")
        return self.session.request(
            method, url, timeout=self.timeout, stream=True, auth=self.auth_for(url), **options
        )

    def auth_for(self, url: str) -> AuthBase | None:
        """The credentials, if the address is on the host that they are for."""
        host = split(url)[:2]  # a secret for https is not for http
        if self._home is None:
            self._home = host
        return self._auth if host == self._home else None

    def keep_home(self, request: requests.PreparedRequest) -> None:
        """Take the credentials off a request that a redirection led to another host."""
        if isinstance(self._auth, HeaderAuth) and self.auth_for(request.url or "") is None:
            request.headers.pop(self._auth.name, None)

    def wait(self) -> None:
        """Wait until the next request is due; of several threads one after the other."""
        if not self._pause:
            return
        with self._lock:
            now = monotonic()
            due = max(self._next, now)
            self._next = due + self._pause
        sleep(due - now)

    def allow(self, url: str) -> None:
        """Refuse an address that this session must not ask.

        Raises:
            Unreadable: it is on a private network.
        """
        if not self._trusted or split(url).hostname != self._trusted:
            ensure_public(url, self._private)


class _Adapter(HTTPAdapter):
    """Every request passes here, those of redirections too."""

    def __init__(self, door: Http, attempts: int) -> None:
        self.door = door
        super().__init__(
            max_retries=Retry(
                total=attempts,
                connect=min(attempts, 1),
                read=min(attempts, 1),
                status_forcelist=(429, 500, 502, 503, 504),
                allowed_methods=None,
                backoff_factor=0.5,
                backoff_max=20,
                retry_after_max=60,
                raise_on_status=False,
            )
        )

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        self.door.allow(request.url or "")
        self.door.keep_home(request)
        if split(request.url or "").hostname in HERE:
            request.headers["Accept-Encoding"] = "identity"
        self.door.wait()
        return super().send(request, *args, **options)


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except (requests.TooManyRedirects, ValueError) as error:  # no address is a ValueError
        raise Unreadable(f"{url}: {_line(error)}") from error
    except (requests.RequestException, OSError) as error:
        raise Unreachable(f"{url} does not answer: {_line(error)}") from error


def _read(answer: requests.Response) -> None:
    """Read the body, up to the limit."""
    parts, size = [], 0
    for part in answer.iter_content(CHUNK):
        size += len(part)
        if size > MOST:
            answer.close()
            raise Unreadable(f"{answer.url}: the answer is larger than {MOST} bytes")
        parts.append(part)
    answer._content = b"".join(parts)  # noqa: SLF001 - where requests itself keeps a body it read


def _check(answer: requests.Response) -> None:
    status = answer.status_code
    if status < 400:
        return
    told = f"{answer.url} answers with status {status}: {_words(answer.text)}"
    cause = requests.HTTPError(told, response=answer)  # for who reads more in the answer
    raise (Unreachable if status >= 500 or status in LATER else Unreadable)(told) from cause


def refusal(error: SwathError) -> requests.Response | None:
    """The answer that made `request` raise, if there was one."""
    cause = error.__cause__
    return cause.response if isinstance(cause, requests.HTTPError) else None


def _line(error: Exception) -> str:
    """The innermost reason, without the objects that urllib3 wraps around it."""
    inner = error.args[0] if error.args else error
    if isinstance(inner, Exception):
        inner = getattr(inner, "reason", None) or inner
        inner = inner.args[-1] if getattr(inner, "args", None) else inner
    else:
        inner = error
    return _words(OBJECT.sub("", str(inner)) or type(error).__name__)


def _words(text: str) -> str:
    """What it says, in one short line; servers answer with whole pages."""
    said = " ".join(text.split())
    return said if len(said) <= 200 else f"{said[:200]}..."
