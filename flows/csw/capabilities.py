"""What a CSW says that it can do."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree
from owslib.util import clean_ows_url

from flows.csw.exchange import CSW, OWS, Version, exchange
from infrastructure.errors import Unreadable
from infrastructure.http import Http

BEST = (
    "http://www.isotc211.org/2005/gmd",
    "http://www.isotc211.org/2005/gmi",
    "http://standards.iso.org/iso/19115/-3/mdb/2.0",
    "http://standards.iso.org/iso/19115/-3/mdb/1.0",
    CSW["3.0.0"],
    CSW["2.0.2"],
    "http://www.opengis.net/cat/csw/csdgm",
    "http://gcmd.gsfc.nasa.gov/Aboutus/xml/dif/",
)
"""Output schemas, the richest that most readers know first."""


@dataclass(frozen=True)
class Service:
    """A server and its offer."""

    url: str
    """Where GetRecords is posted to."""
    version: Version
    schemas: list[str]
    """Output schemas of GetRecords."""
    queryables: dict[str, str]
    """Name of a queryable in small letters and without its prefix -> as the server spells it."""

    def schema(self) -> str:
        """The best of the output schemas that are offered."""
        return next((schema for schema in BEST if schema in self.schemas), BEST[0])

    def queryable(self, name: str) -> str | None:
        """How the server spells a queryable, if it has it."""
        return self.queryables.get(name.lower())


def describe(http: Http, url: str, version: Version) -> Service:
    """Read a server's capabilities (GetCapabilities).

    Args:
        http: The door to the web.
        url: Address of the server; parameters of a request in it do not matter.
        version: Version of CSW to speak.

    Raises:
        Unreachable: the server does not answer.
        Unreadable: it does not speak this version of CSW.
    """
    base = clean_ows_url(url)
    asked = {"service": "CSW", "request": "GetCapabilities", "version": version}
    root = exchange(http, "GET", base, params={**asked, "acceptversions": version})
    if root.tag != f"{{{CSW[version]}}}Capabilities":
        raise Unreadable(f"CSW {url} does not speak version {version}: it answers {root.tag}")
    space = f"{{{OWS[version]}}}"
    operation = root.find(f"{space}OperationsMetadata/{space}Operation[@name='GetRecords']")
    if operation is None:
        raise Unreadable(f"CSW {url} offers no GetRecords")
    return Service(
        url=_address(operation, space, base),
        version=version,
        schemas=list(_values(operation, space, "outputSchema")),
        queryables=dict(_queryables(root, space)),
    )


def _address(operation: etree._Element, space: str, base: str) -> str:
    """Where requests are posted: as advertised, unless that is another host.

    Servers behind a proxy advertise addresses that only their neighbours can reach.
    """
    for post in operation.iter(f"{space}Post"):
        encodings = [value.text or "" for value in post.iter(f"{space}Value")]
        url = post.get("{http://www.w3.org/1999/xlink}href", "")
        if _share_host(url, base) and (not encodings or "XML" in encodings):
            return url
    return base


def _share_host(one: str, other: str) -> bool:
    try:
        return urlsplit(one)[:2] == urlsplit(other)[:2]
    except ValueError:  # an address that is none is nobody's
        return False


def _values(operation: etree._Element, space: str, name: str) -> Iterator[str]:
    for parameter in operation.iter(f"{space}Parameter"):
        if parameter.get("name", "").lower() == name.lower():
            yield from ((value.text or "").strip() for value in parameter.iter(f"{space}Value"))


def _queryables(root: etree._Element, space: str) -> Iterator[tuple[str, str]]:
    """What lists of queryables there are; profiles and makers name theirs as they like."""
    for constraint in root.iter(f"{space}Constraint"):
        if constraint.get("name", "").lower().endswith("queryables"):
            for value in constraint.iter(f"{space}Value"):
                name = (value.text or "").strip()
                yield name.rpartition(":")[2].lower(), name
