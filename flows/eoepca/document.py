"""Writing a collection file, with comments on what the other configuration said besides."""

from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

import yaml


@dataclass
class Part:
    """A value of a collection file, and what has to be said of it."""

    value: Any
    notes: list[str] = field(default_factory=list)


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: short lists in one line, and no names for what comes twice."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    flat = all(not isinstance(value, dict) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flat)


_Dumper.add_representer(list, _list)


def text(parts: dict[str, Part], title: str) -> str:
    """A collection file.

    Args:
        parts: Its members; those that are empty and have no notes are left out.
        title: The comment that it begins with.
    """
    blocks = [f"# {title}"]
    for key, part in parts.items():
        lines = [line for note in part.notes for line in _comment(note)]
        if part.value not in (None, {}, [], ""):
            lines.append(_yaml(key, part.value))
        blocks += lines
    return "\n".join(blocks) + "\n"


def _comment(note: str) -> list[str]:
    indent = note[: len(note) - len(note.lstrip())]
    return [f"# {indent}{line}" for line in wrap(note.strip(), 96)]


def _yaml(key: str, value: Any) -> str:
    written = yaml.dump(
        {key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return str(written).rstrip("\n")
