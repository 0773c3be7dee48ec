"""The base of what people write into collection files."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A typing error in a file is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid")
