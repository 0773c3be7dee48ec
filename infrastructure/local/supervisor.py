"""The door to supervisord: its start, and its XML-RPC interface."""

import http.client
import os
import sys
import time
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.errors import Permanent, Unavailable, Unreachable
from infrastructure.local.configuration import (
    CONFIGURATION,
    LOGS,
    STOPPING_SECONDS,
    configuration,
    log_file,
)
from infrastructure.local.platform import Platform, inherited, write_private
from infrastructure.local.ports import LOOPBACK
from infrastructure.local.programs import run
from infrastructure.local.services import Service


@dataclass(frozen=True)
class Process:
    """What supervisord knows of one service."""

    name: str
    state: str
    """RUNNING, STARTING, BACKOFF, STOPPED, EXITED or FATAL."""
    pid: int | None


class Supervisor:
    """A running supervisord, or the absence of one."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def alive(self) -> bool:
        """Whether this platform's supervisord answers; pid files are not asked."""
        try:
            return bool(self._call("getIdentification", timeout=2) == self.platform.id)
        except (Unreachable, Permanent):
            return False

    def launch(self, services: Sequence[Service]) -> None:
        """Start supervisord as a daemon; no service is started yet.

        Raises:
            Unavailable: supervisord did not come up.
        """
        home = self.platform.home
        (home / "logs").mkdir(exist_ok=True)
        conf = self.configure(services)
        program = Path(sys.executable).with_name("supervisord")
        if not program.exists():
            raise Unavailable("supervisord is missing: install the extra 'local'")
        done = run([str(program), "-c", str(conf)], environment=inherited(os.environ))
        if done.returncode:
            raise Unavailable(f"supervisord did not start: {done.stderr.strip()}")
        self._wait_until(alive=True, seconds=15)

    def configure(self, services: Sequence[Service]) -> Path:
        """Write the configuration file (mode 0600)."""
        conf = self.platform.home / CONFIGURATION
        write_private(conf, configuration(self.platform, services))
        return conf

    def extend(self, services: Sequence[Service]) -> None:
        """Make services known that this supervisord was launched without."""
        known = {process.name for process in self.processes()}
        missing = [service.name for service in services if service.name not in known]
        if missing:
            self.configure(services)
            self._call("reloadConfig")
            for name in missing:
                self._call("addProcessGroup", name)

    def processes(self) -> list[Process]:
        """Every service that this supervisord knows, in starting order."""
        infos: Any = self._call("getAllProcessInfo")
        ordered = sorted(infos, key=lambda info: _order(str(info["name"])))
        return [Process(i["name"], i["statename"], i["pid"] or None) for i in ordered]

    def start(self, name: str) -> None:
        """Start a service, without waiting for it."""
        self._call("startProcess", name, False)

    def stop(self, name: str) -> None:
        """Stop a service and wait until it has ended."""
        self._call("stopProcess", name, True, timeout=STOPPING_SECONDS + 10)

    def shutdown(self) -> None:
        """End supervisord and wait until it has gone."""
        self._call("shutdown")
        self._wait_until(alive=False, seconds=STOPPING_SECONDS)

    def _wait_until(self, *, alive: bool, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.alive() != alive:
            if time.monotonic() > deadline:
                log = log_file(self.platform.home, "supervisor")
                raise Unavailable(f"supervisord did not {'start' if alive else 'end'}: see {log}")
            time.sleep(0.05)

    def _call(self, method: str, *arguments: object, timeout: float = 10) -> object:
        port, password = self.platform.ports["supervisor"], self.platform.passwords["supervisor"]
        url = f"http://swath:{password}@{LOOPBACK}:{port}/RPC2"
        try:
            with xmlrpc.client.ServerProxy(url, transport=_Transport(timeout)) as server:
                return getattr(server.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as error:
            raise Unavailable(f"supervisord refuses {method}: {error.faultString}") from error
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            # The error of the library may quote the address, and with it the password.
            kind = type(error).__name__
            raise Unreachable(f"no supervisord on port {port} ({kind})") from None


class _Transport(xmlrpc.client.Transport):
    """HTTP that gives up after some seconds, and goes round every proxy."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self.timeout = timeout

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = self.timeout
        return connection


def _order(name: str) -> int:
    return LOGS.index(name) if name in LOGS else len(LOGS)
