"""Addresses that other people's documents name, relative or absolute, and asking them."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from infrastructure.addresses import ensure_public
from infrastructure.errors import Unreadable
from infrastructure.http import Http
from infrastructure.settings import HarvestSettings


def absolute(href: str, base: str) -> str:
    """The whole address of a link.

    Args:
        href: The link, as a document has it.
        base: Address of the document: http, https, s3 or file.

    Returns:
        The address; a link that is none comes back as it is.
    """
    try:
        if not base.startswith("s3://") or urlsplit(href).scheme:
            return urljoin(base, href)
        return urljoin(base.replace("s3:", "http:", 1), href).replace("http:", "s3:", 1)
    except ValueError:
        return href


def ask(http: Http, home: str, url: str, method: str = "GET", **options: Any) -> requests.Response:
    """Ask an address that a document of an upstream named.

    Args:
        http: The door to the web.
        home: The address that the operator gave; its host may be on a private network.
        url: The address.
        method: Method of HTTP.
        options: See `Http.request`.

    Raises:
        Unreadable: the address is on another host, on a private network; or see `Http.request`.
        Unreachable: see `Http.request`.
    """
    try:
        foreign = urlsplit(url).netloc != urlsplit(home).netloc
    except ValueError as error:
        raise Unreadable(f"{url}: no address: {error}") from error
    if foreign:
        ensure_public(url, HarvestSettings().private_hosts)
    return http.request(method, url, **options)
