"""Waiting for services: HTTP health, or `SELECT 1`."""

import http.client
import time
from urllib.parse import urlsplit

from infrastructure.errors import Unavailable, Unreachable
from infrastructure.local import databases
from infrastructure.local.configuration import log_file
from infrastructure.local.logs import tail
from infrastructure.local.platform import Platform
from infrastructure.local.services import Ready, Service
from infrastructure.local.supervisor import Supervisor

SECONDS = 120.0
"""The longest that a service may take; Prefect's first start migrates its database."""


def is_ready(platform: Platform, ready: Ready) -> bool:
    """Whether the service answers now."""
    parts = urlsplit(ready.url)
    if parts.scheme == "postgresql":
        return databases.answers(platform)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        return answer.status == 200 and ready.text in answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait(supervisor: Supervisor, service: Service, seconds: float = SECONDS) -> None:
    """Wait until a service is ready.

    Raises:
        Unavailable: its program ended again and again; the message ends with its last lines.
        Unreachable: it runs, but does not answer in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        state = next(p.state for p in supervisor.processes() if p.name == service.name)
        if state == "RUNNING" and is_ready(supervisor.platform, service.ready):
            return
        log = log_file(supervisor.platform.home, service.name)
        if state == "FATAL":
            last = "\n".join(tail(log, 15))
            raise Unavailable(f"{service.name} does not start; the last lines of {log}:\n{last}")
        if time.monotonic() > deadline:
            raise Unreachable(f"{service.name} is not ready after {seconds:.0f} s; see {log}")
        time.sleep(0.1)
