"""JSON of other people's making, read without losing what Python or JSON's strict rules would."""

import json
from typing import Any

import orjson

from infrastructure.errors import Unreadable


def parse(content: bytes, subject: str) -> Any:
    """A JSON document.

    The numbers that JSON does not have, but many programs write, become the words that STAC 1.1
    has for them (Common Metadata, `nodata`): `nan`, `inf` and `-inf`.

    Args:
        content: The document, UTF-8.
        subject: What it is, for the message of an error.

    Raises:
        Unreadable: it is no JSON.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return _lenient(content, subject)


def word(number: str) -> str:
    """STAC's word for `NaN`, `Infinity` or `-Infinity`."""
    return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[number]


def _lenient(content: bytes, subject: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=word)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{subject}: no JSON: {error}") from error
