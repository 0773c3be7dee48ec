"""EOEPCA's configuration of harvesters and layers, as collection files.

It takes the harvester's configuration of releases 1.0 to 1.3 (a list of harvesters) and 1.4 (by
name), and the data specification of the View Server (product types, collections, layers). What has
no counterpart is a comment in the file; secrets are never copied.
"""

import re
from pathlib import Path
from typing import Any

from flows.collection import load
from flows.eoepca.configuration import Configuration, read
from flows.eoepca.document import Part, text
from flows.eoepca.harvester import source
from flows.eoepca.styles import assets, renders
from infrastructure.errors import Misconfigured

Json = dict[str, Any]

MISSION = re.compile(r"(?:sentinel[-_ ]?|s)(\d)|(?:landsat[-_ ]?|l)(\d)", re.IGNORECASE)

KINDS = ("GRD", "SLC", "OCN")
"""Kinds of radar products that harvesters and collections are named after."""


def convert(path: Path, folder: Path) -> list[Path]:
    """Write the collection files of a configuration.

    There is one for each collection of its data specification, with the harvester that is of the
    same mission, and one for each harvester that no collection goes with.

    Args:
        path: The configuration: YAML, also the values of a Helm chart.
        folder: Where the files go.

    Returns:
        The files.

    Raises:
        Misconfigured: it cannot be read, has nothing to convert, or a file is there already.
    """
    parts = read(path)
    files = _files(parts, path.name)
    targets = {folder / f"{name}.yaml": content for name, content in files.items()}
    taken = [str(target) for target in targets if target.exists()]
    if taken:
        raise Misconfigured(f"{', '.join(taken)}: there already; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for target, content in targets.items():
        target.write_text(content, "utf-8")
        load(target)
    return list(targets)


def _files(parts: Configuration, origin: str) -> dict[str, str]:
    """Contents of the files by collection id."""
    title = f"Made of {origin}, a configuration of EOEPCA."
    files: dict[str, str] = {}
    used: set[str] = set()
    for name in _collections(parts):
        types = [t for t in parts.product_types if name in (t.get("collections") or ())]
        harvester = _harvester(parts, name, types)
        used |= {harvester} if harvester else set()
        files[_id(name)] = text(_collection(parts, name, types, harvester), title)
    for name in parts.harvesters.keys() - used:
        files[_id(name)] = text(_collection(parts, name, [], name), title)
    return files


def _collections(parts: Configuration) -> list[str]:
    named = (str(name) for t in parts.product_types for name in t.get("collections") or ())
    return list(dict.fromkeys([*parts.collections, *named]))


def _collection(
    parts: Configuration, name: str, types: list[Json], harvester: str | None
) -> dict[str, Part]:
    layers = {str(layer.get("id")): layer for layer in parts.layers}
    own = layers.get(name, {})
    title = str(own.get("title") or name)
    drawn = _layers(parts, name, types, layers)
    return {
        "id": Part(_id(name)),
        "title": Part(title),
        "description": Part(str(own.get("abstract") or title)),
        "source": _source(parts, name, types, harvester),
        "assets": assets(types, parts.coverage_types),
        "renders": drawn,
        "seed": Part(parts.seeder if drawn.value else {}),
    }


def _source(parts: Configuration, name: str, types: list[Json], harvester: str | None) -> Part:
    if harvester is None:
        note = "No harvester goes with it: say here where its products are."
        return Part({"type": "folder", "url": f"incoming/{_id(name)}"}, [note])
    part = source(harvester, parts.harvesters[harvester], parts.filesystems)
    if harvester != name:
        part.notes.insert(0, f"Harvester '{harvester}' was taken by its name: see that it fits.")
    _products(part, [t for t in types if t.get("filter")])
    return part


def _products(part: Part, types: list[Json]) -> None:
    """Which products of the harvester are the collection's: those of its product types."""
    own = [t["filter"].get("s2:product_type") for t in types]
    if own and all(own) and "filter" not in part.value:
        part.value.setdefault("mapping", {})["s2:product_type"] = "productType"
        part.value["filter"] = {"op": "in", "args": [{"property": "s2:product_type"}, own]}
        return
    for product_type in types:
        part.notes.append(f"Product type {product_type['name']} is {product_type['filter']}:")
        part.notes.append("  `filter` can say so, of properties that the items have.")


def _layers(parts: Configuration, name: str, types: list[Json], layers: dict[str, Json]) -> Part:
    """The renders, with the titles of their layers; layers of outlines and masks are named."""
    below = {
        key.partition("__")[2]: layer
        for key, layer in layers.items()
        if key.startswith(f"{name}__")
    }
    titles = {key: str(layer.get("title") or "") for key, layer in below.items()}
    part = renders(types, parts.coverage_types, titles)
    others = [key for key in below if key not in part.value]
    if others:
        part.notes.append(f"Layers without a counterpart: {', '.join(sorted(others))}.")
    return part


def _harvester(parts: Configuration, name: str, types: list[Json]) -> str | None:
    """The harvester of a collection: of the same mission and kind of product, by their names."""
    wanted = " ".join([name, *(str(t.get("name")) for t in types)]).upper()
    for key, harvester in parts.harvesters.items():
        own = f"{key} {harvester.get('resource')}".upper()
        kinds = [kind for kind in KINDS if kind in own]
        fits = not kinds or any(kind in wanted for kind in kinds)
        if fits and _mission(wanted) and _mission(wanted) == _mission(key):
            return key
    return None


def _mission(words: str) -> str | None:
    known = MISSION.match(words)
    return f"{words[0].upper()}{known[1] or known[2]}" if known else None


def _id(name: str) -> str:
    """The id of a collection, of what EOEPCA calls it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-") or "collection"
