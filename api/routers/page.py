"""The page for people, at the root; programs get the STAC landing page there."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infrastructure.errors import NotFound

DIST = Path(__file__).parent.parent / "web" / "dist"
"""The built web client; `scripts/build_web.py` makes it."""

READING = ("GET", "HEAD")

router = APIRouter(include_in_schema=False)


@router.get("/api.html", name="swagger_ui_html")
async def api_docs(request: Request) -> HTMLResponse:
    """The API's documentation to try out; its scripts are served from here."""
    return get_swagger_ui_html(
        openapi_url=str(request.url_for("openapi")),
        title=f"{request.app.title}: API",
        swagger_js_url="swagger-ui-bundle.js",
        swagger_css_url="swagger-ui.css",
        swagger_favicon_url="favicon.svg",
    )


@router.get("/{name}.{suffix}")
async def file(name: str, suffix: str, request: Request) -> FileResponse:  # noqa: ARG001
    """A file of the web client."""
    path = DIST / f"{name}.{suffix}"
    if path.parent != DIST or not path.is_file():
        raise NotFound(f"no file /{name}.{suffix}")
    return FileResponse(path)


class PageForPeople:
    """Answer the root with the page when the client prefers HTML (a browser does)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the page, or hand on; both say that the answer depends on `Accept`."""
        if not (scope["type"] == "http" and scope["path"] == "/" and scope["method"] in READING):
            await self.app(scope, receive, send)
            return
        people = _wants_html(Headers(scope=scope))
        answer = FileResponse(DIST / "index.html") if people else self.app
        await answer(scope, receive, _varying(send))


def _varying(send: Send) -> Send:
    """Tell caches of the two answers (RFC 9110, 12.5.5)."""

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Accept")
        await send(message)

    return tell


def _wants_html(headers: Headers) -> bool:
    accept = headers.get("accept", "")
    html, json = accept.find("text/html"), accept.find("application/json")
    return html >= 0 and (json < 0 or html < json)
