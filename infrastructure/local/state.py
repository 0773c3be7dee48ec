"""How the platform is, and its environment for a command in a shell."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from infrastructure.local import platform as platforms
from infrastructure.local.platform import Platform, environment, inherited
from infrastructure.local.ready import is_ready
from infrastructure.local.services import Service, services
from infrastructure.local.supervisor import Supervisor

LIBPQ = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE")


@dataclass(frozen=True)
class Row:
    """How one service is."""

    name: str
    state: str
    """running, unready (runs, but does not answer), starting, backoff, stopped, exited, fatal."""
    url: str
    pid: int | None


def rows(platform: Platform) -> list[Row]:
    """How each service is; all are stopped when the platform is down."""
    known = {service.name: service for service in services(platform)}
    supervisor = Supervisor(platform)
    if not supervisor.alive():
        return [Row(service.name, "stopped", service.url, None) for service in known.values()]
    return [
        Row(p.name, _state(platform, known[p.name], p.state), known[p.name].url, p.pid)
        for p in supervisor.processes()
    ]


def _state(platform: Platform, service: Service, state: str) -> str:
    if state == "RUNNING" and not is_ready(platform, service.ready):
        return "unready"
    return state.lower()


def adopt(home: Path, environ: MutableMapping[str, str]) -> bool:
    """Give a shell command the platform of the home, if it is up; whether it was given.

    An environment that names a database or a Prefect server already is left as it is.
    """
    if any(name == "PREFECT_API_URL" or name in LIBPQ for name in environ):
        return False
    platform = platforms.load(home)
    if platform is None or not Supervisor(platform).alive():
        return False
    given = environment(platform)
    environ.update({name: value for name, value in given.items() if name not in environ})
    environ.update({k: v for k, v in inherited(environ).items() if k.lower() == "no_proxy"})
    return True
