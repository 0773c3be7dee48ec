"""One table from errors to HTTP status."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from infrastructure.errors import Busy, Invalid, NotFound, SwathError, Transient

STATUS: dict[type[SwathError], int] = {
    NotFound: 404,
    Invalid: 400,
    Busy: 409,
    Transient: 503,
    SwathError: 500,
}
"""The status of an error is that of the nearest class of its ancestry."""


def add_error_handlers(app: FastAPI) -> None:
    """Answer our errors with the table's status and the error's sentence."""
    for error, status in STATUS.items():
        app.add_exception_handler(error, _handler(status))


def _handler(status: int) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    async def handle(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"code": type(error).__name__, "description": str(error)}, status)

    return handle
