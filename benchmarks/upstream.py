"""STAC APIs for the benchmarks: each one uvicorn process over one database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from infrastructure.settings import DatabaseSettings

OURS = "api.app:create_app"
STOCK = "stac_fastapi.pgstac.app:create_app"


@dataclass(frozen=True)
class Served:
    """A STAC API that runs."""

    url: str
    pid: int


@contextmanager
def served(
    application: str, database: DatabaseSettings, port: int, **variables: str
) -> Iterator[Served]:
    """Serve a database.

    Args:
        application: `OURS` or `STOCK`.
        database: The database.
        port: Where to listen.
        variables: More variables of the environment, such as settings of the stock API.
    """
    url = f"http://127.0.0.1:{port}"
    login = {
        "PGHOST": database.host,
        "PGPORT": str(database.port),
        "PGUSER": database.user,
        "PGPASSWORD": database.password.get_secret_value(),
        "PGDATABASE": database.database,
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", application, "--port", str(port)]
    command += ["--log-level", "warning"]
    environment = {**os.environ, **login, "SWATH_API_URL": url, **variables}
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait(process, f"{url}/_mgmt/ping")
            yield Served(f"{url}/", process.pid)
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", url: str) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("the API has ended")
        with suppress(URLError), urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the API does not answer")
