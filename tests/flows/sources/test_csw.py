"""The CSW source against recorded answers, and servers that answer badly."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from csw_asking import DUBLIN_CORE, ask, canonical, names, record, xml
from flows.scope import Scope
from flows.sources import csw
from infrastructure.errors import SwathError, Unreachable, Unreadable
from infrastructure.http import Http

Serve = Callable[[Callable[[str, str, bytes], tuple[int, dict[str, str], bytes]]], str]


ISO = "http://www.isotc211.org/2005/gmd"


OK: dict[str, str] = {}


def test_a_server_that_ignores_the_order_of_axes_is_sent_the_longitude_first(
    serve: Serve,
) -> None:
    server = Server(pages=[[]])
    ask(serve(server), Scope(bbox=(19, 34, 29, 42)), bbox_axes="lon-lat")
    envelope = next(etree.fromstring(server.asked[0]).iter("{*}Envelope"))
    assert [text.split() for text in envelope.itertext()] == [["19", "34"], ["29", "42"]]
    assert not envelope.attrib


def test_a_server_that_is_not_there_is_one_clear_line(impatient: Scope) -> None:
    with pytest.raises(Unreachable, match=r"http://127.0.0.1:9/ does not answer"):
        ask("http://127.0.0.1:9/", impatient)


CAPABILITIES = """<csw:Capabilities version="2.0.2" xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"
    xmlns:ows="http://www.opengis.net/ows" xmlns:xlink="http://www.w3.org/1999/xlink">
  <ows:OperationsMetadata><ows:Operation name="GetRecords"><ows:DCP><ows:HTTP>
    <ows:Post xlink:href="{url}"/></ows:HTTP></ows:DCP>
    <ows:Parameter name="outputSchema">{schemas}</ows:Parameter>
  </ows:Operation></ows:OperationsMetadata></csw:Capabilities>"""


def results(records: list[str], **attributes: Any) -> bytes:
    told = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return (
        f'<csw:GetRecordsResponse xmlns:csw="{DUBLIN_CORE}"><csw:SearchResults {told}>'
        f"{''.join(records)}</csw:SearchResults></csw:GetRecordsResponse>"
    ).encode()


class Server:
    """Gives page after page, whatever it is asked; `matched` and `nextRecord` as it is told."""

    def __init__(
        self, pages: list[list[str]], matched: int | None = None, next_record: bool = True
    ) -> None:
        self.pages = pages
        self.matched = matched
        self.next_record = next_record
        self.address = "http://192.0.2.1:8080/internal"
        self.schemas = [ISO, DUBLIN_CORE]
        self.asked: list[bytes] = []

    def __call__(self, method: str, _path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if method == "GET":
            values = "".join(f"<ows:Value>{schema}</ows:Value>" for schema in self.schemas)
            return 200, OK, CAPABILITIES.format(url=self.address, schemas=values).encode()
        self.asked.append(body)
        records = self.pages[min(len(self.asked), len(self.pages)) - 1]
        start = int(re.search(rb'startPosition="(\d+)"', body)[1])  # type: ignore[index]
        told = {} if self.matched is None else {"numberOfRecordsMatched": self.matched}
        if self.next_record:
            told["nextRecord"] = 0 if len(self.asked) >= len(self.pages) else start + len(records)
        return 200, OK, results(records, **told)


def pages(*sizes: int) -> list[list[str]]:
    numbers = iter(range(sum(sizes)))
    return [[record(f"r{next(numbers)}") for _ in range(size)] for size in sizes]


@pytest.mark.parametrize(
    ("matched", "next_record"), [(12, True), (12, False), (None, True), (None, False)]
)
def test_paging_ends_with_the_last_record_however_little_the_server_tells(
    serve: Serve, matched: int | None, next_record: bool
) -> None:
    server = Server([*pages(5, 5, 2), []], matched, next_record)
    assert [f.upstream_id for f in ask(serve(server))] == [f"r{n}" for n in range(12)]


def test_a_copy_that_ends_short_is_an_error(serve: Serve) -> None:
    server = Server([*pages(5, 5), []], matched=12)
    stream = csw.search(Scope(), url=serve(server))
    seen = [next(stream) for _ in range(10)]
    assert len(names(seen)) == 10
    with pytest.raises(Unreachable, match=r"has 12 records and gave 10$"):
        next(stream)


def test_pages_that_overlap_are_an_error_because_other_records_are_missing(serve: Serve) -> None:
    one, two = pages(5, 5)
    server = Server([one, [one[0], *two[1:]]], matched=10)
    with pytest.raises(Unreachable, match="has 10 records and gave 10, 1 of them again"):
        ask(serve(server))


def test_two_equal_neighbours_are_one_record_and_no_fault(serve: Serve) -> None:
    one, two = pages(5, 5)
    server = Server([one, [one[-1], *two[1:]]], matched=10)
    assert len(ask(serve(server))) == 9


@pytest.mark.parametrize("matched", [12, None])
def test_one_page_again_and_again_is_an_error_not_an_endless_loop(
    serve: Serve, matched: int | None
) -> None:
    server = Server([pages(5)[0]] * 100, matched=matched)
    with pytest.raises(Unreadable, match="one page again and again"):
        ask(serve(server))
    assert len(server.asked) == 2


def test_names_do_not_depend_on_the_order_of_the_server(serve: Serve) -> None:
    twins = [record("same", "a"), record("same", "b"), record("same", "c")]
    runs = [
        {f.upstream_id: f.fingerprint for f in ask(serve(Server([order], matched=3)))}
        for order in (twins, twins[::-1])
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) == 3


def test_a_record_without_an_identifier_is_named_by_its_content(serve: Serve) -> None:
    found = ask(serve(Server([[record(""), record("", "other")]])))
    assert len(names(found)) == 2
    assert all(re.fullmatch("no-identifier#[0-9a-f]{32}", name) for name in names(found))


def test_an_address_of_another_host_in_the_capabilities_is_not_followed(serve: Serve) -> None:
    server = Server(pages(3))
    assert len(ask(serve(server))) == 3
    assert server.asked


def test_the_best_kind_of_record_that_is_offered_is_asked_for(serve: Serve) -> None:
    server = Server(pages(3))
    server.schemas = ["urn:other", DUBLIN_CORE, "http://www.opengis.net/cat/csw/csdgm"]
    ask(serve(server))
    assert f'outputSchema="{DUBLIN_CORE}"'.encode() in server.asked[0]


DIALECTS = {
    "multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_iso.xml":
        "3f342f64-9348-11df-ba6a-0014c2c00eab",
    "multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_dc.xml":
        "9250AA67-F3AC-6C12-0CB9-0662231AA181",
    "multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_fgdc.xml": "no-identifier",
    "multi-format/9250AA67-F3AC-6C12-0CB9-0662231AA181_dif.xml": "no-identifier",
    "eo/iso_19115-2_Sentinel-2-scene.xml":
        "S2B_MSIL2A_20200902T090559_N0214_R050_T34SFG_20200902T113910.SAFE",
    "iso19115-3/metawal.wallonie.be-catchments.xml": "74f81503-8d39-4ec8-a49a-c76e0cd74946",
    "owslib/iso_che.xml": "3d2981af-d5db-4122-8db6-1ea41ed44b3f",
    "owslib/iso_keywords_anchor.xml": "ie.marine.data:dataset.1135",
    "dublin-core/Record_19887a8a-f6b0-4a63-ae56-7fba0e17801f.xml":
        "urn:uuid:19887a8a-f6b0-4a63-ae56-7fba0e17801f",
    "eop-om/opt_example.xml": "DS_PHR1A_20010822110247_TLS_PX_E123N45_0101_01234",
}  # fmt: skip


def test_a_page_of_all_dialects_is_taken_apart_whole(serve: Serve, shared_data: Path) -> None:
    roots = [etree.parse(shared_data / "iso" / path).getroot() for path in DIALECTS]
    server = Server([[etree.tostring(root).decode() for root in roots]], matched=len(roots))
    found = ask(serve(server))
    assert [canonical(xml(f)) for f in found] == [canonical(root) for root in roots]
    assert [f.upstream_id.partition("#")[0] for f in found] == list(DIALECTS.values())


def _always(
    content: bytes, status: int = 200
) -> Callable[[str, str, bytes], tuple[int, dict[str, str], bytes]]:
    return lambda *_: (status, OK, content)


def test_recorded_answers_are_taken_whole_or_not_at_all(serve: Serve, shared_data: Path) -> None:
    """Each answers every request: those that do not have all that matches must be an error."""
    whole, parts = 0, 0
    for path in sorted((shared_data / "responses").glob("csw-*/**/*.xml")):
        content = path.read_bytes()
        told = re.search(rb'<csw:SearchResults numberOfRecordsMatched="(\d+)"', content)
        if told is None:
            continue
        has = len(list(etree.fromstring(content).find("{*}SearchResults").iterchildren("*")))  # type: ignore[union-attr]
        url, matched = serve(_recorded(content)), int(told[1])
        if matched <= has:
            assert len(ask(url)) == has, path
            whole += 1
        else:
            with pytest.raises(SwathError, match=r"ends short|again and again"):
                ask(url)
            parts += 1
    assert whole > 10
    assert parts > 5


def _recorded(content: bytes) -> Callable[[str, str, bytes], tuple[int, dict[str, str], bytes]]:
    server = Server([[]])

    def respond(method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        return (200, OK, content) if method == "POST" else server(method, path, body)

    return respond


def test_a_recorded_answer_of_version_3_is_taken_whole(serve: Serve, shared_data: Path) -> None:
    folder = shared_data / "responses/csw-pycsw/csw30/expected"
    capabilities = (folder / "get_GetCapabilities-base-url.xml").read_bytes()
    answer = (folder / "post_GetRecords-anytext.xml").read_bytes()
    asked = []

    def respond(method: str, _path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        asked.append(body)
        return 200, OK, capabilities if method == "GET" else answer

    assert len(names(ask(serve(respond), version="3.0.0"))) == 5
    assert etree.fromstring(asked[1]).get("outputSchema") == "http://www.opengis.net/cat/csw/3.0"


@pytest.mark.parametrize("status", [200, 400, 500])
def test_every_recorded_exception_is_an_error_with_its_words(
    serve: Serve, shared_data: Path, status: int
) -> None:
    seen = 0
    for path in sorted((shared_data / "malformed/responses").rglob("*.xml")):
        report = etree.parse(path)
        words = " ".join(" ".join(str(t) for t in report.getroot().itertext()).split())
        codes = report.xpath("//@exceptionCode")
        if not codes:
            continue
        seen += 1
        url = serve(_always(path.read_bytes(), status))
        failed = "NoApplicableCode" in codes if status == 200 else status == 500
        with pytest.raises(Unreachable if failed else Unreadable) as caught:
            ask(url, Scope(http=Http(attempts=0)))
        assert words[:100] in str(caught.value)
        assert url in str(caught.value)
    assert seen > 15


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>Welcome</body></html>",
        b"Welcome",
        b"",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/3.0"/>',
        b'<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>',
    ],
)
def test_a_wrong_address_is_one_sentence_that_names_it(serve: Serve, content: bytes) -> None:
    url = serve(lambda *_: (200, OK, content))
    with pytest.raises(Unreadable) as caught:
        ask(url)
    assert urlsplit(url).netloc in str(caught.value)


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, b"<csw:GetRecordsResponse xmlns:csw='http://www.op", Unreadable),
        (200, b"<other/>", Unreadable),
        (404, b"<html>no</html>", Unreadable),
        (503, b"busy", Unreachable),
    ],
)
def test_a_page_that_breaks_is_an_error_after_what_came_before(
    serve: Serve, status: int, content: bytes, kind: type[SwathError]
) -> None:
    server = Server(pages(5, 5, 5), matched=15)

    def respond(method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        good = server(method, path, body)
        return (status, OK, content) if len(server.asked) > 2 else good

    seen = []
    with pytest.raises(kind):
        seen.extend(csw.search(Scope(http=Http(attempts=0)), url=serve(respond)))
    assert len(names(seen)) == 10
