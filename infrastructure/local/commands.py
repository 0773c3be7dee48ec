"""The commands of the embedded platform: up, down, status, logs, env, migrate."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infrastructure.errors import Misconfigured

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="SWATH_HOME",
        file_okay=False,
        resolve_path=True,
        help="Folder of the platform's data.",
    ),
]
HOME = Path(".swath")
DOWN = 3
"""Exit status of `swath status` when not everything runs, as `systemctl status` has it."""


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    panel: Any = {"rich_help_panel": "The platform on this machine"}
    app.command(epilog="Example: [bold]swath up --host 0.0.0.0 --port api=9000[/]", **panel)(up)
    app.command(epilog="Example: [bold]swath down --delete-data[/]", **panel)(down)
    app.command(epilog="Example: [bold]swath status --json[/]", **panel)(status)
    app.command(epilog="Example: [bold]swath logs api -f[/]", **panel)(logs)
    app.command(epilog='Example: [bold]eval "$(swath env)" && psql[/]', **panel)(env)
    app.command(epilog="Example: [bold]swath migrate[/]", **panel)(migrate)


def up(
    home: HomeOption = HOME,
    host: Annotated[
        str | None,
        typer.Option(help="Address that the API and the map services listen on.  [127.0.0.1]"),
    ] = None,
    port: Annotated[
        list[str] | None, typer.Option(metavar="SERVICE=NUMBER", help="Preferred port.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SWATH_X=VALUE", help="A setting, remembered in the home."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="SERVICE", help="Just this and the database.")
    ] = None,
) -> None:
    """Start the platform: PostgreSQL, Prefect, its worker, the API and the map services.

    Running it twice starts what does not run. It keeps running when the terminal is closed.
    """
    from infrastructure.local.lifecycle import Wishes, up

    wishes = Wishes(host, _ports(port or []), _settings(set_ or []), tuple(only or ()))
    began = monotonic()
    started = up(home, wishes, _step, _note)
    if started:
        _note(f"Swath is up in {monotonic() - began:.0f} s. `swath status` shows it again.")
    else:
        _note(f"Swath is already up in {home}:")
        _show(home)


def down(
    home: HomeOption = HOME,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Remove the database and all files, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop the platform cleanly; the data stay unless told otherwise."""
    from infrastructure.local.lifecycle import delete, down, open_home

    open_home(home)
    if delete_data and not yes:
        typer.confirm(f"Remove the platform in {home} and all its data?", abort=True)
    _note("Swath is down." if down(home, _step) else "Swath was not up.")
    if delete_data:
        delete(home)
        _note(f"The data of {home} are removed.")


def status(
    home: HomeOption = HOME,
    json_: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Show the services. Exit status: 0 if all run, 3 if not."""
    from infrastructure.local.platform import load
    from infrastructure.local.state import rows

    platform = load(home)
    found = rows(platform) if platform else []
    if json_:
        typer.echo(json.dumps([asdict(row) for row in found], indent=2))
    elif platform is None:
        _note(f"There is no platform in {home}; `swath up` makes one.")
    else:
        _show(home)
    if not found or any(row.state != "running" for row in found):
        raise typer.Exit(DOWN)


def logs(
    service: Annotated[str | None, typer.Argument(help="One service; all if left out.")] = None,
    home: HomeOption = HOME,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Last lines of each.")] = 20,
) -> None:
    """Print what the services say: database, prefect, worker, api, tiles, events, supervisor."""
    from infrastructure.local import logs as reading
    from infrastructure.local.configuration import LOGS, log_file
    from infrastructure.local.lifecycle import open_home

    platform = open_home(home)
    if service not in (None, *LOGS):
        raise Misconfigured(f"no log of '{service}'; there are: {', '.join(LOGS)}")
    paths = {name: log_file(platform.home, name) for name in ([service] if service else LOGS)}
    width = 0 if service else max(map(len, LOGS))
    for name, path in paths.items():
        for line in reading.tail(path, lines):
            typer.echo(_prefixed(name, line, width))
    if follow:
        for name, line in reading.follow(paths):
            typer.echo(_prefixed(name, line, width))


def env(home: HomeOption = HOME) -> None:
    """Print the platform's environment for a shell, password included."""
    from infrastructure.local.lifecycle import open_home
    from infrastructure.local.platform import environment

    for name, value in sorted(environment(open_home(home)).items()):
        typer.echo(f"export {name}={shlex.quote(value)}")


def migrate(home: HomeOption = HOME) -> None:
    """Bring the catalogue's database to this version; running it twice changes nothing.

    It is the database of PGHOST, PGPORT ... if these are set, else that of the platform.
    """
    import os

    from infrastructure.local.state import adopt
    from infrastructure.migrate import migrate
    from infrastructure.settings import DatabaseSettings

    adopt(home, os.environ)
    settings = DatabaseSettings()
    with _step("migrations", f"{settings.database} at {settings.host}:{settings.port}"):
        migrate(settings)


def _ports(given: list[str]) -> dict[str, int]:
    from infrastructure.local.platform import PORTS

    pairs = _pairs(given, "--port", list(PORTS))
    for name, value in pairs.items():
        if not value.isdecimal() or not 0 < int(value) < 65536:
            raise Misconfigured(f"--port {name}={value}: not a port number")
    return {name: int(value) for name, value in pairs.items()}


def _settings(given: list[str]) -> dict[str, str]:
    from infrastructure.local.platform import settable

    return _pairs(given, "--set", settable())


def _pairs(given: list[str], option: str, known: list[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in given)
    for name in pairs:
        if name not in known:
            raise Misconfigured(f"{option} {name}: unknown; there are: {', '.join(known)}")
    return pairs


@contextmanager
def _step(name: str, detail: str) -> Iterator[None]:
    console = Console(highlight=False, soft_wrap=True)
    began = monotonic()
    with console.status(f"{name} ..."):
        yield
    console.print("[green]✓[/]", f"{name:<12}", detail, f"[dim]{monotonic() - began:.1f} s[/]")


def _note(text: str) -> None:
    Console(highlight=False, soft_wrap=True, markup=False).print(text)


def _show(home: Path) -> None:
    from infrastructure.local.lifecycle import open_home
    from infrastructure.local.state import rows

    table = Table(box=None, pad_edge=False)
    for column in ("service", "state", "url", "pid"):
        table.add_column(column, no_wrap=True)
    for row in rows(open_home(home)):
        colour = "green" if row.state == "running" else "red"
        table.add_row(row.name, f"[{colour}]{row.state}[/]", row.url, str(row.pid or "-"))
    Console(highlight=False, soft_wrap=True).print(table)


def _prefixed(name: str, line: str, width: int) -> str:
    return f"{name:<{width}} | {line}" if width else line
