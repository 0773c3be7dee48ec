"""Tables of the reference for pydantic models: the settings, and the keys of a collection file."""

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scripts.markdown import code, doc, table, value


def settings() -> str:
    """One table for each settings class."""
    from infrastructure.settings import ALL

    return "\n".join(_settings_of(cls) for cls in ALL)


def _settings_of(cls: type[BaseModel]) -> str:
    prefix = str(cls.model_config.get("env_prefix", ""))
    rows = [
        (code(f"{prefix}{name}".upper()), _default(field), field.description or "")
        for name, field in cls.model_fields.items()
    ]
    return f"## {cls.__name__}\n\n{doc(cls)}\n\n" + table(
        ("Variable", "Default", "What it says"), rows
    )


def collection_file() -> str:
    """One table for each model of the collection file."""
    from flows.collection import CollectionFile, Step

    chapters = {"The file": CollectionFile, "A step of `enrich`": Step}
    for model, keys in nested(CollectionFile).items():
        chapters[" and ".join(map(code, keys))] = model
    return "\n".join(f"## {title}\n\n{_fields(model)}" for title, model in chapters.items())


def nested(model: type[BaseModel], before: str = "") -> dict[type[BaseModel], list[str]]:
    """The models within a model, however deep, with their keys, such as `source.credentials`.

    Args:
        model: The model that is looked into.
        before: What stands before each key.
    """
    found: dict[type[BaseModel], list[str]] = {}
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            found.setdefault(inner, []).append(before + name)
    for inner, keys in list(found.items()):
        for deeper, places in nested(inner, f"{keys[0]}.").items():
            found.setdefault(deeper, []).extend(places)
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _fields(model: type[BaseModel]) -> str:
    rows = [
        (code(name), code(_type(field)), _default(field), field.description or "")
        for name, field in model.model_fields.items()
        if not field.exclude
    ]
    return f"{doc(model)}\n\n{table(('Key', 'Type', 'Default', 'What it says'), rows)}"


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else value(field.default)


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return re.sub(r"\b(?:\w+\.)+", "", name if "[" not in str(annotation) else str(annotation))
