"""The OAI-PMH source against pycsw, and against repositories that do all that the protocol says."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import etree

from flows.found import Found
from flows.scope import Scope
from flows.sources import oai_pmh
from infrastructure.errors import SwathError, Unreachable, Unreadable
from infrastructure.http import Http

Reply = tuple[int, dict[str, str], bytes]

Serve = Callable[[Callable[[str, str, bytes], Reply]], str]

GMD = "http://www.isotc211.org/2005/gmd"


def ask(url: str, scope: Scope | None = None, **options: Any) -> list[Found]:
    return list(oai_pmh.search(scope or Scope(), url=url, **options))


def names(found: list[Found]) -> list[str]:
    return [record.upstream_id for record in found]


# pycsw: a real server, which wants the arguments of a list beside its resumption tokens.


def test_every_record_of_pycsw_comes_once_as_iso(pycsw: str, pycsw_records: list[Path]) -> None:
    found = ask(f"{pycsw}?mode=oaipmh")
    assert len(found) == len({f.fingerprint for f in found}) == len(pycsw_records) == 41
    assert Counter(names(found))["org.maracoos:avhrr.sst"] == 2
    roots = {etree.fromstring(f.record).tag for f in found if f.record}
    assert roots == {f"{{{GMD}}}MD_Metadata", "{http://www.isotc211.org/2005/gmi}MI_Metadata"}


def test_another_kind_of_record_can_be_asked_for(pycsw: str) -> None:
    found = ask(f"{pycsw}?mode=oaipmh", metadata_prefix="oai_dc")
    roots = {etree.fromstring(f.record).tag for f in found if f.record}
    assert roots == {"{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"}
    assert len(found) == 41


def test_pycsw_is_asked_only_for_what_changed(pycsw: str) -> None:
    moment = datetime(2019, 1, 1, tzinfo=UTC)
    scope = Scope(since=moment)
    found = ask(f"{pycsw}?mode=oaipmh", scope)
    assert 0 < len(found) < 41
    assert all(f.changed and f.changed >= moment for f in found)
    assert scope.pushed == {"since"}
    assert ask(f"{pycsw}?mode=oaipmh", Scope(since=datetime(2050, 1, 1, tzinfo=UTC))) == []


def test_a_refusal_is_told_in_the_words_of_the_server(pycsw: str) -> None:
    with pytest.raises(Unreadable, match="badArgument: Invalid outputSchema"):
        ask(f"{pycsw}?mode=oaipmh", metadata_prefix="nonsense")


# A repository with all that the protocol has.


@dataclass
class Repository:
    """Identifier, datestamp, state and set of records; pages of 4; tokens that may expire."""

    records: list[tuple[str, str, str, str]]
    expires: set[int] = field(default_factory=set)
    """Which of its answers to a token, counted from 1, is that the token has expired."""
    formats: dict[str, str] = field(
        default_factory=lambda: {"oai_dc": "http://dc", "iso19139": GMD}
    )
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    refusal_status: int = 200
    size: int | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    resumed: int = 0

    def __call__(self, _method: str, path: str, _body: bytes) -> Reply:
        arguments = dict(parse_qsl(urlsplit(path).query))
        self.asked.append(arguments)
        verb = arguments.pop("verb")
        if verb == "ListMetadataFormats":
            return self.answer(verb, "".join(self.format(*one) for one in self.formats.items()))
        if verb == "Identify":
            return self.answer(verb, f"<granularity>{self.granularity}</granularity>")
        return self.list(arguments)

    def list(self, arguments: dict[str, str]) -> Reply:
        start = 0
        if token := arguments.pop("resumptionToken", None):
            if arguments:
                return self.refuse("badArgument", "a token goes alone")
            self.resumed += 1
            if self.resumed in self.expires:
                return self.refuse("badResumptionToken", "it has expired")
            words = token.split("|")
            start, arguments = int(words[0]), dict(word.split("=") for word in words[1:])
        hits = [record for record in self.records if self.holds(record, arguments)]
        if not hits:
            return self.refuse("noRecordsMatch", "nothing")
        rest = "|".join([str(start + 4), *(f"{k}={v}" for k, v in arguments.items())])
        more = rest if start + 4 < len(hits) else ""
        size = self.size or len(hits)
        token = f'<resumptionToken completeListSize="{size}">{more}</resumptionToken>'
        page = "".join(map(self.record, hits[start : start + 4]))
        return self.answer("ListRecords", page + token)

    @staticmethod
    def holds(record: tuple[str, str, str, str], arguments: dict[str, str]) -> bool:
        _, stamp, _, group = record
        first, last = arguments.get("from", ""), arguments.get("until", "9")
        length = len(arguments.get("from") or arguments.get("until") or stamp)
        return first <= stamp[:length] <= last and arguments.get("set", group) == group

    @staticmethod
    def format(prefix: str, namespace: str) -> str:
        return (
            f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix>"
            f"<metadataNamespace>{namespace}</metadataNamespace></metadataFormat>"
        )

    @staticmethod
    def record(record: tuple[str, str, str, str]) -> str:
        name, stamp, state, _ = record
        status = ' status="deleted"' if state == "deleted" else ""
        content = f"<metadata><r xmlns=''>{name} {stamp}</r></metadata>"
        return (
            f"<record><header{status}><identifier>{name}</identifier>"
            f"<datestamp>{stamp}</datestamp></header>{'' if state != 'there' else content}</record>"
        )

    def refuse(self, code: str, words: str) -> Reply:
        _, headers, content = self.answer("error", words)
        text = content.replace(b"<error>", f'<error code="{code}">'.encode())
        return self.refusal_status, headers, text

    @staticmethod
    def answer(name: str, content: str) -> Reply:
        space = "http://www.openarchives.org/OAI/2.0/"
        return 200, {}, f"<OAI-PMH xmlns='{space}'><{name}>{content}</{name}></OAI-PMH>".encode()


def repository(days: list[int], **options: Any) -> Repository:
    """Records r0, r1 ... with datestamps of days of January 2024, at noon."""
    records = [
        (f"r{number}", f"2024-01-{day:02d}T12:00:00Z", "there", f"set{number % 2}")
        for number, day in enumerate(days)
    ]
    return Repository(records, **options)


def test_a_list_is_followed_by_its_tokens_to_the_end(serve: Serve) -> None:
    server = repository(list(range(1, 11)))
    found = ask(serve(server))
    assert names(found) == [f"r{n}" for n in range(10)]
    assert found[0].record is not None
    assert etree.fromstring(found[0].record).text == "r0 2024-01-01T12:00:00Z"
    assert found[0].changed == datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert [one.get("metadataPrefix") for one in server.asked] == [None, "iso19139", None, None]


def test_tombstones_say_that_a_record_is_gone(serve: Serve) -> None:
    server = repository([1, 2, 3])
    server.records[1] = ("r1", "2024-01-05T00:00:00Z", "deleted", "set0")
    found = ask(serve(server))
    assert [f.deleted for f in found] == [False, True, False]
    assert found[1].record is None
    assert found[1].error is None
    assert found[1].changed == datetime(2024, 1, 5, tzinfo=UTC)
    server.records[1] = ("r1", "2024-01-06T00:00:00Z", "deleted", "set0")
    assert ask(serve(server))[1].fingerprint != found[1].fingerprint


def test_a_record_without_metadata_goes_to_quarantine_and_the_others_go_on(serve: Serve) -> None:
    server = repository([1, 2, 3])
    server.records[1] = ("r1", "2024-01-05T00:00:00Z", "empty", "set0")
    server.records[2] = ("", "2024-01-05T00:00:00Z", "there", "set0")
    found = ask(serve(server))
    errors = [None, "the record has no metadata", "the record has no identifier"]
    assert [f.error for f in found] == errors
    assert all(b"<header>" in f.original for f in found[1:] if f.original)
    assert re.fullmatch("no-identifier#[0-9a-f]{32}", found[2].upstream_id)


def test_only_what_changed_is_asked_for(serve: Serve) -> None:
    server = repository(list(range(1, 11)))
    scope = Scope(
        since=datetime(2024, 1, 3, 12, tzinfo=UTC), until=datetime(2024, 1, 9, 11, tzinfo=UTC)
    )
    assert names(ask(serve(server), scope)) == ["r2", "r3", "r4", "r5", "r6", "r7"]
    assert scope.pushed == {"since", "until"}
    assert oai_pmh.INCREMENTAL


def test_a_repository_that_counts_days_is_asked_for_whole_days(serve: Serve) -> None:
    server = repository(list(range(1, 11)), granularity="YYYY-MM-DD")
    scope = Scope(since=datetime(2024, 1, 3, 23, tzinfo=UTC))
    assert names(ask(serve(server), scope)) == [f"r{n}" for n in range(2, 10)]
    assert any(one.get("from") == "2024-01-03" for one in server.asked)


def test_nothing_that_matches_is_nothing(serve: Serve) -> None:
    server = repository([1, 2, 3])
    assert ask(serve(server), Scope(since=datetime(2025, 1, 1, tzinfo=UTC))) == []


def test_an_error_of_the_protocol_is_understood_with_any_status(serve: Serve) -> None:
    server = repository([1, 2, 3], refusal_status=422)
    assert ask(serve(server), Scope(since=datetime(2025, 1, 1, tzinfo=UTC))) == []


def test_several_sets_are_one_list_after_the_other_without_doubles(serve: Serve) -> None:
    server = repository(list(range(1, 11)))
    url = serve(server)
    assert names(ask(url, sets=["set1"])) == ["r1", "r3", "r5", "r7", "r9"]
    assert len(names(ask(url, sets=["set1", "set0", "set1"]))) == 10


def test_a_repository_without_iso_is_asked_for_dublin_core(serve: Serve) -> None:
    server = repository([1], formats={"marc21": "http://marc", "oai_dc": "http://dc"})
    ask(serve(server))
    assert server.asked[-1]["metadataPrefix"] == "oai_dc"


def test_iso_is_known_by_its_namespace_whatever_its_prefix(serve: Serve) -> None:
    formats = {
        "oai_dc": "http://dc",
        "iso3": "http://standards.iso.org/iso/19115/-3/mdb/2.0",
        "gmi": "http://www.isotc211.org/2005/gmi",
    }
    server = repository([1], formats=formats)
    ask(serve(server))
    assert server.asked[-1]["metadataPrefix"] == "gmi"


def test_an_expired_token_is_taken_up_from_the_last_datestamp(serve: Serve) -> None:
    server = repository(list(range(1, 11)), expires={2})
    assert names(ask(serve(server))) == [f"r{n}" for n in range(10)]
    assert [one.get("from") for one in server.asked if "metadataPrefix" in one] == [
        None,
        "2024-01-08T12:00:00Z",
    ]


@pytest.mark.parametrize("days", [[9, 8, 7, 1, 2, 3, 9, 4, 5, 6], [5] * 10])
def test_an_expired_token_of_a_list_without_order_is_taken_up_from_the_beginning(
    serve: Serve, days: list[int]
) -> None:
    server = repository(days, expires={2})
    assert names(ask(serve(server))) == [f"r{n}" for n in range(10)]
    lists = [one for one in server.asked if "metadataPrefix" in one]
    assert lists == [{"metadataPrefix": "iso19139"}] * 2


def test_tokens_that_expire_at_once_are_an_error_not_an_endless_loop(serve: Serve) -> None:
    server = repository([5] * 10, expires=set(range(1, 100)))
    seen: list[Found] = []
    with pytest.raises(Unreachable, match="its tokens expire before they are used"):
        seen.extend(oai_pmh.search(Scope(), url=serve(server)))
    assert len(seen) == 4


def test_a_token_that_comes_again_is_an_error_not_an_endless_loop(serve: Serve) -> None:
    server = repository(list(range(1, 11)))

    def stuck(method: str, path: str, body: bytes) -> Reply:
        status, headers, content = server(method, path, body)
        return status, headers, re.sub(rb'">(\d+)', b'">4', content)

    with pytest.raises(Unreadable, match="gives a resumption token twice"):
        ask(serve(stuck))


def test_a_list_that_ends_short_is_an_error(serve: Serve) -> None:
    with pytest.raises(Unreachable, match="its list has 12 records and it gave 10"):
        ask(serve(repository(list(range(1, 11)), size=12)))


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, b"<OAI-PMH xmlns='http://www.openarch", Unreadable),
        (200, b"<html/>", Unreadable),
        (200, b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'/>", Unreadable),
        (404, b"gone", Unreadable),
        (503, b"busy", Unreachable),
    ],
)
def test_a_page_that_breaks_is_an_error_after_what_came_before(
    serve: Serve, status: int, content: bytes, kind: type[SwathError]
) -> None:
    server = repository(list(range(1, 11)))

    def respond(method: str, path: str, body: bytes) -> Reply:
        good = server(method, path, body)
        return (status, {}, content) if server.resumed > 1 else good

    seen: list[Found] = []
    with pytest.raises(kind):
        seen.extend(oai_pmh.search(Scope(http=Http(attempts=0)), url=serve(respond)))
    assert len(seen) == 8


def test_a_busy_repository_is_asked_again_when_it_says(serve: Serve) -> None:
    server = repository(list(range(1, 11)))
    busy = iter([True, False, True, False])

    def respond(method: str, path: str, body: bytes) -> Reply:
        if next(busy, False):
            return 503, {"Retry-After": "0"}, b"busy"
        return server(method, path, body)

    assert len(ask(serve(respond))) == 10


def test_a_repository_that_is_not_there_is_one_clear_line(impatient: Scope) -> None:
    with pytest.raises(Unreachable, match=r"http://127.0.0.1:9/\S* does not answer"):
        ask("http://127.0.0.1:9/", impatient)
