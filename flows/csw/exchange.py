"""Asking a CSW, and its refusals in words."""

from typing import Any, Literal

from lxml import etree

from infrastructure.errors import SwathError, Unreachable, Unreadable
from infrastructure.http import Http, refusal
from infrastructure.safe_xml import parse

Version = Literal["2.0.2", "3.0.0"]
"""Versions of CSW that there are clients and servers for."""

CSW = {
    "2.0.2": "http://www.opengis.net/cat/csw/2.0.2",
    "3.0.0": "http://www.opengis.net/cat/csw/3.0",
}
"""Namespace of each version."""

OWS = {"2.0.2": "http://www.opengis.net/ows", "3.0.0": "http://www.opengis.net/ows/2.0"}
"""Namespace of OWS Common that goes with each version."""


def exchange(http: Http, method: str, url: str, **options: Any) -> etree._Element:
    """Ask, and take the answer for what it is.

    Returns:
        The root element of an answer that is no exception report.

    Raises:
        Unreachable: the server does not answer, or has a fault of its own (`NoApplicableCode`).
        Unreadable: it refuses the request, or answers no XML; in its own words.
    """
    try:
        answer = http.request(method, url, **options)
    except SwathError as error:
        raise _told(url, error) or error from error
    root = parse(answer.content, f"CSW {url}")
    if etree.QName(root).localname == "ExceptionReport":
        raise _refusal(url, root)
    return root


def _told(url: str, error: SwathError) -> SwathError | None:
    """What an exception report says that came with an HTTP status of 400 or more."""
    answer = refusal(error)
    if answer is None:
        return None
    try:
        report = parse(answer.content, url)
    except Unreadable:
        return None
    return type(error)(_sentence(url, report)) if _codes(report) else None


def _refusal(url: str, report: etree._Element) -> SwathError:
    kind = Unreachable if "NoApplicableCode" in _codes(report) else Unreadable
    return kind(_sentence(url, report))


def _codes(report: etree._Element) -> list[str]:
    """`exceptionCode` of OWS Common, `code` of its predecessor."""
    exceptions = report.iter("{*}Exception", "{*}ServiceException")
    return [e.get("exceptionCode") or e.get("code") or "exception" for e in exceptions]


def _sentence(url: str, report: etree._Element) -> str:
    said = " ".join(" ".join(str(text) for text in report.itertext()).split())
    return f"CSW {url} refuses: {', '.join(_codes(report))}: {said[:500]}"
