"""From the addresses that stand in the catalogue to those that a client can open."""

import ipaddress
import socket
from urllib.parse import quote, urlsplit

from infrastructure.errors import Unreachable, Unreadable
from infrastructure.settings import StorageSettings
from infrastructure.storage import Store


def public_href(href: str, store: Store, settings: StorageSettings, api_url: str) -> str:
    """The http(s) address of a file of our store; any other address stays as it is.

    Args:
        href: Address as it stands in the catalogue.
        store: The store of the files that Swath makes.
        settings: Says whether a web server of its own serves the store.
        api_url: Root of the API, which serves the store otherwise.
    """
    key = store.key(href)
    if key is None:
        return href
    base = settings.public_url or f"{api_url.rstrip('/')}/assets"
    return f"{base.rstrip('/')}/{quote(key)}"


def ensure_public(href: str, private_allowed: bool) -> None:
    """Refuse an http(s) address that leads into a private network: records of others name it.

    Raises:
        Unreadable: its host is on a private, loopback or link-local network.
        Unreachable: its host has no address.
    """
    parts = urlsplit(href)
    if parts.scheme not in {"http", "https"} or private_allowed:
        return
    host = parts.hostname or ""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise Unreachable(f"{host}: no address of that name") from error
    if not all(ipaddress.ip_address(address.partition("%")[0]).is_global for address in found):
        raise Unreadable(f"{host} is on a private network; see SWATH_HARVEST_PRIVATE_HOSTS")
