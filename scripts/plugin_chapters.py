"""Chapters of the reference for plug-ins, as their own docstrings tell them."""

import inspect
import re
from collections.abc import Sequence
from typing import Any

import griffe
from griffe import DocstringSectionKind, ParameterKind

from infrastructure import plugins
from scripts.markdown import ROOT, code, line, table, value

GIVEN = {"scope", "found", "item", "shelf"}
"""Parameters that the harvest fills; all others are options of the collection file."""


LIMITS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
"""Limits of pydantic's fields, in signs."""


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
        (code(_option(p)), code(_type(str(p.annotation))), _fallback(p), says.get(p.name, ""))
        for p in target.parameters
        if p.name not in GIVEN
    ]
    head = ("Option", "Type", "Default", "What it says")
    options = table(head, rows) if rows else "It has no options.\n"
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


def _type(annotation: str) -> str:
    """A type, with its limits in signs: `float, > 0, < 1`."""
    told = re.sub(
        r"Annotated\[(.+?), Field\(([^()]*)\)\]",
        lambda found: ", ".join([found[1], *_limits(found[2])]),
        annotation,
    )
    return told.replace(" | None", "")


def _limits(arguments: str) -> list[str]:
    pairs = (argument.partition("=") for argument in arguments.split(", "))
    return [f"{LIMITS[name]} {limit}" for name, _, limit in pairs if name in LIMITS]


def _fallback(parameter: Any) -> str:
    if parameter.kind is ParameterKind.var_keyword:
        return ""
    return "required" if parameter.required else value(parameter.default)


def _raises(sections: Sequence[Any]) -> str:
    errors = [
        f"- `{error.annotation}`: {line(error.description)}"
        for section in sections
        if section.kind is DocstringSectionKind.raises
        for error in section.value
    ]
    return "\n".join(["Errors:", "", *errors, ""]) if errors else ""
