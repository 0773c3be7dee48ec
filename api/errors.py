"""One table from errors to HTTP status, and one from what libraries raise to our errors."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from json import JSONDecodeError

import asyncpg  # type: ignore[import-untyped]  # it has no stubs
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic_core import PydanticSerializationError
from stac_fastapi.types.errors import InvalidQueryParameter, NotFoundError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from infrastructure.errors import (
    Busy,
    Invalid,
    Misconfigured,
    NotFound,
    Permanent,
    SwathError,
    Transient,
    Unreachable,
)

log = logging.getLogger(__name__)

STATUS: dict[type[SwathError], int] = {
    NotFound: 404,
    Invalid: 400,
    Busy: 409,
    Transient: 503,
    Misconfigured: 503,  # this deployment cannot do it
    SwathError: 500,
}
"""The status of an error is that of the nearest class of its ancestry."""

LIBRARIES: dict[type[Exception], type[SwathError]] = {
    asyncpg.PostgresConnectionError: Unreachable,
    asyncpg.OperatorInterventionError: Unreachable,  # the server stops, starts, or gave up
    asyncpg.InsufficientResourcesError: Unreachable,
    asyncpg.InterfaceError: Unreachable,  # the connection closed under the query
    OSError: Unreachable,  # also ConnectionRefusedError and TimeoutError
    asyncpg.DataError: Invalid,
    asyncpg.RaiseError: Invalid,  # pgstac says what is wrong with the search
    asyncpg.UndefinedFunctionError: Invalid,  # a filter compares what cannot be compared
    asyncpg.DatatypeMismatchError: Invalid,
    asyncpg.InternalServerError: Invalid,  # PostGIS gives up on a geometry
    asyncpg.PostgresSyntaxError: Invalid,  # a free text that pgstac makes no query of
    NotFoundError: NotFound,  # stac-fastapi's own handlers log each as an error
    InvalidQueryParameter: Invalid,
    JSONDecodeError: Invalid,
    PydanticSerializationError: Invalid,  # half a surrogate pair in a search
}
"""What a library's error means. stac-fastapi talks to the database itself, so it is told here."""

Handler = Callable[[Request, Exception], Awaitable[JSONResponse]]


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error as `{code, description}` (STAC API - Core, Error Responses)."""
    for error in STATUS:
        app.add_exception_handler(error, _ours)
    for foreign, meaning in LIBRARIES.items():
        app.add_exception_handler(foreign, _translated(meaning))
    app.exception_handler(asyncpg.QueryCanceledError)(_too_long)
    app.exception_handler(RequestValidationError)(_unusable)
    app.exception_handler(HTTPException)(_refused)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    return _answer(error)


def _translated(meaning: type[SwathError]) -> Handler:
    async def handle(_request: Request, error: Exception) -> JSONResponse:
        if issubclass(meaning, Permanent):
            return _answer(meaning(str(error)))
        log.warning("the database does not answer", exc_info=error)
        return _answer(meaning("the database does not answer"))  # its address is not for clients

    return handle


async def _too_long(_request: Request, _error: asyncpg.QueryCanceledError) -> JSONResponse:
    told = "this takes longer than PostgreSQL may look for it: narrow the search"
    return JSONResponse({"code": "TooLong", "description": told}, 503, {"Retry-After": "60"})


async def _unusable(_request: Request, error: RequestValidationError) -> JSONResponse:
    faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return _answer(Invalid("; ".join(faults)))


async def _refused(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    content = {"code": HTTPStatus(error.status_code).phrase, "description": str(error.detail)}
    return JSONResponse(content, error.status_code, headers)


def _methods(request: Request) -> set[str]:
    """What may be done at an address, by all of its routes (RFC 9110, 10.2.1)."""
    known = {
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }
    return known | {"OPTIONS"} | ({"HEAD"} if "GET" in known else set())


def _answer(error: Exception) -> JSONResponse:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return JSONResponse({"code": type(error).__name__, "description": str(error)}, status)
