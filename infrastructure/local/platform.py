"""The embedded platform of one home folder: what it remembers, and the environment it gives."""

import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from infrastructure.errors import Misconfigured
from infrastructure.local.ports import LOOPBACK

STATE = "platform.json"
PORTS: Mapping[str, int] = {
    "database": 54320,
    "prefect": 4200,
    "api": 8080,
    "tiles": 8081,
    "supervisor": 54319,
}
"""Preferred port by service."""
PUBLIC = ("api", "tiles")
"""Services that listen on `--host`; the others listen on the loopback address only."""
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound by default


@dataclass(frozen=True)
class Platform:
    """Everything that a start needs to know; kept in the home, readable by its owner only."""

    home: Path
    """Absolute path of the home folder."""
    id: str
    """Random name, unique on the machine."""
    cluster: Path
    """Data folder of the private PostgreSQL."""
    account: str | None
    """System user that runs PostgreSQL when root starts the platform; None: who starts it."""
    host: str = LOOPBACK
    """Address that the API and the map services listen on."""
    ports: dict[str, int] = field(default_factory=lambda: dict(PORTS))
    """Port by service."""
    settings: dict[str, str] = field(default_factory=dict)
    """Variables of infrastructure/settings.py that the user set with `--set`."""
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    """Passwords of the roles `postgres` and `swath`, of the supervisor, and the write token."""

    def url(self, service: str) -> str:
        """The address of a service for its users, without a closing slash."""
        host = self.host if service in PUBLIC else LOOPBACK
        if host in ANY_ADDRESS:
            host = socket.gethostname()
        return f"http://{_bracketed(host)}:{self.ports[service]}"

    def local_url(self, service: str) -> str:
        """The address of a service on this machine."""
        anywhere = self.host in ANY_ADDRESS or service not in PUBLIC
        host = LOOPBACK if anywhere else self.host
        return f"http://{_bracketed(host)}:{self.ports[service]}"


def create(home: Path, cluster: Path, account: str | None, id_: str) -> Platform:
    """A new platform with new passwords; nothing is written yet."""
    return Platform(home, id_, cluster, account, passwords=new_passwords())


def new_passwords() -> dict[str, str]:
    """Random passwords."""
    return {role: secrets.token_hex(16) for role in ("postgres", "swath", "supervisor", "writer")}


def load(home: Path) -> Platform | None:
    """The platform of a home, or None if there is none yet.

    Raises:
        Misconfigured: the home's file cannot be read or understood.
    """
    path = home / STATE
    try:
        data = json.loads(path.read_text("utf-8"))
        loaded = Platform(**{**data, "home": home, "cluster": Path(data["cluster"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Misconfigured(f"cannot read {path}: {error}") from error
    return replace(loaded, ports={**PORTS, **loaded.ports})


def save(platform: Platform) -> None:
    """Remember the platform in its home (mode 0600), whole or not at all."""
    data = {key: value for key, value in asdict(platform).items() if key != "home"}
    write_private(platform.home / STATE, json.dumps(data, indent=2, default=str) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def environment(platform: Platform) -> dict[str, str]:
    """The environment of every service, and of a shell that talks to the platform.

    Only libpq's PG* variables, Prefect's settings and fields of infrastructure/settings.py.
    """
    home, ports, passwords = platform.home, platform.ports, platform.passwords
    database = {"USER": "swath", "PASSWORD": passwords["swath"]}
    libpq = {"HOST": LOOPBACK, "PORT": str(ports["database"]), "DATABASE": "swath", **database}
    prefect = {"HOST": LOOPBACK, "PORT": str(ports["database"]), "NAME": "prefect", **database}
    return {
        **{f"PG{key}": value for key, value in libpq.items()},
        "PREFECT_API_URL": f"{platform.local_url('prefect')}/api",
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_DATABASE_DRIVER": "postgresql+asyncpg",
        **{f"PREFECT_SERVER_DATABASE_{key}": value for key, value in prefect.items()},
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "SWATH_API_MONITOR_URL": platform.local_url("prefect"),
        "SWATH_API_URL": platform.url("api"),
        # a platform that an older version started has none until it is started again
        **({"SWATH_API_WRITE_TOKEN": passwords["writer"]} if "writer" in passwords else {}),
        "SWATH_HARVEST_WORK_POOL": "swath",
        "SWATH_STORAGE_URL": (home / "store").as_uri(),
        "SWATH_TILES_CACHE": str(home / "tiles"),
        "SWATH_TILES_URL": platform.url("tiles"),
        **platform.settings,
    }


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """What services keep of the starter's environment: no other databases or Prefect profiles.

    The loopback address goes round every proxy.
    """
    kept = {k: v for k, v in environ.items() if not k.startswith(("PG", "PREFECT_"))}
    for name in ("no_proxy", "NO_PROXY"):
        kept[name] = ",".join(filter(None, (kept.get(name), LOOPBACK, "localhost")))
    return kept


def settable() -> list[str]:
    """The variables of infrastructure/settings.py that `--set` may give."""
    from infrastructure.settings import ALL

    names = [
        f"{cls.model_config.get('env_prefix', '')}{name}".upper()
        for cls in ALL
        for name in cls.model_fields
    ]
    return [name for name in names if name.startswith("SWATH_")]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
