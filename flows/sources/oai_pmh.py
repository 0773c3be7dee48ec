"""A repository of the OAI-PMH, list by list (Open Archives Initiative, version 2.0)."""

from collections.abc import Generator, Iterator

from lxml import etree

from flows.elements import document, fingerprint, moment
from flows.found import Found
from flows.oai import SPACE, Expired, Listing, Refused, Repository
from flows.scope import Scope
from infrastructure.errors import Unreachable

INCREMENTAL = True


def search(
    scope: Scope,
    *,
    url: str,
    metadata_prefix: str | None = None,
    sets: list[str] | None = None,
) -> Iterator[Found]:
    """Read a repository's records and tombstones, until the last resumption token.

    A token that expires costs nothing but time: the list is asked for again, from the last
    datestamp if the repository gives them in order, and what has come already is left out.

    Args:
        scope: What is asked for. `since` and `until` are passed on, in the repository's
            granularity: where that is a day, all of the first and the last day.
        url: Base URL of the repository.
        metadata_prefix: Which kind of record to ask for; by default ISO 19139 or the like if the
            repository has it, else `oai_dc`.
        sets: Only records of these sets (`setSpec`); all records by default.

    Raises:
        Unreachable: the repository does not answer, or ends before it has given every record.
        Unreadable: it is no OAI-PMH repository, refuses the request, or its pages run in a circle.
    """
    repository = Repository(scope.http, url)
    arguments = {"metadataPrefix": metadata_prefix or repository.best_format()}
    if scope.since:
        arguments["from"] = repository.moment(scope.since)
        scope.pushed.add("since")
    if scope.until:
        arguments["until"] = repository.moment(scope.until)
        scope.pushed.add("until")
    given: set[int] = set()
    for chosen in [{"set": name} for name in sets or []] or [{}]:
        yield from _list(repository, {**arguments, **chosen}, given)


def _list(repository: Repository, arguments: dict[str, str], given: set[int]) -> Iterator[Found]:
    """Each version of each record once, however often the list has to be asked for.

    Args:
        repository: Who is asked.
        arguments: Which list.
        given: Of each record that was given, one number; it adds those that it gives.
    """
    listing, here, size, ended = Listing(repository, arguments), set[int](), 0, False
    while not ended:
        before = len(here)
        ended = yield from _stream(listing, here, given)
        size = max(size, listing.size)
        if not ended and len(here) == before:
            raise Unreachable(f"OAI-PMH {repository.url}: its tokens expire before they are used")
        listing = Listing(repository, listing.rest())
    if len(here) < size:
        raise Unreachable(
            f"OAI-PMH {repository.url} ends short: its list has {size} records"
            f" and it gave {len(here)}"
        )


def _stream(listing: Listing, here: set[int], given: set[int]) -> Generator[Found, None, bool]:
    """Give what is new; whether the list came to its end."""
    try:
        for found in map(_found, listing.records()):
            record = hash((found.upstream_id, found.fingerprint))
            here.add(record)
            if record not in given:
                given.add(record)
                yield found
    except Refused as refused:
        if refused.codes != {"noRecordsMatch"}:
            raise
    except Expired:
        return False
    return True


def _found(record: etree._Element) -> Found:
    """Metadata, or a tombstone; the repository says when either changed."""
    header = record.find(f"{SPACE}header")
    name = "" if header is None else header.findtext(f"{SPACE}identifier", "").strip()
    stamp = "" if header is None else header.findtext(f"{SPACE}datestamp", "").strip()
    deleted = header is not None and header.get("status") == "deleted"
    content = next(record.iterfind(f"{SPACE}metadata/*"), None)
    digest = fingerprint(record if content is None else content)
    error = None
    if not name:
        error = "the record has no identifier"
    elif content is None and not deleted:
        error = "the record has no metadata"
    return Found(
        upstream_id=name or f"no-identifier#{digest}",
        fingerprint=digest,
        record=None if content is None or deleted else document(content),
        deleted=deleted,
        error=error,
        original=document(record) if error else None,
        changed=moment(stamp),
    )
