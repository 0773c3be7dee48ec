"""The `swath` command: the platform's own commands, and those that the rooms bring."""

import os
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

from infrastructure.errors import SwathError, Transient, Unavailable
from infrastructure.local import commands

GROUP = "swath.commands"
TEMPORARY = 75
"""EX_TEMPFAIL of sysexits.h: trying again may help."""


class Rooms(TyperGroup):
    """The command group; a room's command is imported when it is called, not for `--help`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Our commands and the rooms', the latter sorted."""
        return [*super().list_commands(ctx), *sorted(room_commands())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, or for a room's its name and one line of help."""
        point = room_commands().get(cmd_name)
        if point is None:
            return super().get_command(ctx, cmd_name)
        return TyperCommand(cmd_name, help=summary(point), rich_help_panel="The rooms")

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is really called, and its arguments."""
        point = room_commands().get(args[0]) if args else None
        if point is None:
            return super().resolve_command(ctx, args)
        if "--help" not in args:
            _adopt_platform()
        return args[0], load(point), args[1:]


app = typer.Typer(
    cls=Rooms,
    name="swath",
    help="Swath harvests Earth-observation data, catalogues them and shows them.",
    epilog="Start here: [bold]swath up[/], then open the URL of `api`. "
    "[bold]swath COMMAND --help[/] explains each command.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
commands.register(app)


@app.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", envvar="SWATH_DEBUG", help="Show where an error comes from.")
    ] = False,
) -> None:
    """Take the options that stand before every command."""
    os.environ["SWATH_DEBUG"] = "1" if debug else ""


@cache
def room_commands() -> dict[str, EntryPoint]:
    """Command name -> the entry point that brings it."""
    return {point.name: point for point in entry_points(group=GROUP)}


def summary(point: EntryPoint) -> str:
    """The first line of the module's docstring, read without importing the module."""
    import ast

    path = Path(__file__).parent.parent.joinpath(*point.module.split(".")).with_suffix(".py")
    if not path.exists():
        return f"From {point.module}."
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or f"From {point.module}."
    return docstring.splitlines()[0]


def load(point: EntryPoint) -> Any:
    """Import a room's command: a Typer application, or a function.

    Raises:
        Unavailable: the room's extra is not installed; the message says how to install it.
    """
    room = point.module.partition(".")[0]
    try:
        target = point.load()
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"'{point.name}' needs the extra '{room}': uv sync --extra {room} ({error})"
        ) from error
    if not isinstance(target, typer.Typer):
        single = typer.Typer(rich_markup_mode="rich")
        single.command(point.name)(target)
        target = single
    command = typer.main.get_command(target)
    completion = ("install_completion", "show_completion")  # the whole `swath` has them
    command.params = [param for param in command.params if param.name not in completion]
    return command


def _adopt_platform() -> None:
    """Let a room's command talk to the platform that is up in this folder."""
    from infrastructure.local.state import adopt

    adopt(Path(os.environ.get("SWATH_HOME", commands.HOME)).resolve(), os.environ)


def main() -> None:
    """Run the command line; an error of ours is one red line, not a stack trace."""
    try:
        app()
    except (SwathError, OSError) as error:
        if os.environ.get("SWATH_DEBUG"):
            raise
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(
            f"swath: {error}", style="red"
        )
        sys.exit(TEMPORARY if isinstance(error, Transient) else 1)


if __name__ == "__main__":
    main()
