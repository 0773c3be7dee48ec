"""What records of ISO tell, section by section, as properties of an item.

Each module is a section of the metadata; each of its functions takes the record's root and gives
properties of STAC, of its extensions, or, for what has no home there, with the prefix `iso:`. Code
lists come as their plain codes, dates as they are written. What a record does not tell is absent.
Elements are found by their names without namespaces: one path serves ISO 19139, 19115-2 and, where
2014 left a name as it was, 19115-3.
"""

from typing import Any

PLACEHOLDERS = {"TBD", "none", "None", "unknown", "INS-NOBS"}
"""What templates have where nobody wrote an identifier; the last is INSPIRE's for any sensor."""


def told(**facts: Any) -> dict[str, Any]:
    """An object of what is known: without what is empty or None."""
    return {key: value for key, value in facts.items() if value not in (None, "", [], {})}


def unique(values: list[Any]) -> list[Any]:
    """Each value once, in their order; they need not be hashable."""
    return [value for number, value in enumerate(values) if value not in values[:number]]
