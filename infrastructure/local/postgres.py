"""The platform's private PostgreSQL cluster: its programs, place, command line and files.

The system's clusters are never touched.
"""

import os
import shlex
import shutil
import tempfile
import time
from pathlib import Path

from infrastructure.errors import Busy, Misconfigured, Unavailable
from infrastructure.local.platform import Platform
from infrastructure.local.ports import LOOPBACK
from infrastructure.local.programs import owner, run

DEBIAN = Path("/usr/lib/postgresql")
DEBIAN_SHARE = Path("/usr/share/postgresql")
POSTGIS = Path("extension", "postgis.control")
OUTSIDE = Path("/var/lib/swath")
"""Where clusters live whose home the unprivileged account cannot enter."""
ACCOUNT = "postgres"
HINT = "`make setup` installs it (Debian: apt-get install postgresql-15-postgis-3)"
CONFIGURATION = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a path below a deep home would exceed 107 bytes
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "max_locks_per_transaction": "256",  # pgstac makes many partitions
    "default_toast_compression": "lz4",
    "jit": "off",
}


def binaries(cluster: Path) -> Path:
    """The folder of PostgreSQL's programs: of the cluster's version, or the newest with PostGIS.

    Raises:
        Unavailable: there is none, or not the version that made the cluster.
    """
    if initialised(cluster):
        version = (cluster / "PG_VERSION").read_text("ascii").strip()
        if not (DEBIAN / version / "bin" / "postgres").exists():
            raise Unavailable(f"{cluster} needs PostgreSQL {version}, which is not installed")
        return DEBIAN / version / "bin"
    versions = [path.parts[-3] for path in DEBIAN.glob("*/bin/postgres")]
    usable = [v for v in versions if v.isdecimal() and (DEBIAN_SHARE / v / POSTGIS).exists()]
    if not usable:
        raise Unavailable(f"PostgreSQL with PostGIS is not installed; {HINT}")
    return DEBIAN / max(usable, key=int) / "bin"


def place(home: Path, platform_id: str) -> tuple[Path, str | None]:
    """Where the cluster of a home lives, and the system account that runs it.

    PostgreSQL refuses to run as root; then it runs as `postgres`, whose cluster must lie where
    that account can go.

    Raises:
        Unavailable: we are root and there is no such account.
    """
    if os.geteuid() != 0:
        return home / "postgresql", None
    try:
        enters = run(["/usr/bin/test", "-x", str(home)], ACCOUNT)
    except KeyError as error:
        raise Unavailable(f"there is no system account '{ACCOUNT}'; {HINT}") from error
    inside = enters.returncode == 0
    return (home / "postgresql" if inside else OUTSIDE / platform_id), ACCOUNT


def command(platform: Platform) -> tuple[str, ...]:
    """The command line of the server; it holds no secret."""
    settings = {**CONFIGURATION, "port": str(platform.ports["database"])}
    program = binaries(platform.cluster) / "postgres"
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return (str(program), "-D", str(platform.cluster), *options)


def initialised(cluster: Path) -> bool:
    """Whether the cluster was made."""
    return (cluster / "PG_VERSION").exists()


def initialise(platform: Platform) -> None:
    """Make the cluster.

    Raises:
        Unavailable: initdb failed; the message holds its last words.
    """
    cluster, account = platform.cluster, platform.account
    cluster.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(cluster, *owner(account))
    with tempfile.NamedTemporaryFile("w", prefix=".init-", dir=cluster.parent) as password:
        password.write(platform.passwords["postgres"])
        password.flush()
        os.fchown(password.fileno(), *owner(account))
        _initdb(cluster, account, password.name)


def _initdb(cluster: Path, account: str | None, password_file: str) -> None:
    arguments = [
        *(str(binaries(cluster) / "initdb"), "--pgdata", str(cluster), "--username=postgres"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"),
        *("--auth=scram-sha-256", f"--pwfile={password_file}"),
    ]
    done = run(arguments, account)
    if done.returncode:
        raise Unavailable(f"{shlex.join(arguments[:3])} failed: {done.stderr.strip()[-500:]}")


def forget_stale_lock(cluster: Path, seconds: float = 15) -> None:
    """Wait for a server that is just ending, and remove the lock file of one that is gone.

    PostgreSQL removes it itself, except when the process id was given to another process of the
    same account since, as can happen after a reboot.

    Raises:
        Busy: a server still runs on this cluster.
    """
    lock = cluster / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while (pid := _lock_holder(lock)) and _serves(pid, cluster):
        if time.monotonic() > deadline:
            raise Busy(f"process {pid} still runs PostgreSQL on {cluster}")
        time.sleep(0.1)
    lock.unlink(missing_ok=True)


def _lock_holder(lock: Path) -> str | None:
    try:
        return lock.read_text("utf-8").split("\n", 1)[0]
    except FileNotFoundError:
        return None


def _serves(pid: str, cluster: Path) -> bool:
    try:
        return str(cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def delete(platform: Platform) -> None:
    """Remove the cluster's folder.

    Raises:
        Misconfigured: the folder is not one that `place` chose.
    """
    if platform.cluster not in (platform.home / "postgresql", OUTSIDE / platform.id):
        raise Misconfigured(f"{platform.cluster} is no cluster of {platform.home}; not removed")
    if platform.cluster.exists():
        shutil.rmtree(platform.cluster)
    if OUTSIDE.is_dir() and not any(OUTSIDE.iterdir()):
        OUTSIDE.rmdir()
