"""What people may ask to be registered or deregistered: the bodies of requests, kept with the job.

The API checks them, the flows carry them out.
"""

from typing import Any, Literal, Self
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

Type = Literal[
    "stac-item", "stac-collection", "iso", "application", "catalogue", "service", "product"
]

CollectionId = Field(
    None,
    pattern=r"^[A-Za-z0-9_.-]+$",
    description="Id of the collection.",
)

INLINE: dict[str, tuple[type, ...]] = {
    "stac-item": (dict,),
    "stac-collection": (dict,),
    "iso": (str,),
    "application": (dict, str),
}
"""Type -> what its content may be; the others have an address only."""

SCHEMES = {"product": {"http", "https", "s3", "file"}}
WEB = {"http", "https"}


class Order(BaseModel):
    """What both have in common."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(
        None,
        min_length=1,
        max_length=4096,
        description="Address of it: `http` or `https`; for a product also `s3` and, where the"
        " operator allows it, `file`. It can be seen by everybody who sees the catalogue.",
    )
    collection: str | None = CollectionId

    @model_validator(mode="after")
    def _no_password(self) -> Self:
        try:
            parts = urlsplit(self.url or "")
        except ValueError as error:
            raise ValueError(f"{self.url} is no address: {error}") from error
        if parts.username is not None:
            raise ValueError("an address here must not hold a user name or password")
        return self


class Registration(Order):
    """One product, document or service that is to be registered."""

    type: Type = Field(description="What it is.")
    content: dict[str, Any] | str | None = Field(
        None,
        description="The document itself instead of its address: STAC or CWL as JSON object, ISO"
        " or CWL as text.",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.url is None) == (self.content is None):
            raise ValueError("say either `url` or `content`")
        if self.content is not None:
            self._check_content()
        elif urlsplit(self.url or "").scheme not in SCHEMES.get(self.type, WEB):
            known = ", ".join(sorted(SCHEMES.get(self.type, WEB)))
            raise ValueError(f"the address of a {self.type} begins with one of: {known}")
        if self.type == "product" and self.collection is None:
            raise ValueError("say the `collection` of a product")
        return self

    def _check_content(self) -> None:
        kinds = INLINE.get(self.type)
        if kinds is None:
            raise ValueError(f"a {self.type} is given by `url`, not by `content`")
        if not isinstance(self.content, kinds):
            names = " or ".join("a JSON object" if kind is dict else "a text" for kind in kinds)
            message = f"the `content` of a {self.type} is {names}"
            raise ValueError(message)  # noqa: TRY004 - pydantic's word for what is wrong

    def home(self) -> str | None:
        """The collection that it goes to, as far as the request tells."""
        if self.collection or not isinstance(self.content, dict):
            return self.collection
        key = {"stac-item": "collection", "stac-collection": "id"}.get(self.type, "")
        found = self.content.get(key)
        return found if isinstance(found, str) else None

    def label(self) -> str:
        """One line for people."""
        return f"{self.type} {self.url or f'of {len(orjson.dumps(self.content))} bytes'}"


class Deregistration(Order):
    """Items that are to be deregistered: by id, or by the address that they were registered by."""

    items: list[str] | None = Field(
        None, min_length=1, max_length=10_000, description="Ids of items."
    )
    collection: str | None = CollectionId

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.url is None) == (self.items is None):
            raise ValueError("say either `items` or `url`")
        if self.items and self.collection is None:
            raise ValueError("say the `collection` of the items")
        return self

    def label(self) -> str:
        """One line for people."""
        return self.url or f"{len(self.items or ())} items of {self.collection}"
