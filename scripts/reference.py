"""Write the generated parts of the reference from the code into its pages: `make reference`.

A part stands between two markers, such as `<!-- swath:settings -->` and `<!-- /swath:settings -->`,
so that what the page says of a setting, a plug-in or a command is what the code says, and can be
read without building the site.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import griffe
import typer
from griffe import DocstringSectionKind, ParameterKind
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from infrastructure import plugins

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "reference"
MARKED = re.compile(
    r"^<!-- swath:(?P<part>[a-z_]+) -->$.*?^<!-- /swath:(?P=part) -->$", re.MULTILINE | re.DOTALL
)

GIVEN = {"scope", "found", "item", "shelf"}
"""Parameters that the harvest fills; all others are options of the collection file."""


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


def settings() -> str:
    """One table for each settings class."""
    from infrastructure.settings import ALL

    return "\n".join(_settings_of(cls) for cls in ALL)


def _settings_of(cls: type[BaseModel]) -> str:
    prefix = str(cls.model_config.get("env_prefix", ""))
    rows = [
        (_code(f"{prefix}{name}".upper()), _default(field), field.description or "")
        for name, field in cls.model_fields.items()
    ]
    table = _table(("Variable", "Default", "What it says"), rows)
    return f"## {cls.__name__}\n\n{_doc(cls)}\n\n{table}"


def collection_file() -> str:
    """One table for each model of the collection file."""
    from flows.collection import CollectionFile, Seed, Source, Step

    chapters: dict[str, type[BaseModel]] = {
        "The file": CollectionFile,
        "`source`": Source,
        "A step of `enrich`": Step,
        "`seed`": Seed,
    }
    return "\n".join(f"## {title}\n\n{_fields(model)}" for title, model in chapters.items())


def _fields(model: type[BaseModel]) -> str:
    rows = [
        (_code(name), _code(_type(field)), _default(field), field.description or "")
        for name, field in model.model_fields.items()
        if not field.exclude
    ]
    return f"{_doc(model)}\n\n{_table(('Key', 'Type', 'Default', 'What it says'), rows)}"


def sources() -> str:
    """The sources and their options."""
    return _plugins("flows.sources", "search")


def readers() -> str:
    """The readers and their options."""
    return _plugins("flows.readers", "read")


def steps() -> str:
    """The enrichment steps and their options."""
    return _plugins("flows.enrich", "enrich")


def _plugins(package: str, function: str) -> str:
    return "\n".join(_plugin(f"{package}.{name}", function) for name in plugins.names(package))


def _plugin(path: str, function: str) -> str:
    """A plug-in as its own docstrings tell it; the module is parsed, not imported."""
    module: Any = griffe.load(path, search_paths=[ROOT])
    about = inspect.cleandoc(module.docstring.value) if module.docstring else ""
    chapter = f"## `{module.name}`\n\n{about}\n\n"
    target = module[function]
    sections = target.docstring.parse("google", warnings=False) if target.docstring else []
    says = {
        parameter.name: parameter.description
        for section in sections
        if section.kind is DocstringSectionKind.parameters
        for parameter in section.value
    }
    rows = [
        (_code(_option(p)), _code(str(p.annotation)), _fallback(p), says.get(p.name, ""))
        for p in target.parameters
        if p.name not in GIVEN
    ]
    head = ("Option", "Type", "Default", "What it says")
    options = _table(head, rows) if rows else "It has no options.\n"
    told = f"{_more(sections)}{_scope(says.get('scope', ''))}"
    return f"{chapter}{told}{options}\n{_raises(sections)}"


def _more(sections: Sequence[Any]) -> str:
    """What the function's docstring says beyond its first line."""
    texts = (s.value for s in sections if s.kind is DocstringSectionKind.text)
    more = "\n\n".join(texts).partition("\n\n")[2]
    return f"{more}\n\n" if more else ""


def _scope(scope: str) -> str:
    """What a source says of the scope it is given, if it says more than that it is one."""
    more = re.sub(r"^What (?:is asked for|the harvest asks for)[.;]\s*", "", scope)
    return f"Scope: {more}\n\n" if more else ""


def _option(parameter: Any) -> str:
    return f"**{parameter.name}" if parameter.kind is ParameterKind.var_keyword else parameter.name


def _fallback(parameter: Any) -> str:
    if parameter.kind is ParameterKind.var_keyword:
        return ""
    return "required" if parameter.required else _value(parameter.default)


def _raises(sections: Sequence[Any]) -> str:
    errors = [
        f"- `{error.annotation}`: {_line(error.description)}"
        for section in sections
        if section.kind is DocstringSectionKind.raises
        for error in section.value
    ]
    return "\n".join(["Errors:", "", *errors, ""]) if errors else ""


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
            _code(_spelling(p)),
            "" if p.default is False else _value(p.default),
            re.sub(r"\s+\[.*\]$", "", p.help or ""),
        )
        for p in command.params
        if "--help" not in p.opts
    ]
    table = _table(("Argument or option", "Default", "What it does"), rows) if rows else ""
    example = re.search(r"\[bold\](.*)\[/\]", command.epilog or "")
    shown = f"\n```sh\n{example[1]}\n```\n" if example else ""
    return f"## `{path}`\n\n{inspect.cleandoc(command.help or '')}\n{shown}\n{table}"


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.name.upper() + ("..." if parameter.nargs == -1 else "")
        return name if parameter.required else f"[{name}]"
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_flag else f"{names} {parameter.metavar or parameter.name.upper()}"


def routers() -> str:
    """The routers of the API beside the STAC API."""
    found = [plugins.load("api.routers", name) for name in plugins.names("api.routers")]
    return "\n".join(f"### `{m.__name__}`\n\n{_doc(m)}\n\n{_routes(m)}" for m in found)


def _routes(module: Any) -> str:
    rows = [
        (", ".join(sorted(route.methods)), _code(route.path), _doc(route.endpoint).splitlines()[0])
        for route in module.router.routes
    ]
    return _table(("Method", "Path", "What it answers"), rows)


def statuses() -> str:
    """The API's table from errors to HTTP status."""
    from api.errors import STATUS

    rows = [(_code(e.__name__), str(status), _doc(e)) for e, status in STATUS.items()]
    return _table(("Error", "Status", "What happened"), rows)


def tile_routes() -> str:
    """The addresses of the tile service, from its module."""
    return _block("text", inspect.cleandoc(_docstring("tiling/app.py")).partition("\n\n")[2])


def errors() -> str:
    """The tree of errors, from its module."""
    return _block("text", dedent(_docstring("infrastructure/errors.py").split("\n\n")[1]))


def error_classes() -> str:
    """What each class of the tree means."""
    from infrastructure import errors as tree

    rows = [
        (_code(name), _code(cls.__mro__[1].__name__), _doc(cls))
        for name, cls in vars(tree).items()
        if isinstance(cls, type) and issubclass(cls, tree.SwathError)
    ]
    return _table(("Class", "Is a", "What happened"), rows)


def modules() -> str:
    """The modules that the page of the Python API describes, as their first lines tell them."""
    names = re.findall(r"^::: ([\w.]+)$", (PAGES / "python.md").read_text("utf-8"), re.MULTILINE)
    rows = [
        (_code(name), _docstring(f"{name.replace('.', '/')}.py").partition("\n")[0])
        for name in names
    ]
    return _table(("Module", "What it is"), rows)


def migrations() -> str:
    """The statements that make schema `swath`."""
    scripts = sorted((ROOT / "infrastructure" / "migrations").glob("*.sql"))
    return "\n".join(
        f"### {path.stem}\n\n{_block('sql', path.read_text('utf-8'))}" for path in scripts
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


def _doc(thing: object) -> str:
    return inspect.getdoc(thing) or ""


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else _value(field.default)


def _value(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    return _code(str(value)) if str(value) not in {"", "None"} else ""


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return re.sub(r"\b(?:\w+\.)+", "", name if "[" not in str(annotation) else str(annotation))


def _code(text: str) -> str:
    return f"`{text}`"


def _line(text: str) -> str:
    return " ".join(text.split())


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = ([_line(cell).replace("|", r"\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    main()
