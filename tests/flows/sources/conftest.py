"""Servers that sources are held against."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.scope import Scope
from infrastructure.http import Http

Respond = Callable[[str, str, bytes], tuple[int, dict[str, str], bytes]]
"""Method, path with query, and body -> status, headers and content."""


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def answering(respond: Respond) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = respond(self.command, self.path, body)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_POST = do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with listening(Handler) as url:
        yield url


@pytest.fixture
def serve() -> Iterator[Callable[[Respond], str]]:
    """Starts a server that answers with what a function makes of each request; its address."""
    with ExitStack() as servers:
        yield lambda respond: servers.enter_context(answering(respond))


@pytest.fixture
def impatient() -> Scope:
    """Everything is asked for, and a busy server is not asked again."""
    return Scope(http=Http(attempts=0, timeout=(5, 5)))


PYCSW_FOLDERS = (
    "canada-hnap",
    "dublin-core",
    "eo",
    "greece-and-others",
    "ids-with-paths",
    "iso19115-3",
    "noaa-avhrr",
)


@pytest.fixture(scope="session")
def pycsw_records(shared_data: Path) -> list[Path]:
    """The records that the pycsw server has."""
    return [path for name in PYCSW_FOLDERS for path in (shared_data / "iso" / name).glob("*.xml")]


@pytest.fixture(scope="session")
def pycsw(shared_data: Path) -> Iterator[str]:
    """Address of a pycsw server with real records, of which it gives 7 at a time."""
    program = str(Path(__file__).parent / "peer_pycsw.py")
    folders = [str(shared_data / "iso" / name) for name in PYCSW_FOLDERS]
    with subprocess.Popen(
        [sys.executable, program, *folders], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().decode().strip()
            assert port, "pycsw has not started"
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
