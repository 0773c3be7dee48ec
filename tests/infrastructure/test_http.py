"""The door to the web, held against real servers that are slow, busy or lead elsewhere."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest

from infrastructure.errors import Unreachable, Unreadable
from infrastructure.http import Http

Answer = Callable[[BaseHTTPRequestHandler], tuple[int, dict[str, str]] | None]
"""What is answered: status and headers, or nothing."""

Serve = Callable[[Answer], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server on a port of its own; its address."""
    with ExitStack() as end:

        def start(answer: Answer) -> str:
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    told = answer(self)
                    if told is None:
                        return
                    self.send_response(told[0])
                    for name, value in {"Content-Length": "0", **told[1]}.items():
                        self.send_header(name, value)
                    self.end_headers()

                def log_message(self, *_: object) -> None:
                    """Stay quiet."""

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            end.callback(server.server_close)
            end.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/"

        yield start


def test_a_server_that_hangs_is_asked_again_once(serve: Serve) -> None:
    asked: list[str] = []
    patience = threading.Event()

    def hang(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        patience.wait(30)

    url, start = serve(hang), time.monotonic()
    with pytest.raises(Unreachable, match=r"does not answer: Read timed out") as caught:
        Http(timeout=(1, 0.5)).get(url)
    patience.set()
    assert len(asked) == 2
    assert time.monotonic() - start < 5
    assert "ConnectionPool" not in str(caught.value)


def test_a_server_that_breaks_off_is_asked_again_once(serve: Serve) -> None:
    asked: list[str] = []

    def break_off(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        request.close_connection = True

    with pytest.raises(Unreachable, match="does not answer"):
        Http().get(serve(break_off))
    assert len(asked) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_is_asked_again_when_it_says(serve: Serve, status: int) -> None:
    asked: list[float] = []

    def busy(_: BaseHTTPRequestHandler) -> tuple[int, dict[str, str]]:
        asked.append(time.monotonic())
        return (status, {"Retry-After": "1"}) if len(asked) < 5 else (200, {})

    assert Http().get(serve(busy)).status_code == 200
    pauses = [after - before for before, after in pairwise(asked)]
    assert len(pauses) == 4
    assert all(1 <= pause < 2 for pause in pauses)


def test_where_redirections_lead_is_told_whatever_is_there(serve: Serve) -> None:
    home = serve(lambda _: (403, {}))
    away = serve(lambda _: (302, {"Location": f"{home}a%20b.tif?sig=1"}))
    assert Http().landing(away) == f"{home}a%20b.tif?sig=1"
    assert Http().landing(f"{home}as it is") == f"{home}as%20it%20is", "as it was asked"
    with pytest.raises(Unreachable, match="does not answer"):
        Http(attempts=0).landing("http://127.0.0.1:9/")


def test_a_redirection_leads_into_no_private_network(serve: Serve) -> None:
    asked: list[str] = []

    def note(request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str]]:
        asked.append(request.path)
        return 200, {}

    home = serve(note)
    away = serve(lambda _: (302, {"Location": home.replace("127.0.0.1", "localhost")}))
    guarded = Http(private=False, trusted="127.0.0.1")
    with pytest.raises(Unreadable, match="localhost is on a private network"):
        guarded.landing(away)
    assert asked == []
