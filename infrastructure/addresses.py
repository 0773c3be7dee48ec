"""Addresses: what they consist of, who may be asked, and which of them a client can open."""

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urlsplit

from infrastructure.errors import Private, Unreachable, Unreadable
from infrastructure.settings import StorageSettings

if TYPE_CHECKING:
    from infrastructure.storage import Store

EMBEDDING = {
    IPv6Network("::/96"): 0,  # IPv4-compatible (RFC 4291, 2.5.5.1)
    IPv6Network("::ffff:0:0/96"): 0,  # IPv4-mapped (RFC 4291, 2.5.5.2)
    IPv6Network("64:ff9b::/96"): 0,  # NAT64 (RFC 6052)
    IPv6Network("2002::/16"): 80,  # 6to4 (RFC 3056)
}
"""Networks of IPv6 that lead to an address of IPv4 -> bits behind that address."""

NEVER = (
    IPv6Network("64:ff9b:1::/48"),  # NAT64 of one's own network (RFC 8215)
    IPv6Network("2001::/32"),  # Teredo (RFC 4380)
    IPv6Network("fec0::/10"),  # site-local (RFC 3879)
)
"""Networks of IPv6 that Python takes for public, or did before its 3.13."""


def split(href: str) -> SplitResult:
    """The parts of an address.

    Raises:
        Unreadable: it is none, such as `http://[x`.
    """
    try:
        return urlsplit(href)
    except ValueError as error:
        shown = href.partition("?")[0]  # the rest may hold a signature
        raise Unreadable(f"{shown} is no address: {error}") from error


def public_href(href: str, store: "Store", settings: StorageSettings, api_url: str) -> str:
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
        Private: its host is on a private, loopback or link-local network.
        Unreadable: it is no address.
        Unreachable: its host has no address.
    """
    parts = split(href)
    if parts.scheme not in {"http", "https"} or private_allowed:
        return
    host = parts.hostname or ""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise Unreachable(f"{host}: no address of that name") from error
    except UnicodeError as error:  # a part of the name is empty or too long
        raise Unreadable(f"{host} is no name of a host") from error
    if not all(is_public(ipaddress.ip_address(address.partition("%")[0])) for address in found):
        raise Private(f"{host} is on a private network; see SWATH_HARVEST_PRIVATE_HOSTS")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a host's on the internet; one of IPv6 that leads to IPv4, whether that is."""
    if isinstance(address, IPv6Address):
        for network, behind in EMBEDDING.items():
            if address in network:
                return is_public(IPv4Address(int(address) >> behind & 0xFFFFFFFF))
        if any(address in network for network in NEVER):
            return False
    return address.is_global and not address.is_multicast
