"""What stands behind an address: which services it speaks, and what it tells of itself.

JSON is asked for first (STAC, OGC APIs, static STAC), then the capabilities of the older services.
"""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from flows.registration import capabilities, landing
from flows.registration.services import Service
from infrastructure.errors import SwathError, Transient, Unreadable
from infrastructure.http import Http


def detect(url: str, http: Http) -> Service:
    """Find out what service an address is.

    Raises:
        Unreachable: it does not answer.
        Unreadable: it is none of the services that are known here.
    """
    http.allow(url)
    try:
        content = http.get(url, headers=landing.ACCEPT).content
    except Unreadable as error:  # many answer only to a request that names a service
        return _asked(url, http, str(error))
    document = landing.parsed(content)
    if document is not None:
        return landing.service(document, url, http)
    try:
        return capabilities.service(content, url)
    except Unreadable as error:
        return _asked(url, http, str(error))


def _asked(url: str, http: Http, reason: str) -> Service:
    """Ask for the capabilities of one kind of service after the other."""
    late: SwathError | None = None
    for kind in _likely(url):
        try:
            content = http.get(_request(url, kind), headers={"Accept": "application/xml"}).content
            return replace(capabilities.service(content, url), url=url)
        except Unreadable:
            continue
        except Transient as error:
            late = late or error
    if late:
        raise late
    known = ", ".join(("STAC", "OGC API", "OpenSearch", *capabilities.KINDS))
    raise Unreadable(f"{url} is no service of {known}: {reason}")


def _likely(url: str) -> list[str]:
    """The kinds of service in the order in which they are tried."""
    told = {value.upper() for key, value in parse_qsl(urlsplit(url).query) if _is(key, "service")}
    named = [kind for kind in capabilities.KINDS if kind in told]
    return named or sorted(
        capabilities.KINDS, key=lambda kind: kind.lower() not in urlsplit(url).path.lower()
    )


def _request(url: str, kind: str) -> str:
    """The address of the capabilities, with the other parameters of the service kept."""
    parts = urlsplit(url)
    kept = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _is(key, "service", "request", "version")
    ]
    version = [("VERSION", capabilities.VERSIONS[kind])] if kind in capabilities.VERSIONS else []
    asked = [*kept, ("SERVICE", kind), *version, ("REQUEST", "GetCapabilities")]
    return parts._replace(query=urlencode(asked), fragment="").geturl()


def _is(key: str, *names: str) -> bool:
    return key.lower() in names
