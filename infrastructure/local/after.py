"""What follows once a service of the platform is ready."""

import os
import sys
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from infrastructure.errors import Misconfigured, Unavailable
from infrastructure.local.platform import Platform, environment, inherited
from infrastructure.local.ports import LOOPBACK
from infrastructure.local.programs import run
from infrastructure.settings import DatabaseSettings


def migrate_catalogue(platform: Platform) -> None:
    """Bring pgstac and our schema to this version; running twice changes nothing."""
    from infrastructure.migrate import migrate

    migrate(database_settings(platform))


def register_deployments(platform: Platform) -> None:
    """Tell Prefect our flows' deployments, from a process with the platform's environment.

    Raises:
        Misconfigured: collection files are wrong; the message names them, the others are known.
        Unavailable: it failed; the message holds its last words.
    """
    given = {**inherited(os.environ), **environment(platform)}
    done = run([sys.executable, "-m", "flows.deploy"], environment=given)
    if done.returncode == os.EX_CONFIG:
        raise Misconfigured(done.stderr.strip())
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        shown = said if os.environ.get("SWATH_DEBUG") else said[-1:]
        raise Unavailable("the deployments cannot be registered: " + "\n".join(shown))


def database_settings(platform: Platform) -> DatabaseSettings:
    """The catalogue's database, as a service of the platform reads it from its environment."""
    return DatabaseSettings(
        host=LOOPBACK,
        port=platform.ports["database"],
        user="swath",
        password=SecretStr(platform.passwords["swath"]),
        database="swath",
    )


Hook = tuple[str, str, Callable[[Platform], None]]
"""Name and detail to show, and what is done."""
AFTER: Mapping[str, Hook] = {
    "database": ("migrations", "pgstac and schema swath", migrate_catalogue),
    "worker": ("deployments", "flows known to Prefect", register_deployments),
}
"""Service -> what follows once it is ready."""
