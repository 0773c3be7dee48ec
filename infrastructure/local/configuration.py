"""The text of supervisord.conf, from the services alone."""

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from infrastructure.errors import Misconfigured
from infrastructure.local.platform import Platform
from infrastructure.local.ports import LOOPBACK
from infrastructure.local.services import Service

LOGS = ("database", "prefect", "worker", "api", "tiles", "events", "supervisor")
CONFIGURATION = "supervisord.conf"
STOPPING_SECONDS = 60
"""A service that has not ended by then is killed."""


def log_file(home: Path, service: str) -> Path:
    """Where the output of a service is kept; older output has the suffixes .1 to .5."""
    return home / "logs" / f"{service}.log"


def configuration(platform: Platform, services: Sequence[Service]) -> str:
    """The text of supervisord.conf; it holds passwords.

    Raises:
        Misconfigured: a path or setting holds characters that the format cannot carry.
    """
    home = platform.home
    head: dict[str, Mapping[str, object]] = {
        "supervisord": {
            "identifier": platform.id,
            "logfile": log_file(home, "supervisor"),
            "logfile_maxbytes": "10MB",
            "logfile_backups": "5",
            "pidfile": home / "supervisord.pid",
            "childlogdir": home / "logs",
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "inet_http_server": {
            "port": f"{LOOPBACK}:{platform.ports['supervisor']}",
            "username": "swath",
            "password": platform.passwords["supervisor"],
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    programs = {
        f"program:{service.name}": _program(home, service, priority)
        for priority, service in enumerate(services, start=1)
    }
    sections = {**head, **programs}
    return "\n".join(_section(name, options) for name, options in sections.items())


def _program(home: Path, service: Service, priority: int) -> dict[str, object]:
    # The kernel ends the service if supervisord itself is killed, so that no orphan keeps a port.
    command = ("/usr/bin/setpriv", "--pdeathsig", service.stop, "--", *service.command)
    together = "false" if service.stop == "INT" else "true"
    return {
        "command": shlex.join(command),
        "environment": ",".join(f'{k}="{_quotable(v)}"' for k, v in service.environment.items()),
        **({"user": service.user} if service.user else {}),
        "directory": "/",
        "priority": priority,
        "autostart": "false",
        "autorestart": "true",
        "startsecs": 1,
        "startretries": 5,
        "stopsignal": service.stop,
        "stopwaitsecs": STOPPING_SECONDS,
        "stopasgroup": together,
        "killasgroup": "true",
        "redirect_stderr": "true",
        # supervisord expands this option twice, so a % is doubled here and again below.
        "stdout_logfile": str(log_file(home, service.name)).replace("%", "%%"),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "5",
    }


def _section(name: str, options: Mapping[str, object]) -> str:
    lines = [f"{key} = {_plain(str(value))}" for key, value in options.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _plain(value: str) -> str:
    if any(mark in value for mark in ("\n", "\r", " ;", " #", "\t;", "\t#")):
        raise Misconfigured(f"supervisord cannot carry this path or setting: {value!r}")
    return value.replace("%", "%%")


def _quotable(value: str) -> str:
    if '"' in value or value != value.strip("'"):
        raise Misconfigured(f"supervisord cannot carry the quotes of this setting: {value}")
    return value
