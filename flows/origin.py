"""Where a collection's products or records come from: the `source` of a collection file."""

from datetime import timedelta
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from flows.narrow import interval
from flows.strict import Strict
from infrastructure.catalogue import BBox
from infrastructure.conditions import cql2
from infrastructure.errors import Invalid


class Secret(Strict):
    """Where a secret is kept; the file itself never has one."""

    env: str | None = Field(None, description="Name of an environment variable.")
    block: str | None = Field(None, description="Name of a Prefect Secret block.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.env is None) == (self.block is None):
            raise ValueError("a secret is in `env` or in `block`, one of the two")
        return self


class Header(Secret):
    """A header of HTTP that carries a secret."""

    name: str = Field(min_length=1, description="Name of the header.")


class Credentials(Strict):
    """How a source's server is told who asks."""

    basic: Secret | None = Field(None, description="HTTP Basic; the secret is `user:password`.")
    bearer: Secret | None = Field(None, description="`Authorization: Bearer`, of RFC 6750.")
    header: Header | None = Field(None, description="A header of the server's own.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.basic, self.bearer, self.header)) != 1:
            raise ValueError("credentials are one of `basic`, `bearer` and `header`")
        return self


class Source(BaseModel):
    """Where products or records come from; further keys are the source plug-in's options."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Name of a module in flows/sources.")
    bbox: BBox | None = Field(
        None, description="Only what meets this box: west, south, east, north in degrees."
    )
    datetime: str | None = Field(
        None, description="Only what was acquired then: a moment or an interval (RFC 3339, `..`)."
    )
    filter: dict[str, Any] | str | None = Field(
        None, description="Only what this condition holds for: CQL2, as JSON or text."
    )
    mapping: dict[str, str] = Field(
        {}, description="STAC property -> the upstream's own name, where its records are no STAC."
    )
    skip: list[str] = Field([], description="Upstream ids to leave out; `*` and `?` as in a shell.")
    rate: float | None = Field(None, gt=0, description="Most requests per second.")
    timeout: float = Field(
        60, gt=0, description="Seconds without a byte after which the server counts as away."
    )
    credentials: Credentials | None = Field(None, description="How the server is told who asks.")
    incremental: bool = Field(
        True,
        description="Ask only for what changed since the cursor, where the source can."
        " Turn it off for an upstream whose modification dates cannot be trusted.",
    )
    overlap: timedelta = Field(
        timedelta(hours=1),
        ge=timedelta(0),
        description="How far before the cursor an incremental harvest looks (ISO 8601 duration):"
        " for clocks that differ and records that upstream publishes late.",
    )

    def options(self) -> dict[str, Any]:
        """The keys that the source plug-in takes."""
        return dict(self.model_extra or {})

    @field_validator("bbox")
    @classmethod
    def _is_box(cls, bbox: BBox | None) -> BBox | None:
        if bbox is not None and bbox[1] > bbox[3]:
            raise ValueError(f"south {bbox[1]:g} is north of north {bbox[3]:g}")
        return bbox

    @field_validator("datetime")
    @classmethod
    def _is_interval(cls, text: str | None) -> str | None:
        if text is not None:
            interval(text)
        return text

    @field_validator("filter")
    @classmethod
    def _is_cql2(cls, condition: dict[str, Any] | str | None) -> dict[str, Any] | None:
        try:
            return None if condition is None else cql2(condition)
        except Invalid as error:
            raise ValueError(str(error)) from error
