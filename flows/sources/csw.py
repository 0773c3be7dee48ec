"""A Catalogue Service for the Web, page by page (OGC 07-006r1, OGC 12-176r7).

OWSLib writes the filters. Requests and records do not pass through its `CatalogueServiceWeb`: that
keeps one record of each identifier only, forgets records where a page holds several dialects, and
posts without a time limit.
"""

from collections.abc import Iterator
from dataclasses import replace

from flows.csw.answer import Answer, take
from flows.csw.capabilities import describe
from flows.csw.exchange import Version, exchange
from flows.csw.namesakes import Namesakes
from flows.csw.request import Axes, Bound, Request, conditions, cql_text
from flows.found import Found
from flows.scope import Scope
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.http import Http

INCREMENTAL = True

HEADERS = {"Content-Type": "application/xml", "Accept": "application/xml, text/xml"}


def search(  # noqa: PLR0913 - what servers differ in
    scope: Scope,
    *,
    url: str,
    version: Version = "2.0.2",
    output_schema: str | None = None,
    typenames: str = "csw:Record",
    match: dict[str, str] | None = None,
    cql: str | None = None,
    page: int = 100,
    sort: str | None = "dc:identifier",
    push: list[Bound] | None = None,
    bbox_axes: Axes = "lat-lon",
) -> Iterator[Found]:
    """Read a catalogue's records, until its last page.

    Of two records that share an identifier both come; one of them as `identifier#digest`.

    Args:
        scope: What is asked for. `since`, `until` and `bbox` are passed on as a filter, and
            `time`, where the server has the queryables `TempExtent_begin` and `TempExtent_end`.
        url: Address of the server; parameters of a request in it do not matter.
        version: Version of CSW, 2.0.2 or 3.0.0.
        output_schema: Which kind of record to ask for, the URI of its schema; by default ISO
            19139 if the server has it, else the best that it has.
        typenames: Types of records to search, with the prefixes `csw`, `csw30` or `gmd`.
        match: Queryable -> the value that a record must have, such as `dc:type: dataset`; `*` in
            a value stands for any text.
        cql: Condition in the CQL of CSW, instead of `match`; the server can then not be told the
            bounds of the harvest, and gives all records that the condition holds for.
        page: Records per page, asked of the server.
        sort: Queryable to sort by, so that pages do not overlap; given up where the server does
            not sort by it. None: unsorted.
        push: Which of `since` (with `until`), `bbox` and `time` the server may apply; all by
            default. Take out what a server gets wrong: the harvest then applies it itself.
            By `time` a server leaves out records that tell no begin or no end.
        bbox_axes: `lat-lon`: boxes are sent as EPSG:4326 with latitude first; `lon-lat`: without
            a reference system and with longitude first, for servers that know no axis order.

    Raises:
        Unreachable: the server does not answer, or ends before it has given every record.
        Unreadable: it is no CSW of this version, or refuses the request.
    """
    if cql and match:
        raise Unreadable(f"CSW {url}: `cql` and `match` cannot both be asked for")
    service = describe(scope.http, url, version)
    bounds: set[Bound] = {"since", "bbox", "time"} if push is None else set(push)
    constraint = (
        cql_text(service, cql)
        if cql
        else conditions(service, match or {}, scope, bounds, bbox_axes)
    )
    schema = output_schema or service.schema()
    request = Request(service, schema, typenames, constraint, sort, page)
    yield from _records(scope.http, request)


def _records(http: Http, request: Request) -> Iterator[Found]:
    """Every record once; an end before the number that the server promises is an error."""
    namesakes, received, matched = Namesakes(), 0, 0

    def stream() -> Iterator[Found]:
        nonlocal received, matched
        for answer in _pages(http, request):
            received += len(answer.records)
            matched = matched if answer.matched is None else answer.matched
            yield from answer.records

    yield from namesakes.apart(stream())
    if received - namesakes.repeated < matched:
        again = f", {namesakes.repeated} of them again" if namesakes.repeated else ""
        raise Unreachable(
            f"CSW {request.service.url} ends short: it has {matched} records"
            f" and gave {received}{again}"
        )


def _pages(http: Http, request: Request) -> Iterator[Answer]:
    """Follow the pages: to where the server says, or else to the record after the last one."""
    start = 1
    request, answer = _first(http, request)
    while True:
        yield answer
        if not answer.records:
            return
        after = start + len(answer.records)
        if answer.following and answer.following > start:
            after = answer.following
        if answer.following == 0 if answer.matched is None else after > answer.matched:
            return
        start, before = after, answer
        answer = _ask(http, request, start)
        if answer.records and _same(answer, before):
            raise Unreadable(f"CSW {request.service.url} gives one page again and again")


def _same(answer: Answer, before: Answer) -> bool:
    return [f.fingerprint for f in answer.records] == [f.fingerprint for f in before.records]


def _first(http: Http, request: Request) -> tuple[Request, Answer]:
    """The first page; if the server does not sort as asked, unsorted."""
    try:
        return request, _ask(http, request, 1)
    except Unreadable:
        if not request.sort:
            raise
    request = replace(request, sort=None)
    return request, _ask(http, request, 1)


def _ask(http: Http, request: Request, start: int) -> Answer:
    service = request.service
    root = exchange(http, "POST", service.url, data=request.page(start), headers=HEADERS)
    return take(root, service.version, service.url)
