"""What breaks the schema of an item or collection, as one sentence for people."""

import json
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind

KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
"""Types of JSON Schema, in words."""

FORMATS = {
    "date-time": "a time in UTC (RFC 3339, such as 2024-01-31T10:00:00Z)",
    "iri": "an address (IRI)",
    "iri-reference": "an address (IRI)",
    "uri": "an address (URI)",
}

PATTERNS = {r"(\+00:00|Z)$": FORMATS["date-time"], r"^[\w\-\.\+]+$": "an SPDX licence or `other`"}
"""Patterns of STAC's schemas, in words."""

LONGEST = 80
"""Characters of a value that a sentence shows at most."""

NULL_TIME = "`datetime` is null, so `start_datetime` and `end_datetime` have to be there"


def sentence(error: ValidationError, whole: str = "the item") -> str:
    """The place in the document, or what the whole of it is called, and what is wrong there."""
    error, told = _closest(error)
    place = ".".join(map(str, error.instance_path)) or whole
    return f"{place}: {told or _told(error)}"


def _closest(error: ValidationError) -> tuple[ValidationError, str | None]:
    """Of alternatives, the fault of the one that was meant, and words for it if it has its own."""
    while isinstance(error.kind, (ValidationErrorKind.AnyOf, ValidationErrorKind.OneOfNotValid)):
        if list(error.instance_path) == ["properties"] and isinstance(error.instance, dict):
            return error, _time(error.instance)
        # of two that lie as deep, the later: the first is often that there is nothing
        firsts = [branch[0] for branch in reversed(error.kind.context) if branch]
        error = max(firsts, key=lambda each: len(each.instance_path))
    return error, None


def _time(values: dict[str, Any]) -> str:
    """What STAC's one rule of alternatives about properties wants: a time."""
    return NULL_TIME if "datetime" in values else "`datetime` is missing"


def _told(error: ValidationError) -> str:
    kind, shown = error.kind, _shown(error.instance)
    match kind:
        case ValidationErrorKind.Required():
            return f"`{kind.property}` is missing"
        case ValidationErrorKind.Type():
            names = sorted(kind.types, key=lambda name: name == "null")
            return f"{shown} is not {' or '.join(KINDS[name] for name in names)}"
        case ValidationErrorKind.Format() if kind.format in FORMATS:
            return f"{shown} is not {FORMATS[kind.format]}"
        case ValidationErrorKind.Pattern() if kind.pattern in PATTERNS:
            return f"{shown} is not {PATTERNS[kind.pattern]}"
        case ValidationErrorKind.FalseSchema():
            return "STAC does not allow this here"
    return _short(" ".join(error.message.split()), end=2 * LONGEST)


def _shown(value: Any) -> str:
    return _short(json.dumps(value, ensure_ascii=False))


def _short(text: str, end: int = 0) -> str:
    """The text without its middle, if it is long: its beginning, and as much of its end."""
    if len(text) <= LONGEST + end:
        return text
    return f"{text[:LONGEST]} ... {text[-end:] if end else ''}".rstrip()
