"""What an EOEPCA configuration has in it, wherever it stands.

The same parts come alone, in the values of a Helm chart, below `global` or below
`vs.harvester.config`, from release 1.0 to 1.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from infrastructure.errors import Misconfigured

Json = dict[str, Any]


@dataclass(frozen=True)
class Configuration:
    """The parts that say something of collections."""

    harvesters: dict[str, Json] = field(default_factory=dict)
    filesystems: dict[str, Json] = field(default_factory=dict)
    product_types: list[Json] = field(default_factory=list)
    coverage_types: list[Json] = field(default_factory=list)
    collections: dict[str, Json] = field(default_factory=dict)
    layers: list[Json] = field(default_factory=list)
    seeder: Json = field(default_factory=dict)


def read(path: Path) -> Configuration:
    """Read a configuration.

    Raises:
        Misconfigured: the file cannot be read, is no YAML, or has neither harvesters nor product
            types nor collections.
    """
    try:
        documents = list(yaml.safe_load_all(path.read_text("utf-8")))
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Misconfigured(f"{path}: no YAML: {error}") from error
    parts = Configuration()
    for document in documents:
        if _is_list_of_harvesters(document):
            parts.harvesters.update(_by_name(document))
        for key, value in _walk(document):
            _take(parts, key, value)
    if not (parts.harvesters or parts.product_types or parts.collections):
        raise Misconfigured(f"{path}: it has neither `harvesters` nor `productTypes`")
    return parts


def _take(parts: Configuration, key: str, value: Any) -> None:
    """Put a part where it belongs, if it is one."""
    if key == "harvesters":
        parts.harvesters.update(_by_name(value))
    elif key == "filesystems" and isinstance(value, dict):
        parts.filesystems.update({k: v for k, v in value.items() if isinstance(v, dict)})
    elif key == "productTypes":
        parts.product_types.extend(_mappings(value))
    elif key == "coverageTypes":
        parts.coverage_types.extend(_mappings(value))
    elif key == "layers":
        parts.layers.extend(_mappings(value))
    elif key == "seeder" and isinstance(value, dict):
        parts.seeder.update({k: v for k, v in _walk(value) if k in {"minzoom", "maxzoom"}})
    elif key == "collections" and isinstance(value, dict):
        parts.collections.update({str(k): v or {} for k, v in value.items()})


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every mapping that is not within a harvester or a product type."""
    if not isinstance(value, dict):
        return
    for key, part in value.items():
        name = str(key).rpartition(".")[2]
        yield name, part
        if name not in {"harvesters", "productTypes", "filesystems"}:
            yield from _walk(part)


def _by_name(value: Any) -> dict[str, Json]:
    """Harvesters by name: a mapping since release 1.4, a list before."""
    if isinstance(value, dict):
        return {str(name): part for name, part in value.items() if isinstance(part, dict)}
    return {
        str(entry.get("name") or f"harvester-{n}"): entry
        for n, entry in enumerate(_mappings(value), 1)
    }


def _is_list_of_harvesters(document: Any) -> bool:
    return isinstance(document, list) and any("resource" in entry for entry in _mappings(document))


def _mappings(value: Any) -> list[Json]:
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, dict)]
