"""The OpenAPI description: FastAPI's, with the errors that the API really answers."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

Part = dict[str, Any]

ERROR: Part = {
    "type": "object",
    "title": "Error",
    "required": ["code", "description"],
    "properties": {
        "code": {"type": "string", "description": "The kind of error, for programs."},
        "description": {"type": "string", "description": "What is wrong, in a sentence."},
    },
}
"""Every error (STAC API - Core, Error Responses)."""

WORDS = {
    "400": "The request is not understood; the answer says why",
    "401": "This needs the write token as bearer token",
    "403": "Nobody may write here: no token is set",
    "404": "There is no such thing",
    "405": "This is not done here with that method",
    "409": "Another request is at it, or it is there already",
    "413": "The body is too long",
    "503": "The database or another part of the platform does not answer just now",
}


def describe(app: FastAPI) -> None:
    """Complete what FastAPI says of its routes; it expects 422 where we answer 400."""
    usual = app.openapi

    def whole() -> Part:
        if app.openapi_schema is None:
            document = usual()
            document["components"]["schemas"] |= {"Error": ERROR, **_hoisted(document)}
            for path, method, operation in _operations(document):
                operation["responses"] = {
                    **_errors(path, method, operation),
                    **{code: r for code, r in operation["responses"].items() if code != "422"},
                }
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _operations(document: Part) -> Iterator[tuple[str, str, Part]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _errors(path: str, method: str, operation: Part) -> Part:
    codes = ["400", "405", "503"]
    if "{" in path:
        codes.append("404")
    if operation.get("security"):
        codes += ["401", "403"]
    if method in ("post", "put", "patch", "delete") and operation.get("security"):
        codes += ["404", "409", "413"]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {code: {"description": WORDS[code], "content": content} for code in sorted(codes)}


def _hoisted(document: Part) -> Part:
    """The schemas that bodies define for themselves, where all the others are."""
    found: Part = {}
    for _, _, operation in _operations(document):
        for body in operation.get("requestBody", {}).get("content", {}).values():
            found |= body.get("schema", {}).pop("$defs", {})
    return found
