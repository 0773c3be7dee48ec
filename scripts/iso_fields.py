"""The fields that items of real records have, and their shapes."""

from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]


def shapes(items: Iterable[Document]) -> list[tuple[str, str, int]]:
    """Name, shape and number of items of each field, by its name; those of `iso:` come last."""
    values: dict[str, list[Any]] = {}
    for item in items:
        links = [{key: link[key] for key in link if key != "rel"} for link in item["links"]]
        beside = {"links": links, "assets": list(item["assets"].values()), "bbox": item["bbox"]}
        for key, value in {**beside, **item["properties"]}.items():
            values.setdefault(key, []).append(value)
    order = sorted(values, key=lambda key: (key.startswith("iso:"), key))
    return [(key, shape(values[key]), len(values[key])) for key in order]


def shape(values: list[Any]) -> str:
    """What values have in common, such as `[{"name", "version"?}]`: `?` is not in all of them."""
    if not values:
        return ""
    if all(isinstance(value, list) for value in values):
        return f"[{shape([part for value in values for part in value])}]"
    if not all(isinstance(value, dict) for value in values):
        return " or ".join(sorted({_kind(value) for value in values}))
    keys = dict.fromkeys(key for value in values for key in value)
    if all(isinstance(inner, dict) for value in values for inner in value.values()):
        return f'{{"...": {shape([inner for value in values for inner in value.values()])}}}'
    return f"{{{', '.join(_key(key, values) for key in keys)}}}"


def _key(key: str, values: list[Document]) -> str:
    inner = [value[key] for value in values if key in value]
    optional = "?" if len(inner) < len(values) else ""
    return f'"{key}"{optional}: {shape(inner)}'


def _kind(value: Any) -> str:
    return {str: "text", type(None): "null"}.get(type(value), "number")
