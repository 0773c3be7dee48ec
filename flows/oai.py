"""The Open Archives Initiative Protocol for Metadata Harvesting, version 2.0, as a client.

There are libraries for it (Sickle, oaipmh-scythe). They bring HTTP clients of their own, past the
credentials, rate limits and limits of size of ours, and send a resumption token alone, at which
pycsw breaks off. The protocol itself is small.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from infrastructure.errors import SwathError, Unreadable
from infrastructure.http import Http, refusal
from infrastructure.safe_xml import parse

SPACE = "{http://www.openarchives.org/OAI/2.0/}"

ISO = (
    "http://www.isotc211.org/2005/gmd",
    "http://www.isotc211.org/2005/gmi",
    "http://standards.iso.org/iso/19115/-3/mdb",
)
"""Namespaces of metadata that is better than Dublin Core, the one most readers know first."""


class Refused(Unreadable):
    """The repository answers with an error of the protocol."""

    def __init__(self, message: str, codes: set[str]) -> None:
        super().__init__(message)
        self.codes = codes


class Expired(Exception):
    """A resumption token is not accepted any more."""


@dataclass
class Repository:
    """A repository, and how it wants to be asked."""

    http: Http
    url: str
    repeats: bool = False
    """Whether it wants the arguments of a list again beside the resumption token (pycsw)."""

    def ask(self, **arguments: str) -> etree._Element:
        """The element of the answer that is named like the verb.

        Raises:
            Unreachable: it does not answer.
            Refused: it answers with an error of the protocol.
            Unreadable: it answers something else.
        """
        root = self._root(arguments)
        errors = root.findall(f"{SPACE}error")
        if errors:
            told = "; ".join(f"{e.get('code')}: {' '.join((e.text or '').split())}" for e in errors)
            codes = {e.get("code", "") for e in errors}
            raise Refused(f"OAI-PMH {self.url} refuses: {told}", codes)
        element = root.find(f"{SPACE}{arguments['verb']}")
        if element is None:
            raise Unreadable(f"OAI-PMH {self.url} gives no answer to {arguments['verb']}")
        return element

    def _root(self, arguments: dict[str, str]) -> etree._Element:
        try:
            content = self.http.get(self.url, params=arguments).content
        except SwathError as error:
            answer = refusal(error)
            if answer is None or b"OAI-PMH" not in answer.content:
                raise
            content = answer.content
        root = parse(content, f"OAI-PMH {self.url}")
        if root.tag != f"{SPACE}OAI-PMH":
            raise Unreadable(f"{self.url} is no OAI-PMH repository: it answers {root.tag}")
        return root

    def best_format(self) -> str:
        """The `metadataPrefix` of ISO metadata, or else `oai_dc`, which every repository has."""
        formats = {
            one.findtext(f"{SPACE}metadataPrefix", ""): one.findtext(
                f"{SPACE}metadataNamespace", ""
            )
            for one in self.ask(verb="ListMetadataFormats").iterfind(f"{SPACE}metadataFormat")
        }
        known = [
            prefix
            for iso in ISO
            for prefix, namespace in formats.items()
            if namespace.startswith(iso)
        ]
        return known[0] if known else "oai_dc"

    def moment(self, moment: datetime) -> str:
        """A moment as the repository writes them (`granularity`), in UTC."""
        granularity = self.ask(verb="Identify").findtext(f"{SPACE}granularity", "")
        whole = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return whole if "hh" in granularity else whole[:10]


@dataclass
class Listing:
    """One list of records, followed from page to page."""

    repository: Repository
    arguments: dict[str, str]
    size: int = 0
    """How many records the list has, as far as the repository says (`completeListSize`)."""
    stamps: list[str] = field(default_factory=list)
    """First and latest datestamp so far."""
    ordered: bool = True
    """Whether the datestamps have come in order."""

    def records(self) -> Iterator[etree._Element]:
        """Every `record`.

        Raises:
            Expired: a token is not accepted, so that the list must be asked for again.
            Unreadable: tokens run in a circle.
        """
        page = self.repository.ask(verb="ListRecords", **self.arguments)
        used: set[int] = set()
        while True:
            for record in page.iterfind(f"{SPACE}record"):
                self._stamp(record.findtext(f"{SPACE}header/{SPACE}datestamp", ""))
                yield record
            token = self._token(page)
            if not token:
                return
            if hash(token) in used:
                raise Unreadable(f"OAI-PMH {self.repository.url} gives a resumption token twice")
            used.add(hash(token))
            page = self._resume(token)

    def rest(self) -> dict[str, str]:
        """The arguments of a list that has what is missing, and as little else as can be told."""
        if self.ordered and len(self.stamps) == 2:
            return {**self.arguments, "from": self.stamps[1]}
        return self.arguments

    def _stamp(self, stamp: str) -> None:
        if self.stamps and stamp < self.stamps[-1]:
            self.ordered = False
        if not self.stamps or stamp > self.stamps[-1]:
            self.stamps = [*self.stamps[:1], stamp]

    def _token(self, page: etree._Element) -> str:
        token = page.find(f"{SPACE}resumptionToken")
        if token is None:
            return ""
        size = token.get("completeListSize", "")
        self.size = int(size) if size.isdigit() else self.size
        return (token.text or "").strip()

    def _resume(self, token: str) -> etree._Element:
        repeated = self.arguments if self.repository.repeats else {}
        try:
            return self.repository.ask(verb="ListRecords", resumptionToken=token, **repeated)
        except Refused as refused:
            if "badResumptionToken" in refused.codes:
                raise Expired from refused
            if "badArgument" not in refused.codes or self.repository.repeats:
                raise
        self.repository.repeats = True
        return self._resume(token)
