"""Markdown of the generated reference: tables, code, and what values and docstrings look like."""

import inspect
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, TypeAdapter

ROOT = Path(__file__).parent.parent


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; of each cell, one line."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([line(cell).replace("|", r"\|") for cell in cells] for cells in lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells) + "\n"


def code(text: str) -> str:
    """Text as code within a line."""
    return f"`{text}`"


def block(language: str, text: str) -> str:
    """Text as a block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def line(text: str) -> str:
    """Text in one line."""
    return " ".join(text.split())


def doc(thing: object) -> str:
    """The docstring of something."""
    return inspect.getdoc(thing) or ""


def value(default: Any) -> str:
    """A default as people write it; nothing for none, and for a model, which has its own table."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT)
    if isinstance(default, timedelta):
        default = TypeAdapter(timedelta).dump_python(default, mode="json")
    if isinstance(default, BaseModel) or str(default) in {"", "None"}:
        return ""
    return code(str(default))
