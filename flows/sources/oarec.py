"""OGC API - Records, Part 1: Core (OGC 20-004r1), by OWSLib."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cql2 import Expr

from flows.csw.namesakes import Namesakes
from flows.found import Found
from flows.scope import Scope
from flows.upstream.catalogues import Catalogues
from flows.upstream.records import record
from flows.upstream.tally import Tally
from infrastructure.errors import Unreadable

INCREMENTAL = True

Json = dict[str, Any]

DAY = timedelta(days=1)

SECOND = timedelta(seconds=1)


def search(  # noqa: PLR0913 - the options of a collection file
    scope: Scope,
    *,
    url: str,
    collections: list[str] | None = None,
    parameters: dict[str, Any] | None = None,
    page: int = 100,
    counted: bool = True,
) -> Iterator[Found]:
    """List the records of a catalogue, until the last page.

    The place is asked of the server. So are the source's `filter`, and what changed (by the
    property `updated`), of a server that takes CQL2 and has those properties among its queryables;
    one that refuses such a condition all the same is asked without it. The time is not: servers
    differ on it, pycsw gives records that lie within it, and pygeoapi's compares a single property.
    The harvest holds it against the records itself.

    Args:
        scope: What the harvest asks for.
        url: Landing page of the API.
        collections: Ids of the catalogues to list; all whose items are records if left out.
        parameters: Further parameters of the items, such as `type: dataset` or `q: ozone`.
        page: Records per page, asked of the server.
        counted: Whether the number of records that the server tells is exact. Say `false` for one
            that estimates it.

    Raises:
        Unreachable: the server does not answer, or breaks off.
        Unreadable: it is no OGC API with records, its pages go in a circle, or it lists fewer
            records than it says that it has.
    """
    api = Catalogues(scope.http, url)
    names = collections or api.names()
    if not names:
        raise Unreadable(f"{url}: none of its collections has records; name one in `collections`")
    common = {"limit": page, **(parameters or {})}
    if scope.bbox and scope.bbox[0] <= scope.bbox[2]:  # not across the antimeridian
        common["bbox"] = list(scope.bbox)
        scope.pushed.add("bbox")
    questions = {name: _understood(scope, api, name, common) for name in names}
    own = {more for _, more in questions.values()}
    if len(own) > 1:  # what only some apply, nobody may take for applied
        questions, own = {name: (common, frozenset()) for name in names}, {frozenset()}
    scope.pushed.update(*own)
    for name, (asked, _) in questions.items():
        yield from _listed(scope, api, name, asked, counted)


def _listed(
    scope: Scope, api: Catalogues, name: str, asked: Json, counted: bool
) -> Iterator[Found]:
    """The records of one catalogue."""
    tally, namesakes = Tally(), Namesakes()

    def stream() -> Iterator[Found]:
        for features, told, url in api.pages(name, asked):
            tally.add(len(features), told)
            for feature in features:
                found = record(feature, url, scope.mapping)
                yield replace(found, upstream_id=f"{name}/{found.upstream_id}")

    yield from namesakes.apart(stream())
    if counted:
        tally.check(f"{api.url}, collection '{name}',", namesakes.repeated)


def _understood(
    scope: Scope, api: Catalogues, name: str, questions: Json
) -> tuple[Json, frozenset[str]]:
    """The most exact question that the server does not refuse, and which bounds it has in it."""
    for condition, pushed in _conditions(scope, api.queryables(name)):
        asked = {**questions, "filter": f"({condition})", "filter-lang": "cql2-text"}
        try:
            api.collection_items(name, **{**asked, "limit": 1})
        except Unreadable:
            continue
        return asked, pushed
    return questions, frozenset()


def _conditions(scope: Scope, queryables: set[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Conditions in the words of CQL2, the most exact first.

    Times are compared with texts where a server has them as texts.
    """
    own = scope.filter if scope.filter and _properties(scope.filter) <= queryables else None
    changes = _changes(scope) if "updated" in queryables else {}
    base = frozenset({"filter"} if own else ())
    for literal in ("TIMESTAMP('{}')", "'{}'"):
        parts = [f"updated {sign} {literal.format(t)}" for sign, t in changes.values()]
        if parts:
            parts += [f"({_text(own)})"] if own else []
            yield " AND ".join(parts), base.union(changes)
    if own:
        yield _text(own), base


def _changes(scope: Scope) -> dict[str, tuple[str, str]]:
    """Bounds of `updated`, in whole days and more: many servers know the day of a change only."""
    bounds = {}
    if scope.since:
        bounds["since"] = (">=", _utc(_midnight(scope.since) - SECOND))
    if scope.until:
        bounds["until"] = ("<=", _utc(_midnight(scope.until) + DAY))
    return bounds


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _properties(condition: Any) -> set[str]:
    """Names of the properties that a condition in CQL2 JSON has in it."""
    if isinstance(condition, dict):
        own = {str(condition["property"])} if "property" in condition else set()
        return own.union(*map(_properties, condition.values()))
    return set().union(*map(_properties, condition)) if isinstance(condition, list) else set()


def _text(condition: Json) -> str:
    return str(Expr(condition).to_text())


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
