"""Free text of searches: `q`, its terms, and the condition on items (STAC API - Free-Text, basic).

An item matches if one of the terms stands in its id, title, description, keywords, platform or
instruments. The words of a term stand side by side there, in its order; English endings, accents
and case do not matter. The index and its functions are those of migration 0006.
"""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field
from stac_fastapi.extensions.free_text import FreeTextConformanceClasses, FreeTextExtension

from infrastructure.errors import Invalid

TERM = re.compile(r'\s*("[^"]*"|[^",][^,]*)\s*(?:,|$)')
"""A phrase in quotes, which may hold commas, or whatever else has no comma."""

MOST = 100
"""Terms that one search may have."""


CONDITION = "swath.words_of(id, content) @@ swath.words_like({0}::text[])"
"""That an item of `pgstac.items` has one of the terms; see `Condition.also`."""


def terms(asked: object) -> list[str]:
    """The terms of `q`: a text with commas between, or what stac-fastapi split at every comma.

    Raises:
        Invalid: it is neither a text nor a list of texts, or there are too many terms.
    """
    parts = [asked] if isinstance(asked, str) else [] if asked is None else asked
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise Invalid("q is a text or a list of texts")
    text = ",".join(parts)
    found = [term.strip().strip('"').strip() for term in TERM.findall(text)]
    if len(found) > MOST:
        raise Invalid(f"q has {len(found)} terms, at most {MOST} are searched for")
    return [term for term in found if term]


class Body(BaseModel):
    """What Free-Text adds to the body of a search."""

    q: Annotated[list[str] | None, BeforeValidator(lambda asked: terms(asked) or None)] = Field(
        None, description="Terms of which an item has at least one."
    )


class ItemFreeText(FreeTextExtension):  # type: ignore[misc]  # stac-fastapi is untyped
    """The extension on items; stac-fastapi's own reads one text where the standard has a list."""

    POST = Body


def extension(*classes: FreeTextConformanceClasses) -> ItemFreeText:
    """The extension, declaring these conformance classes."""
    return ItemFreeText(conformance_classes=[*classes])


SEARCH = FreeTextConformanceClasses.SEARCH
ITEMS = FreeTextConformanceClasses.ITEMS
