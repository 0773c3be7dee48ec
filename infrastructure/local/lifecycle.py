"""The embedded platform's life: up, down, and how it is."""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from infrastructure.errors import Busy, Misconfigured, NotFound
from infrastructure.local import databases, ports, postgres
from infrastructure.local import platform as platforms
from infrastructure.local.after import AFTER, Hook
from infrastructure.local.configuration import CONFIGURATION
from infrastructure.local.platform import Platform
from infrastructure.local.ready import wait
from infrastructure.local.services import Service, services
from infrastructure.local.supervisor import Supervisor

Step = Callable[[str, str], AbstractContextManager[None]]
"""Given a name and a detail: shows that something is going on, then that it is done."""
CONTENTS = ("store", "tiles", "prefect", "logs")
"""Folders of the home, besides the cluster."""
FILES = (platforms.STATE, CONFIGURATION, "supervisord.pid", "lock")


@dataclass(frozen=True)
class Wishes:
    """What the user asks of `swath up`; None or empty: as it was, or the default."""

    host: str | None = None
    ports: Mapping[str, int] | None = None
    settings: Mapping[str, str] | None = None
    only: Sequence[str] = ()


def open_home(home: Path) -> Platform:
    """The platform of a home.

    Raises:
        NotFound: there is none; the message says how to make it.
    """
    found = platforms.load(home)
    if found is None:
        raise NotFound(f"no platform in {home}; `swath up` makes one")
    return found


def up(
    home: Path,
    wishes: Wishes,
    step: Step,
    note: Callable[[str], None],
    after: Mapping[str, Hook] | None = None,
) -> bool:
    """Start whatever does not run; False if everything ran already.

    Raises:
        SwathError: something is missing, or a service does not start.
    """
    hooks = AFTER if after is None else after
    with _locked(home), _alone_on_this_machine(note):
        platform = platforms.load(home) or _new(home, note)
        supervisor = Supervisor(platform)
        if supervisor.alive():
            _refuse_changes(platform, wishes)
        else:
            platform = _planned(platform, wishes, note)
            supervisor = Supervisor(platform)
        wanted = services(platform, ["database", *wishes.only] if wishes.only else None)
        if not _bring_up_supervisor(supervisor, wanted, step):
            return False
        for service in wanted:
            with step(service.name, service.url):
                _start(supervisor, service)
            if service.name in hooks:
                _follow_up(hooks[service.name], platform, step, note)
    return True


def _follow_up(hook: Hook, platform: Platform, step: Step, note: Callable[[str], None]) -> None:
    """What follows a service; a wrong collection file must not keep the others from working."""
    name, detail, work = hook
    try:
        with step(name, detail):
            work(platform)
    except Misconfigured as error:
        note(f"{name}: {error}")


def _new(home: Path, note: Callable[[str], None]) -> Platform:
    platform_id = secrets.token_hex(8)
    cluster, account = postgres.place(home, platform_id)
    if not cluster.is_relative_to(home):
        note(f"{home} is closed to the account '{account}': PostgreSQL's data go to {cluster}")
    platform = platforms.create(home, cluster, account, platform_id)
    platforms.save(platform)
    return platform


def _planned(platform: Platform, wishes: Wishes, note: Callable[[str], None]) -> Platform:
    """The platform with the wishes and with ports that are free now, remembered."""
    postgres.forget_stale_lock(platform.cluster)
    host = wishes.host or platform.host
    wanted = {**platform.ports, **(wishes.ports or {})}
    chosen = ports.choose(wanted, dict.fromkeys(platforms.PUBLIC, host))
    for name, port in chosen.items():
        if port != wanted[name]:
            note(f"port {wanted[name]} is taken: {name} uses {port}")
    settings = {**platform.settings, **(wishes.settings or {})}
    passwords = {**platforms.new_passwords(), **platform.passwords}
    planned = replace(platform, host=host, ports=chosen, settings=settings, passwords=passwords)
    platforms.save(planned)
    return planned


def _refuse_changes(platform: Platform, wishes: Wishes) -> None:
    """Refuse options that are not those the services were started with; a value may be a secret."""
    ports, settings = wishes.ports or {}, wishes.settings or {}
    changed = [
        *(["--host"] if wishes.host not in (None, platform.host) else []),
        *(f"--port {name}" for name, port in ports.items() if platform.ports[name] != port),
        *(f"--set {key}" for key, told in settings.items() if platform.settings.get(key) != told),
    ]
    if changed:
        raise Misconfigured(
            f"the platform is up, and a new {', '.join(changed)} takes effect only when it starts:"
            " run `swath down`, then `swath up` with it again"
        )


def _bring_up_supervisor(supervisor: Supervisor, wanted: list[Service], step: Step) -> bool:
    """Have supervisord know the services; False if all of them run already."""
    if supervisor.alive():
        running = {p.name for p in supervisor.processes() if p.state == "RUNNING"}
        if all(service.name in running for service in wanted):
            return False
        supervisor.extend(wanted)
        return True
    platform = supervisor.platform
    if not postgres.initialised(platform.cluster):
        with step("cluster", str(platform.cluster)):
            postgres.initialise(platform)
    for folder in CONTENTS:
        (platform.home / folder).mkdir(exist_ok=True)
    supervisor.launch(wanted)
    return True


def _start(supervisor: Supervisor, service: Service) -> None:
    states = {process.name: process.state for process in supervisor.processes()}
    if states[service.name] not in ("RUNNING", "STARTING"):
        supervisor.start(service.name)
    wait(supervisor, service)
    if service.name == "database":
        databases.prepare(supervisor.platform)


def down(home: Path, step: Step) -> bool:
    """Stop everything, last started first; False if nothing ran."""
    supervisor = Supervisor(open_home(home))
    with _locked(home):
        if not supervisor.alive():
            return False
        for process in reversed(supervisor.processes()):
            if process.state in ("RUNNING", "STARTING", "BACKOFF"):
                with step(process.name, "stopped"):
                    supervisor.stop(process.name)
        supervisor.shutdown()
    return True


def delete(home: Path) -> None:
    """Remove the home's content and the cluster for good; foreign files in the home stay.

    Raises:
        Misconfigured: the platform is up.
    """
    platform = open_home(home)
    if Supervisor(platform).alive():
        raise Misconfigured("the platform is up: run `swath down` first")
    postgres.forget_stale_lock(platform.cluster)
    postgres.delete(platform)
    for folder in CONTENTS:
        shutil.rmtree(home / folder, ignore_errors=not (home / folder).exists())
    for file in FILES:
        (home / file).unlink(missing_ok=True)
    if not any(home.iterdir()):
        home.rmdir()


@contextmanager
def _alone_on_this_machine(note: Callable[[str], None]) -> Iterator[None]:
    """Let platforms of other homes start first: between choosing a port and binding it, it is free.

    The lock's file is there for every account; it holds nothing.
    """
    path = Path(tempfile.gettempdir()) / "swath-start.lock"
    try:  # Linux refuses O_CREAT for another account's file in a shared folder
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note("another platform is starting on this machine: waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Hold the home's lock, so that two commands do not start or stop at the same time."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"another swath command starts or stops the platform in {home}") from error
        yield
