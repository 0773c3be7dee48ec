"""What is checked before an item may enter the catalogue, and what is mended without a word lost.

Mended are nulls where STAC allows none (what was converted from a table is full of them), times
that are not in UTC or have a blank for their `T`, boxes that are missing, and geometries as
flows/geometries.py tells. Everything else that is wrong is told.
"""

import json
import re
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
from jsonschema import Draft7Validator

from flows import properties
from flows.faults import sentence
from flows.geometries import placed
from infrastructure.errors import Invalid

ITEM = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"

COLLECTION = "https://schemas.stacspec.org/v1.1.0/collection-spec/json-schema/collection.json"

DRAFT_7 = "http://json-schema.org/draft-07/schema"
"""What the summaries of a collection may be: schemas themselves."""

TIMES = (
    "datetime", "start_datetime", "end_datetime",
    "created", "updated", "published", "expires", "unpublished",
)  # fmt: skip
"""Properties that are times in UTC (STAC Common Metadata and the Timestamps extension)."""

PLAIN = re.compile(r"\d{4}-\d\d-\d\dT.*(Z|\+00:00)")

EXACT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)")
"""A time that Python can read whole."""


def valid(document: dict[str, Any]) -> dict[str, Any]:
    """The item, valid against the STAC 1.1 core schema and safe to search and to draw.

    Raises:
        Invalid: it cannot be; the message names the item, the place and what is wrong there.
    """
    name = document.get("id")
    if not isinstance(name, str) or not name:
        raise Invalid("the record has no `id`")
    document = placed(name, document)
    document = _schema(name, document)
    _times(name, document["properties"])
    return document


def check_collection(document: dict[str, Any]) -> None:
    """Check a collection against the STAC 1.1 core schema.

    Raises:
        Invalid: it breaks it; the message names the collection, the place and what is wrong there.
    """
    for error in _collection().iter_errors(document):
        told = sentence(error, "the collection")
        raise Invalid(f"{document.get('id')}: no valid STAC Collection: {told}")


def _schema(name: str, document: dict[str, Any]) -> dict[str, Any]:
    if _both().is_valid(_linked(document)):
        return document
    document = _in_utc(_without_nulls(document))
    for validator, subject in ((_core(), _linked(document)), (_types(), document)):
        for error in validator.iter_errors(subject):
            raise Invalid(f"{name}: {sentence(error)}")
    return document


def _linked(document: dict[str, Any]) -> dict[str, Any]:
    """As the API will serve it: with its link to the collection."""
    links = document.get("links")
    if not isinstance(links, list):
        return document
    link = {"rel": "collection", "href": "../collection", "type": "application/json"}
    return {**document, "links": [*links, link]}


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    """The item without nulls that STAC forbids: all but those of its properties' own."""
    document = deepcopy(document)
    for error in list(_core().iter_errors(_linked(document))):
        _drop_null(document, list(error.instance_path))
    for key in {"links", "assets"} & document.keys():
        document[key] = _pruned(document[key])
    return document


def _in_utc(document: dict[str, Any]) -> dict[str, Any]:
    """The item with the same moments as STAC writes them."""
    values = document.get("properties")
    if not isinstance(values, dict):
        return document
    for name in TIMES:
        told = values.get(name)
        if isinstance(told, str) and EXACT.fullmatch(told) and not PLAIN.fullmatch(told):
            with suppress(ValueError):  # a 31st of April
                moment = datetime.fromisoformat(told).astimezone(UTC)
                values[name] = moment.isoformat().replace("+00:00", "Z")
    return document


def _drop_null(document: Any, path: list[Any]) -> None:
    """Delete a value, if it is null and not one of those that STAC wants to be there."""
    if not path or path in (["properties", "datetime"], ["geometry"]):
        return
    for step in path[:-1]:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(document, dict) and path[-1] in document and document[path[-1]] is None:
        del document[path[-1]]


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_pruned(part) for part in value]
    return value


@cache
def _core() -> jsonschema_rs.Draft7Validator:
    return _validator({"$ref": ITEM})


@cache
def _collection() -> jsonschema_rs.Draft7Validator:
    return _validator({"$ref": COLLECTION})


@cache
def _types() -> jsonschema_rs.Draft7Validator:
    return _validator(properties.schema())


@cache
def _both() -> jsonschema_rs.Draft7Validator:
    """In one look: handing an item over takes as long as checking it."""
    return _validator({"allOf": [{"$ref": ITEM}, properties.schema()]})


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(schema, registry=_registry(), validate_formats=True)


@cache
def _registry() -> jsonschema_rs.Registry:
    folder = files("pystac.validation") / "jsonschemas"
    resources = [(DRAFT_7, Draft7Validator.META_SCHEMA)]
    for path in (*(folder / "stac-spec" / "v1.1.0").iterdir(), *(folder / "geojson").iterdir()):
        schema = json.loads(path.read_text("utf-8"))
        # pystac's copy has a wrong id for one of them
        schema["$id"] = schema["$id"].rstrip("#").replace("/commonjson", "/common.json")
        resources.append((schema["$id"], schema))
    return jsonschema_rs.Registry(resources)


def _times(name: str, values: dict[str, Any]) -> None:
    start = values.get("start_datetime") or values.get("datetime")
    end = values.get("end_datetime") or values.get("datetime")
    if not start or not end:
        raise Invalid(f"{name}: it has no time: neither `datetime` nor a start and an end")
    if _moment(name, start) > _moment(name, end):
        raise Invalid(f"{name}: it starts at {start}, after its end at {end}")


def _moment(name: str, told: str) -> datetime:
    try:
        return datetime.fromisoformat(told)
    except ValueError as error:  # RFC 3339 has leap seconds and a year 0, PostgreSQL has not
        raise Invalid(f"{name}: the time {told} cannot be kept: {error}") from error
