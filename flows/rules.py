"""What becomes of items over time: the `deletions` and `duplicates` of a collection file."""

import re
from datetime import timedelta

from pydantic import Field, field_validator

from flows.strict import Strict
from infrastructure.duplicates import Rule


class Deletions(Strict):
    """What becomes of items that upstream has no more."""

    sweep: timedelta = Field(
        timedelta(days=7),
        description="An incremental source is looked at as a whole at least this often"
        " (ISO 8601 duration): only so it is seen what is gone.",
    )
    grace: timedelta = Field(
        timedelta(days=1),
        ge=timedelta(0),
        description="How long an item may be missing upstream before it is deregistered.",
    )
    limit: float = Field(
        10,
        ge=0,
        le=100,
        description="Most of the collection's items that one run deregisters, in percent; more"
        " only with `--yes`.",
    )


class Duplicates(Strict):
    """What becomes of items that show the same: from two sources, or in two versions."""

    rule: Rule = Field("newest", description="`newest` wins, `first` wins, or `both` are kept.")
    id: str | None = Field(
        None,
        description="Regular expression on item ids; ids whose groups are the same are of one"
        " granule. Without it, and without `properties`, only equal ids are duplicates.",
    )
    properties: list[str] = Field(
        [], description="Properties whose values, all equal, make one granule."
    )
    order: list[str] = Field(
        ["processing:version", "s2:processing_baseline", "version", "updated", "created"],
        description="Properties that tell which of two is newer; the first that differs decides,"
        " and to lack it is to be older.",
    )

    @field_validator("id")
    @classmethod
    def _has_groups(cls, pattern: str | None) -> str | None:
        try:
            groups = re.compile(pattern).groups if pattern is not None else 1
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        if not groups:
            raise ValueError(f"'{pattern}' has no group to tell a granule by")
        return pattern
