"""The API as the command line asks it: with the write token, and errors that are ours."""

from typing import Any
from urllib.parse import urljoin

import requests

from infrastructure.errors import Invalid, NotFound, SwathError, Unavailable, Unreachable
from infrastructure.settings import ApiSettings

TIMEOUT = (10.0, 120.0)
"""Seconds to connect, and to wait for an answer."""

MEANINGS: dict[int, type[SwathError]] = {
    400: Invalid,
    401: Unavailable,
    403: Unavailable,
    404: NotFound,
    409: Invalid,
    413: Invalid,
}
"""Status -> what it means; another is that the API does not answer."""


def call(method: str, path: str, **options: Any) -> dict[str, Any]:
    """Ask the API; its answer.

    Args:
        method: Method of HTTP.
        path: Below the root of the API, or a whole address of it.
        options: What `requests` takes: params, json.

    Raises:
        Invalid, NotFound, Unavailable, Unreachable: the API says so, or does not answer.
    """
    settings = ApiSettings()
    token = settings.write_token.get_secret_value() if settings.write_token else None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = urljoin(f"{settings.url.rstrip('/')}/", path.lstrip("/"))
    try:
        answer = requests.request(method, url, headers=headers, timeout=TIMEOUT, **options)
    except requests.RequestException as error:
        raise Unreachable(f"the API at {settings.url} does not answer: {error}") from error
    if answer.status_code >= 400:
        raise MEANINGS.get(answer.status_code, Unreachable)(_description(answer))
    told: dict[str, Any] = answer.json()
    return told


def _description(answer: requests.Response) -> str:
    try:
        return str(answer.json()["description"])
    except (requests.JSONDecodeError, KeyError, TypeError):
        return f"{answer.url} answers with status {answer.status_code}"
