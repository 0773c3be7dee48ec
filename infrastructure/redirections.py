"""Where files on the web that records of others name really are.

GDAL follows redirections wherever they lead, into private networks, too, and has no option that
forbids it (up to 3.12). So they are followed here, where each host is looked at, and GDAL is given
the address at the end. A server that answers GDAL otherwise than us is not held by that; only a
firewall around the workers and the tile service is sure.
"""

from functools import lru_cache
from time import monotonic

from infrastructure import archives
from infrastructure.addresses import ensure_public, split
from infrastructure.http import Http

LASTING = 60
"""Seconds for which an address is remembered; where it leads is often signed for minutes only."""


def landed(href: str, private_allowed: bool) -> str:
    """The address to open instead of one of the web; any other, and any if all are allowed, stays.

    Raises:
        Unreadable: it is no address, or one on the way is on a private network.
        Unreachable: a server on the way does not answer.
    """
    if found := archives.member(href):
        return archives.inside(found.kind, landed(found.archive, private_allowed), found.name)
    if private_allowed or split(href).scheme not in {"http", "https"}:
        return href
    ensure_public(href, private_allowed=False)
    return _followed(href, int(monotonic() // LASTING))


@lru_cache(maxsize=10_000)
def _followed(href: str, _period: int) -> str:
    return _door().landing(href)


@lru_cache(maxsize=1)
def _door() -> Http:
    """One for all, which keeps connections; as patient as GDAL."""
    return Http(private=False, attempts=1, timeout=(3, 30))
