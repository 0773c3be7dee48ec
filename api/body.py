"""Bodies of requests, read only when the caller may write, and never more than is allowed."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import HTTPException
from pydantic import BaseModel, ValidationError

from api.security import writer
from infrastructure.errors import Invalid

M = TypeVar("M", bound=BaseModel)

MOST = 16 * 2**20
"""Bytes that a body may have."""


async def body(request: Request, _allowed: Annotated[None, Depends(writer)]) -> bytes:
    """The body, of a writer: FastAPI itself would read any body of anybody first.

    Raises:
        HTTPException: 413, it is longer than `MOST`.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST:
            raise HTTPException(413, f"a body has at most {MOST} bytes; give an address instead")
        parts.append(part)
    return b"".join(parts)


def parsed(model: type[M]) -> Callable[..., Awaitable[M]]:
    """A dependency: the body as this model; Invalid says what is wrong with it."""

    async def parse(content: Annotated[bytes, Depends(body)]) -> M:
        with _told():
            return model.model_validate_json(content)

    return parse


def checked(model: type[M], values: dict[str, Any]) -> M:
    """The model of these values.

    Raises:
        Invalid: it says what is wrong with them.
    """
    with _told():
        return model.model_validate(values)


def described(model: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of such a body, for `openapi_extra` of a route."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise Invalid(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, fault["loc"])), _plain(fault["msg"]))))
        for fault in faults
    )


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
