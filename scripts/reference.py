"""Write the generated parts of the reference from the code into its pages: `make reference`.

A part stands between two markers, such as `<!-- swath:settings -->` and `<!-- /swath:settings -->`,
so that what the page says of a setting, a plug-in or a command is what the code says, and can be
read without building the site.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any

import typer

from infrastructure import plugins
from scripts.markdown import ROOT, block, code, doc, table, value
from scripts.models import collection_file, settings
from scripts.plugin_chapters import readers, sources, steps

PAGES = ROOT / "docs" / "reference"
MARKED = re.compile(
    r"^<!-- swath:(?P<part>[a-z_]+) -->$.*?^<!-- /swath:(?P=part) -->$", re.MULTILINE | re.DOTALL
)


def main() -> None:
    """Write every page of the reference anew, and name those that changed."""
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text("utf-8")
        if (new := filled(text)) != text:
            page.write_text(new, "utf-8")
            print(page.relative_to(ROOT))


def filled(page: str) -> str:
    """The text of a page with each of its parts as the code tells it now."""
    return MARKED.sub(lambda match: _between(match["part"]), page)


def _between(part: str) -> str:
    text = re.sub(r"\n{3,}", "\n\n", PARTS[part]().strip())
    return f"<!-- swath:{part} -->\n\n{text}\n\n<!-- /swath:{part} -->"


def commands() -> str:
    """Every command of `swath`, those of the rooms included."""
    from infrastructure import cli

    own = typer.main.get_command(cli.app)
    rooms = {name: cli.load(point) for name, point in sorted(cli.room_commands().items())}
    everything = {**own.commands, **rooms}  # type: ignore[attr-defined]  # it is a group
    return "\n".join(
        _command(path, command)
        for name, root in everything.items()
        for path, command in _leaves(f"swath {name}", root)
    )


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, child in command.commands.items():
        yield from _leaves(f"{path} {name}", child)


def _command(path: str, command: Any) -> str:
    rows = [
        (
            code(_spelling(p)),
            "" if p.default is False else value(p.default),
            re.sub(r"\s+\[.*\]$", "", p.help or ""),
        )
        for p in command.params
        if "--help" not in p.opts
    ]
    options = table(("Argument or option", "Default", "What it does"), rows) if rows else ""
    example = re.search(r"\[bold\](.*)\[/\]", command.epilog or "")
    shown = f"\n```sh\n{example[1]}\n```\n" if example else ""
    return f"## `{path}`\n\n{inspect.cleandoc(command.help or '')}\n{shown}\n{options}"


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.name.upper() + ("..." if parameter.nargs == -1 else "")
        return name if parameter.required else f"[{name}]"
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_flag else f"{names} {parameter.metavar or parameter.name.upper()}"


def routers() -> str:
    """The routers of the API beside the STAC API."""
    found = [plugins.load("api.routers", name) for name in plugins.names("api.routers")]
    return "\n".join(f"### `{m.__name__}`\n\n{doc(m)}\n\n{_routes(m)}" for m in found)


def _routes(module: Any) -> str:
    rows = [
        (", ".join(sorted(route.methods)), code(route.path), doc(route.endpoint).splitlines()[0])
        for route in module.router.routes
    ]
    return table(("Method", "Path", "What it answers"), rows)


def statuses() -> str:
    """The API's table from errors to HTTP status."""
    from api.errors import STATUS

    rows = [(code(e.__name__), str(status), doc(e)) for e, status in STATUS.items()]
    return table(("Error", "Status", "What happened"), rows)


def tile_routes() -> str:
    """The addresses of the tile service, from its module."""
    return block("text", inspect.cleandoc(_docstring("tiling/app.py")).partition("\n\n")[2])


def errors() -> str:
    """The tree of errors, from its module."""
    return block("text", dedent(_docstring("infrastructure/errors.py").split("\n\n")[1]))


def error_classes() -> str:
    """What each class of the tree means."""
    from infrastructure import errors as tree

    rows = [
        (code(name), code(cls.__mro__[1].__name__), doc(cls))
        for name, cls in vars(tree).items()
        if isinstance(cls, type) and issubclass(cls, tree.SwathError)
    ]
    return table(("Class", "Is a", "What happened"), rows)


def modules() -> str:
    """The modules that the page of the Python API describes, as their first lines tell them."""
    names = re.findall(r"^::: ([\w.]+)$", (PAGES / "python.md").read_text("utf-8"), re.MULTILINE)
    rows = [
        (code(name), _docstring(f"{name.replace('.', '/')}.py").partition("\n")[0])
        for name in names
    ]
    return table(("Module", "What it is"), rows)


def migrations() -> str:
    """The statements that make schema `swath`."""
    scripts = sorted((ROOT / "infrastructure" / "migrations").glob("*.sql"))
    return "\n".join(
        f"### {path.stem}\n\n{block('sql', path.read_text('utf-8'))}" for path in scripts
    )


PARTS: dict[str, Callable[[], str]] = {
    part.__name__: part
    for part in (
        settings, collection_file, sources, readers, steps, commands, routers, statuses,
        tile_routes, errors, error_classes, modules,
        migrations,
    )
}  # fmt: skip


def _docstring(path: str) -> str:
    return ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8"))) or ""


if __name__ == "__main__":
    main()
