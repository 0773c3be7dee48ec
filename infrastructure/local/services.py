"""The services of the embedded platform, in the order in which they start."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from infrastructure.errors import Misconfigured, Unavailable
from infrastructure.local import postgres
from infrastructure.local.platform import Platform, environment
from infrastructure.local.ports import LOOPBACK


@dataclass(frozen=True)
class Ready:
    """When a service is ready: its process lives and this address answers."""

    url: str
    """`http://...`, which must answer 200, or `postgresql:`, which must answer `SELECT 1`."""
    text: str = ""
    """What the answer must contain."""


@dataclass(frozen=True)
class Service:
    """One supervised program."""

    name: str
    command: tuple[str, ...]
    """Program (absolute path) and arguments; no secret among them."""
    environment: dict[str, str]
    user: str | None
    """System account, or None for the one that starts the platform."""
    ready: Ready
    url: str
    """What the user opens or connects to."""
    stop: str = "TERM"
    """Signal that ends it cleanly."""


def services(platform: Platform, names: list[str] | None = None) -> list[Service]:
    """The services in starting order, or only those of the given names.

    Raises:
        Misconfigured: there is no service of that name.
        Unavailable: a program is not installed.
    """
    makers = {"database": _database, "prefect": _prefect, "worker": _worker}
    makers |= {"api": _api, "tiles": _tiles, "events": _events}
    unknown = sorted(set(names or ()) - makers.keys())
    if unknown:
        raise Misconfigured(f"no service '{unknown[0]}'; there are: {', '.join(makers)}")
    return [make(platform) for name, make in makers.items() if not names or name in names]


def _database(platform: Platform) -> Service:
    address = f"postgresql://{LOOPBACK}:{platform.ports['database']}/swath"
    return Service(
        "database",
        postgres.command(platform),
        {},
        platform.account,
        Ready(address),
        address,
        stop="INT",  # PostgreSQL's fast shutdown; TERM would wait for every client to leave
    )


def _prefect(platform: Platform) -> Service:
    port = str(platform.ports["prefect"])
    url = platform.local_url("prefect")
    command = (_program("prefect"), "server", "start", "--host", LOOPBACK, "--port", port)
    # Prefect has no login here and can start programs: it listens on the loopback address only.
    return _python_service(platform, "prefect", command, Ready(f"{url}/api/health"), url)


def _worker(platform: Platform) -> Service:
    pool = environment(platform)["SWATH_HARVEST_WORK_POOL"]
    url = f"{platform.local_url('prefect')}/work-pools/work-pool/{pool}"
    ready = Ready(f"{platform.local_url('prefect')}/api/work_pools/{pool}", '"status":"READY"')
    command = (_program("prefect"), "worker", "start", "--pool", pool, "--type", "process")
    return _python_service(platform, "worker", command, ready, url)


def _api(platform: Platform) -> Service:
    listen = ("--host", platform.host, "--port", str(platform.ports["api"]))
    # Event streams have no end of their own.
    end = ("--timeout-graceful-shutdown", "5")
    command = (_program("uvicorn"), "--factory", "api.app:create_app", *listen, *end)
    ready = Ready(f"{platform.local_url('api')}/_mgmt/ping")
    return _python_service(platform, "api", command, ready, platform.url("api"))


def _tiles(platform: Platform) -> Service:
    listen = ("--host", platform.host, "--port", str(platform.ports["tiles"]))
    load = ("--workers", "2", "--blocking-threads", "4")
    options = ("--interface", "wsgi", "--factory", *listen, *load)
    command = (_program("granian"), *options, "tiling.app:create_app")
    ready = Ready(f"{platform.local_url('tiles')}/health")
    return _python_service(platform, "tiles", command, ready, platform.url("tiles"))


def _events(platform: Platform) -> Service:
    command = (sys.executable, "-m", "infrastructure.events.deliver")
    ready = Ready(f"postgresql://{LOOPBACK}:{platform.ports['database']}/swath")
    return _python_service(platform, "events", command, ready, f"{platform.url('api')}/events")


def _python_service(
    platform: Platform, name: str, command: tuple[str, ...], ready: Ready, url: str
) -> Service:
    return Service(name, command, environment(platform), None, ready, url)


def _program(name: str) -> str:
    """The program of that name beside this Python."""
    folder = Path(sys.executable).parent
    found = shutil.which(name, path=str(folder))
    if found is None:
        raise Unavailable(f"{folder}/{name} is missing: install all extras (uv sync --all-extras)")
    return found
