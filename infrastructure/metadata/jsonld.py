"""What the two vocabularies in JSON-LD have in common."""

import json
from collections.abc import Iterator
from typing import Any


def written(record: dict[str, Any]) -> str:
    """The record as text, the same for the same content."""
    return json.dumps(record, ensure_ascii=False, indent=2)


def described(facts: dict[str, Any]) -> list[str]:
    """All keywords, each once."""
    words = (word for group in facts["keywords"].values() for word in group["keywords"])
    return list(dict.fromkeys(words))


def periods(facts: dict[str, Any]) -> Iterator[str]:
    """Intervals of ISO 8601; `..` is an open end."""
    for period in facts["extents"]["temporal"]:
        yield f"{period['begin'] or '..'}/{period['end'] or '..'}"
