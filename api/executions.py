"""The inputs of EOEPCA's processes `register` and `deregister`, in the forms that they have had."""

from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from infrastructure.errors import Invalid
from infrastructure.settings import ApiSettings

RELATIONS = {
    "item": "stac-item",
    "collection": "stac-collection",
    "cwl": "application",
    "xml": "iso",
    "record": "iso",
    "ades": "service",
    "oaproc": "service",
}
"""What EOEPCA calls the source, in lower case -> our type; our own names are taken as well."""


class Document(BaseModel):
    """Any JSON object."""

    model_config = ConfigDict(extra="allow")


class Source(BaseModel):
    """Where the document is, or the document."""

    href: str | None = Field(None, description="Its address.")
    content: dict[str, Any] | str | None = Field(None, description="The document itself.")
    rel: str | None = Field(None, description="What it is: `item`, `collection`, `CWL` ...")


class Target(BaseModel):
    """Where it goes: this catalogue, or a collection of it."""

    href: str | None = Field(None, description="Address of this API, or of a collection of it.")
    rel: str | None = Field(None, description="Protocol of the target; any is taken.")
    collection: str | None = Field(None, description="Id of the collection.")


class Inputs(BaseModel):
    """The inputs of both processes."""

    model_config = ConfigDict(extra="forbid")

    type: str | None = Field(None, description="What it is, if `source` does not tell.")
    source: Source | str | None = Field(None, description="An address, or `href` or `content`.")
    target: Target | str | None = Field(None, description="Where it goes, or where it is.")
    collection: str | None = Field(None, description="Id of the collection.")
    id: str | None = Field(None, description="Of `deregister`: id of the item.")


class Execution(BaseModel):
    """The body of an execution request (OGC 18-062r2, 7.11)."""

    inputs: Inputs

    @property
    def source(self) -> Source:
        """The source in its longer form."""
        given = self.inputs.source
        return Source(href=given) if isinstance(given, str) else given or Source()

    def registration(self) -> dict[str, Any]:
        """The order of a registration."""
        source = self.source
        kind = source.rel or self.inputs.type or ""
        return {
            "type": RELATIONS.get(kind.lower(), kind.lower()),
            "url": source.href,
            "content": source.content,
            "collection": self.collection(),
        }

    def collection(self) -> str | None:
        """The collection, from wherever the inputs tell it.

        Raises:
            Invalid: the target is another catalogue, or no address.
        """
        given = self.inputs.target
        target = Target(href=given) if isinstance(given, str) else given or Target()
        return self.inputs.collection or target.collection or _collection(target.href)


def kind(document: Document) -> str:
    """The type of an order that registers this document.

    Raises:
        Invalid: it is neither a STAC Item nor a STAC Collection.
    """
    told = (document.model_extra or {}).get("type")
    found = {"Feature": "stac-item", "Collection": "stac-collection"}.get(str(told))
    if found is None:
        raise Invalid("the body is neither a STAC Item nor a STAC Collection")
    return found


def _collection(href: str | None) -> str | None:
    if href is None:
        return None
    root = urlsplit(ApiSettings().url)
    try:
        target = urlsplit(href)
    except ValueError as error:
        raise Invalid(f"the target {href} is no address: {error}") from error
    if (target.scheme, target.netloc) != (root.scheme, root.netloc):
        raise Invalid(f"the target {href} is another catalogue; this one is {root.geturl()}")
    _, _, rest = target.path.partition("/collections/")
    return unquote(rest.split("/")[0]) or None
