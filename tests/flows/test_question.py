"""What is asked of a source: bounds, cursor, sweeps, windows, credentials."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from flows.backfill import duration, windows
from flows.collection import CollectionFile
from flows.granules import granule, rank
from flows.narrow import interval, outside
from flows.question import Question, Wish, ask, moment
from flows.rules import Duplicates
from flows.scope import Scope
from infrastructure.duplicates import order
from infrastructure.errors import Invalid, Misconfigured
from infrastructure.ledger import Cursor

NOW = datetime(2024, 6, 8, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
LONG_AGO = NOW - timedelta(days=30)


def story(**source: Any) -> CollectionFile:
    document = {"id": "c", "title": "c", "description": "c"}
    return CollectionFile.model_validate({**document, "source": {"type": "stac_api", **source}})


def question(cursor: Cursor, wish: Wish | None = None, **source: Any) -> Question:
    return ask(story(**source), "main", cursor, wish or Wish(), NOW)


def test_the_first_harvest_asks_for_everything() -> None:
    asked = question(Cursor(None, None))
    assert asked.scope.since is None
    assert asked.whole


def test_the_next_one_asks_for_what_changed_with_an_overlap() -> None:
    asked = question(Cursor(YESTERDAY, YESTERDAY), overlap="PT2H")
    assert asked.scope.since == YESTERDAY - timedelta(hours=2)
    assert asked.whole, "until the source says that it can filter by time"
    asked.scope.pushed.add("since")
    assert not asked.whole


@pytest.mark.parametrize(
    ("cursor", "wish", "source"),
    [
        (Cursor(YESTERDAY, LONG_AGO), Wish(), {}),
        (Cursor(YESTERDAY, None), Wish(), {}),
        (Cursor(None, YESTERDAY), Wish(), {}),
        (Cursor(YESTERDAY, YESTERDAY), Wish(full=True), {}),
        (Cursor(YESTERDAY, YESTERDAY), Wish(), {"incremental": False}),
        (Cursor(YESTERDAY, YESTERDAY), Wish(), {"type": "folder"}),
    ],
)
def test_a_sweep_is_due_or_asked_for_or_all_that_the_source_can(
    cursor: Cursor, wish: Wish, source: dict[str, Any]
) -> None:
    assert question(cursor, wish, **source).scope.since is None


def test_a_moment_without_a_zone_is_utc() -> None:
    assert moment("2024-06-08") == moment("2024-06-08T02:00:00+02:00") == NOW
    bare = NOW.replace(tzinfo=None)
    scope = question(Cursor(None, None), Wish(since=bare, until=bare)).scope
    assert scope.since == scope.until == NOW


def test_the_length_of_a_window_is_an_iso_duration() -> None:
    assert duration("P30D") == timedelta(days=30)
    with pytest.raises(Invalid, match="'a month' is no length of a window"):
        duration("a month")


@pytest.mark.parametrize(
    "wish", [Wish(since=LONG_AGO), Wish(until=NOW), Wish(window=(LONG_AGO, NOW))]
)
def test_a_part_is_no_sweep(wish: Wish) -> None:
    asked = question(Cursor(YESTERDAY, YESTERDAY), wish)
    assert not asked.whole
    assert (asked.scope.since, asked.scope.until) == (wish.since, wish.until)


def test_a_window_is_cut_to_the_bounds_of_the_source() -> None:
    asked = question(
        Cursor(None, None), Wish(window=(LONG_AGO, NOW)), datetime="2024-06-01/2024-07-01"
    )
    assert asked.scope.time == (datetime(2024, 6, 1, tzinfo=UTC), NOW)


def test_a_backfill_has_windows_without_gaps() -> None:
    spans = windows("2024-01-01T00:00:00Z/2024-02-01T00:00:00Z", timedelta(days=10))
    assert [start.day for start, _ in spans] == [1, 11, 21, 31]
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert spans[-1][1] == datetime(2024, 2, 1, tzinfo=UTC)
    assert windows(None, None) == []
    assert len(windows("2024-01-01/2024-12-31", None)) == 1


@pytest.mark.parametrize(
    ("acquired", "length"),
    [("../2024-01-01", None), ("then", None), ("2024-02-01/2024-01-01", None),
     ("2024-01-01/2024-02-01", timedelta(0))],
)  # fmt: skip
def test_a_backfill_that_is_none_is_a_sentence(acquired: str, length: timedelta | None) -> None:
    with pytest.raises(Invalid):
        windows(acquired, length)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-06-01", "2024-06-01T00:00:00+00:00", "2024-06-01T23:59:59.999999+00:00"),
        ("2024-06-01T12:00:00Z", "2024-06-01T12:00:00+00:00", "2024-06-01T12:00:00+00:00"),
        ("../2024-06-01T12:00:00+02:00", None, "2024-06-01T12:00:00+02:00"),
        ("2024-06-01T00:00:00/", "2024-06-01T00:00:00+00:00", None),
    ],
)
def test_an_interval(text: str, start: str | None, end: str | None) -> None:
    told = [moment.isoformat() if moment else None for moment in interval(text)]
    assert told == [start, end]


def located(bbox: list[float], **properties: Any) -> dict[str, Any]:
    west, south = bbox[0], bbox[1]
    return {
        "type": "Feature",
        "id": "i",
        "collection": "c",
        "bbox": bbox,
        "geometry": {"type": "Point", "coordinates": [west, south]},
        "properties": {"datetime": "2024-06-01T00:00:00Z", **properties},
    }


@pytest.mark.parametrize(
    ("scope", "item", "bound"),
    [
        (Scope(bbox=(0, 0, 1, 1)), located([2, 0, 3, 1]), "bbox"),
        (Scope(bbox=(0, 0, 1, 1)), located([1, 1, 3, 3]), None),
        (Scope(bbox=(170, -10, -170, 10)), located([-179, 0, -175, 1]), None),
        (Scope(bbox=(170, -10, -170, 10)), located([0, 0, 1, 1]), "bbox"),
        (Scope(bbox=(-175, 0, -174, 1)), located([175, 0, -170, 1]), None),
        (Scope(bbox=(0, 0, 1, 1)), located([2, 0, 100, 3, 1, 200]), "bbox"),
        (Scope(time=(NOW, None)), located([0, 0, 1, 1]), "datetime"),
        (Scope(time=(None, NOW)), located([0, 0, 1, 1]), None),
        (
            Scope(time=(NOW, None)),
            located([0, 0, 1, 1], datetime=None, start_datetime="2024-06-01T00:00:00Z",
                    end_datetime="2024-07-01T00:00:00Z"),
            None,
        ),
        (Scope(filter={"op": "<", "args": [{"property": "eo:cloud_cover"}, 10]}),
         located([0, 0, 1, 1], **{"eo:cloud_cover": 50}), "filter"),
        (Scope(filter={"op": "<", "args": [{"property": "eo:cloud_cover"}, 10]}),
         located([0, 0, 1, 1]), "filter"),
        (Scope(filter={"op": "=", "args": [{"property": "collection"}, "c"]}),
         located([0, 0, 1, 1]), None),
        (Scope(bbox=(0, 0, 1, 1), pushed={"bbox"}), located([2, 0, 3, 1]), None),
    ],
)  # fmt: skip
def test_what_upstream_did_not_apply_is_applied(
    scope: Scope, item: dict[str, Any], bound: str | None
) -> None:
    assert outside(item, scope, None) == bound


def test_times_of_change_are_applied_where_they_are_told() -> None:
    scope, item = Scope(since=YESTERDAY, until=NOW), located([0, 0, 1, 1])
    assert outside(item, scope, LONG_AGO) == "since"
    assert outside(item, scope, NOW) == "until"
    assert outside(item, scope, YESTERDAY) is None
    assert outside(item, scope, None) is None


def test_credentials_come_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def authorization(**credentials: Any) -> str:
        asked = question(Cursor(None, None), credentials=credentials)
        request = requests.Request("GET", "https://example.com/", auth=asked.scope.http.auth_for(
            "https://example.com/")).prepare()  # fmt: skip
        return request.headers.get("Authorization") or request.headers["X-Key"]

    monkeypatch.setenv("LOGIN", "user:pass:word")
    assert authorization(basic={"env": "LOGIN"}) == "Basic dXNlcjpwYXNzOndvcmQ="
    assert authorization(bearer={"env": "LOGIN"}) == "Bearer user:pass:word"
    assert authorization(header={"name": "X-Key", "env": "LOGIN"}) == "user:pass:word"
    with pytest.raises(Misconfigured, match="no variable MISSING"):
        authorization(bearer={"env": "MISSING"})


@pytest.mark.parametrize(
    "source",
    [
        {"credentials": {"basic": {}}},
        {"credentials": {"basic": {"env": "A", "block": "b"}}},
        {"credentials": {"bearer": {"env": "A"}, "basic": {"env": "A"}}},
        {"credentials": {"bearer": "the secret itself"}},
        {"filter": "eo:cloud_cover <"},
        {"datetime": "2024-02-01/2024-01-01"},
        {"rate": 0},
        {"overlap": "-PT1H"},
    ],
)
def test_a_wrong_source_is_refused(source: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        story(**source)


def test_baselines_of_one_acquisition_are_one_granule() -> None:
    rules = Duplicates(
        id=r"^(S2[A-D]_MSIL\w+?_\d{8}T\d{6})_N\d{4}_(R\d{3}_T\w{5})_",
        order=["s2:processing_baseline"],
    )
    strip = "S2A_MSIL1C_20190910T095031_{}_R079_T33TXN_{}"
    first, second = (
        {"id": strip.format(baseline, made), "properties": {"s2:processing_baseline": baseline}}
        for baseline, made in [("N0208", "20190910T111234"), ("N0500", "20230418T000101")]
    )
    assert granule(first, rules) == granule(second, rules) is not None
    assert granule({"id": "something else", "properties": {}}, rules) is None
    assert order(rank(first, rules)) < order(rank(second, rules))


def test_ranks_of_any_kind_can_be_compared() -> None:
    ranks = [(None, "b"), (1, "a"), (2.5, None), ("x", 3)]
    assert sorted(ranks, key=order) == ranks
