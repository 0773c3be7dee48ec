"""The CSW source against pycsw, over real records."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from csw_asking import DUBLIN_CORE, ask, canonical, names, xml
from flows.scope import Scope
from infrastructure.errors import Unreadable

VERSIONS = pytest.mark.parametrize("version", ["2.0.2", "3.0.0"])


def own_name(path: Path) -> str:
    """How a record of the shared data names itself."""
    root = etree.parse(path).getroot()
    paths = ("{*}fileIdentifier/*", "{*}metadataIdentifier//{*}code/*", "{*}identifier")
    return next(text.strip() for p in paths if (text := root.findtext(p)))


@VERSIONS
def test_every_record_of_every_page_comes_once(
    pycsw: str, pycsw_records: list[Path], version: Any
) -> None:
    found = ask(pycsw, version=version)
    expected = Counter(own_name(path) for path in pycsw_records)
    assert Counter(record.upstream_id.partition("#")[0] for record in found) == expected
    assert len(names(found)) == len(found) == len(pycsw_records) == 41


def test_identifiers_are_kept_as_they_are(pycsw: str) -> None:
    assert names(ask(pycsw)) >= {
        "../../../I'm Trying to go back a few directories/../..",
        r"C:\\hi\\I'm\\a\\windows\\folder",
        "https://ioos.noaa.gov/stations/BRJASL",
        "urn:hi:im:a:urn:or:url",
        "hello/i/am/a/path",
    }


def test_a_record_comes_as_it_is(pycsw: str, shared_data: Path) -> None:
    record = {found.upstream_id: found for found in ask(pycsw)}["3e9a8c05"]
    file = etree.parse(shared_data / "iso/greece-and-others/3e9a8c05.xml").getroot()
    assert canonical(xml(record)) == canonical(file)
    assert record.changed == datetime(2011, 4, 18, tzinfo=UTC)


@VERSIONS
def test_two_records_with_one_identifier_are_two_with_the_same_names_in_every_run(
    pycsw: str, version: Any
) -> None:
    runs = [ask(pycsw, version=version, page=page) for page in (100, 3)]
    runs.append(ask(pycsw, version=version, sort=None))
    twins = [
        {f.upstream_id: f.fingerprint for f in run if f.upstream_id.startswith("org.maracoos")}
        for run in runs
    ]
    assert len(twins[0]) == len(set(twins[0].values())) == 2
    assert "org.maracoos:avhrr.sst" in twins[0]
    assert all(twin == twins[0] for twin in twins)


def test_what_did_not_change_keeps_its_fingerprint(pycsw: str) -> None:
    first, second = (
        {record.upstream_id: record.fingerprint for record in ask(pycsw)} for _ in range(2)
    )
    assert first == second


@VERSIONS
def test_a_box_is_asked_for_with_its_axes_in_the_right_order(pycsw: str, version: Any) -> None:
    scope = Scope(bbox=(19, 34, 29, 42))
    greek = names(ask(pycsw, scope, version=version))
    assert {"3e9a8c05", "366f6257-19eb-4f20-ba78-0698ac4aae77"} <= greek
    assert not greek & {"8a09413a-0a01-4aab-8925-720d987deb20", "NS06agg"}
    assert "bbox" in scope.pushed


@VERSIONS
def test_a_box_across_the_antimeridian_is_two(pycsw: str, version: Any) -> None:
    around = names(ask(pycsw, Scope(bbox=(170, 10, -130, 80)), version=version))
    assert "8a09413a-0a01-4aab-8925-720d987deb20" in around  # Canada, from 141 degrees west
    assert not around & {"3e9a8c05", "366f6257-19eb-4f20-ba78-0698ac4aae77"}


@VERSIONS
def test_only_what_changed_is_asked_for(pycsw: str, version: Any) -> None:
    moment = datetime(2019, 3, 16, tzinfo=UTC)
    changed = {f.upstream_id for f in ask(pycsw) if f.changed and f.changed >= moment}
    scope = Scope(since=moment)
    assert names(ask(pycsw, scope, version=version)) == changed
    assert scope.pushed == {"since"}
    assert 0 < len(changed) < 41


def test_until_is_asked_for_with_since(pycsw: str) -> None:
    scope = Scope(since=datetime(2019, 3, 1, tzinfo=UTC), until=datetime(2019, 3, 17, tzinfo=UTC))
    assert names(ask(pycsw, scope)) == {"07b7ef80-6061-43fc-b874-e2800e9ae547"}
    assert scope.pushed == {"since", "until"}


@VERSIONS
def test_a_time_is_asked_for_but_left_to_who_reads_the_records(pycsw: str, version: Any) -> None:
    start, end = datetime(2020, 9, 2, tzinfo=UTC), datetime(2020, 9, 3, tzinfo=UTC)
    scope = Scope(time=(start, end))
    found = names(ask(pycsw, scope, version=version))
    assert "S2B_MSIL2A_20200902T090559_N0214_R050_T34SFG_20200902T113910.SAFE" in found
    assert "3e9a8c05" not in found
    assert scope.pushed == set()


def test_a_bound_that_the_server_gets_wrong_is_not_passed_on(pycsw: str) -> None:
    scope = Scope(bbox=(19, 34, 29, 42), since=datetime(2019, 3, 16, tzinfo=UTC))
    assert len(ask(pycsw, scope, push=[])) == 41
    assert scope.pushed == set()


@VERSIONS
def test_values_of_queryables_can_be_asked_for(pycsw: str, version: Any) -> None:
    match = {"dc:type": "dataset", "dc:title": "*Sentinel*"}
    assert 0 < len(ask(pycsw, version=version, match=match)) < 5


def test_a_condition_in_cql_is_passed_on(pycsw: str) -> None:
    scope = Scope(bbox=(19, 34, 29, 42))
    assert len(ask(pycsw, scope, cql="dc:type = 'dataset'")) == 22
    assert scope.pushed == set()


def test_cql_and_match_together_are_one_too_many(pycsw: str) -> None:
    with pytest.raises(Unreadable, match="`cql` and `match`"):
        ask(pycsw, cql="dc:type = 'dataset'", match={"dc:type": "dataset"})


def test_a_server_that_does_not_sort_is_asked_without(pycsw: str) -> None:
    assert len(ask(pycsw, sort="dc:nonsense")) == 41


@pytest.mark.parametrize(
    ("schema", "root"),
    [
        (DUBLIN_CORE, f"{{{DUBLIN_CORE}}}Record"),
        ("http://gcmd.gsfc.nasa.gov/Aboutus/xml/dif/", None),
    ],
)
def test_another_kind_of_record_has_the_same_identifiers(
    pycsw: str, schema: str, root: str | None
) -> None:
    found = ask(pycsw, output_schema=schema)
    assert {xml(f).tag for f in found} == {root or f"{{{schema}}}DIF"}
    identifiers = {f.upstream_id.partition("#")[0] for f in found}
    assert identifiers == {f.upstream_id.partition("#")[0] for f in ask(pycsw)}


@VERSIONS
def test_a_refusal_is_told_in_the_words_of_the_server(pycsw: str, version: Any) -> None:
    with pytest.raises(Unreadable, match="InvalidParameterValue: Invalid Constraint"):
        ask(pycsw, version=version, cql="dc:nonsense = 'x'")


def test_parameters_of_a_request_in_the_address_do_not_matter(pycsw: str) -> None:
    url = f"{pycsw}?service=CSW&version=3.0.0&request=GetCapabilities"
    assert len(ask(url)) == 41
