"""Which addresses are on the internet, whatever they are dressed in."""

from ipaddress import ip_address

import pytest

from infrastructure.addresses import ensure_public, is_public, split
from infrastructure.errors import Unreadable
from infrastructure.redirections import landed


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "2606:4700::1111",
        "::ffff:93.184.216.34",
        "64:ff9b::5db8:d822",  # NAT64 of 93.184.216.34
        "2002:5db8:d822::1",  # 6to4 of the same
    ],
)
def test_the_internet(address: str) -> None:
    assert is_public(ip_address(address))
    ensure_public(f"http://{f'[{address}]' if ':' in address else address}/", False)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing listens there
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::5db8:d822",
        "2001:0:5db8:d822::1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_private_networks(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(Unreadable, match="is on a private network"):
        ensure_public(f"http://{f'[{address}]' if ':' in address else address}/", False)


@pytest.mark.parametrize("href", ["http://[x", "http://[x]/", "http://a\u2100.example/"])
def test_what_is_no_address(href: str) -> None:
    for look in (split, lambda href: ensure_public(href, False)):
        with pytest.raises(Unreadable, match="is no address"):
            look(href)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_what_is_no_name_of_a_host(host: str) -> None:
    with pytest.raises(Unreadable, match="is no name of a host"):
        ensure_public(f"http://{host}/", False)


def test_where_a_strange_address_leads_is_looked_at_as_gdal_reads_it() -> None:
    with pytest.raises(Unreadable, match="on a private network"):
        landed("http://example.com\\@127.0.0.1:9/x.tif", private_allowed=False)
