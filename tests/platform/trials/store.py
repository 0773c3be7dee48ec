"""An S3 server whose disk fills up: a program of its own.

    store.py PORT ROOM

It takes files until it has taken as many as the file ROOM says, and then answers 507.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

Start = Callable[..., Any]
FULL = b"<Error><Code>InsufficientStorage</Code><Message>No space left on device</Message></Error>"


class Full:
    """The server, behind a door that counts."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self.taken = 0
        self.server = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        is_file = environ["PATH_INFO"].count("/") > 1
        if environ["REQUEST_METHOD"] == "PUT" and is_file:
            if self.taken >= int(self.room.read_text()):
                start("507 Insufficient Storage", [("Content-Length", str(len(FULL)))])
                return [FULL]
            self.taken += 1
        answer: Iterable[bytes] = self.server(environ, start)
        return answer


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), Full(Path(sys.argv[2])), threaded=True)
