"""STAC extensions: which of them an item's fields belong to, and whether it keeps their rules.

Readers and steps write fields; that an item declares the extensions of its fields is seen to here,
in one place.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema_rs
import pystac

from flows.faults import sentence
from infrastructure.errors import Invalid

HOME = "https://stac-extensions.github.io/"

BASICS = "https://schemas.stacspec.org/v1.0.0/item-spec/json-schema/basics.json"
GEOMETRY = "https://geojson.org/schema/Geometry.json"
PROJJSON = "https://proj.org/schemas/v0.7/projjson.schema.json"

RELEASES = {
    "alternate": "alternate-assets/v1.2.0",
    "classification": "classification/v1.1.0",
    "contacts": "contacts/v1.0.0",
    "eo": "eo/v2.0.0",
    "file": "file/v2.1.0",
    "grid": "grid/v1.1.0",
    "landsat": "landsat/v2.0.0",
    "mgrs": "mgrs/v1.0.0",
    "processing": "processing/v1.2.0",
    "product": "product/v1.0.0",
    "proj": "projection/v2.0.0",
    "raster": "raster/v2.0.0",
    "s1": "sentinel-1/v0.2.0",
    "s2": "sentinel-2/v1.0.0",
    "sar": "sar/v1.3.0",
    "sat": "sat/v1.2.0",
    "sci": "scientific/v1.0.0",
    "storage": "storage/v2.0.0",
    "themes": "themes/v1.0.0",
    "version": "version/v1.2.0",
    "view": "view/v1.1.0",
}
"""Prefix of fields -> the release that this project writes."""

SCHEMAS = {prefix: f"{HOME}{release}/schema.json" for prefix, release in RELEASES.items()}
"""Prefix of fields -> address of the extension's schema."""

PLAIN = {"alternate", "contacts", "themes"}
"""Fields that are their extension's prefix themselves."""

TIMES = {"published", "expires", "unpublished"}
"""Fields of the Timestamps extension, which has no prefix."""

TIMESTAMPS = f"{HOME}timestamps/v1.1.0/schema.json"

OURS = frozenset({*SCHEMAS.values(), TIMESTAMPS})

NEEDED = {"landsat": {"landsat:scene_id", "landsat:cloud_cover_land"}}
"""Fields without which an extension cannot be declared: nobody knows them without a metadata
file."""


def declare(item: dict[str, Any]) -> dict[str, Any]:
    """The item with the extensions of its fields declared, and none of ours without a field.

    What else is declared stays: extensions of other makers, and other releases of these.
    """
    declared = item.get("stac_extensions") or []
    foreign = [schema for schema in declared if schema not in OURS]
    known = {_name(schema) for schema in foreign}
    used = sorted(set(_used(item)))
    told = [schema for schema in used if schema in declared or _name(schema) not in known]
    return {**item, "stac_extensions": [*foreign, *told]}


def add(item: pystac.Item, *fields: str) -> None:
    """Declare the extensions that fields belong to, unless they are, in this release or another.

    For steps: an item that came as STAC declares its extensions itself.
    """
    known = {_name(schema) for schema in item.stac_extensions}
    prefixes = {field.partition(":")[0] for field in fields}
    schemas = {SCHEMAS[prefix] for prefix in prefixes & SCHEMAS.keys()}
    if TIMES.intersection(fields):
        schemas.add(TIMESTAMPS)
    item.stac_extensions += sorted(schema for schema in schemas if _name(schema) not in known)


def differs(item: pystac.Item, prefix: str) -> bool:
    """Whether an item declares another release of an extension than this project writes."""
    others = set(item.stac_extensions) - OURS
    return _name(SCHEMAS[prefix]) in {_name(schema) for schema in others}


def check(item: dict[str, Any]) -> None:
    """Hold an item against the schemas of those extensions that this project writes.

    Raises:
        Invalid: it breaks one; the message names the item, the extension and what is wrong.
    """
    for schema in OURS.intersection(item.get("stac_extensions") or []):
        for error in _validator(schema).iter_errors(item):
            raise Invalid(f"{item.get('id')}: {sentence(error)} (STAC extension {_name(schema)})")


def _used(item: dict[str, Any]) -> Iterator[str]:
    """The schemas of the extensions that fields of an item belong to."""
    properties = item["properties"]
    if TIMES & properties.keys():
        yield TIMESTAMPS
    for name in _fields(item):
        prefix = name.partition(":")[0]
        known = prefix in SCHEMAS and (prefix != name or name in PLAIN)
        if known and NEEDED.get(prefix, set()) <= properties.keys():
            yield SCHEMAS[prefix]


def _fields(item: dict[str, Any]) -> Iterator[str]:
    """Names of all fields of properties, assets, bands and links."""
    assets = [asset for asset in item["assets"].values() if isinstance(asset, dict)]
    tellers = [item["properties"], *assets, *(item.get("links") or [])]
    bands = chain.from_iterable(teller.get("bands") or [] for teller in tellers)
    return chain.from_iterable([*tellers, *bands])


def _name(schema: str) -> str:
    return schema.removeprefix(HOME).partition("/")[0]


@cache
def _validator(schema: str) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(
        {"$ref": schema}, registry=_registry(), validate_formats=True
    )


@cache
def _registry() -> jsonschema_rs.Registry:
    """The schemas that the project carries, by their addresses, and those that they refer to."""
    root = Path(str(files("flows") / "schemas"))
    carried = Path(str(files("pystac.validation") / "jsonschemas"))
    paths = {f"{HOME}{path.relative_to(root)}": path for path in root.rglob("*.json")}
    paths[BASICS] = carried / "stac-spec" / "v1.1.0" / "basics.json"  # the same fields as in 1.0
    paths[GEOMETRY] = carried / "geojson" / "Geometry.json"
    paths[PROJJSON] = Path(str(files("rasterio") / "proj_data" / "projjson.schema.json"))
    resources = []
    for address, path in paths.items():
        schema = json.loads(path.read_text("utf-8"))
        schema["$id"] = address  # some have one with an empty fragment, or of another release
        resources.append((address, schema))
    return jsonschema_rs.Registry(resources)
