"""Collection files: good ones are STAC, bad ones are one clear sentence."""

from datetime import timedelta
from pathlib import Path

import pystac
import pytest

from flows import collection as collections
from flows.product import check
from infrastructure.errors import Misconfigured, NotFound
from infrastructure.settings import HarvestSettings

GOOD = """
id: c
title: C
description: A collection
source: {type: folder, url: .}
enrich: [cog, {file: {}}]
renders: {truecolor: {assets: [red, green, blue]}}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "c.yaml"
    path.write_text(text)
    return path


def test_every_shipped_collection_file_is_right() -> None:
    stories, faults = collections.survey(HarvestSettings().collections, check)
    assert faults == []
    assert "landsat8-itaipu" in stories
    for story in stories.values():
        document = story.stac()
        assert document["stac_version"] == "1.1.0"
        assert pystac.Collection.from_dict(document).id == story.id


def test_steps_are_names_or_names_with_options(tmp_path: Path) -> None:
    story = collections.load(write(tmp_path, GOOD))
    assert [(step.name, step.options) for step in story.steps()] == [("cog", {}), ("file", {})]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id: [", "not a YAML mapping"),
        ("just words", "not a YAML mapping"),
        (GOOD.replace("title: C", ""), "title: Field required"),
        (GOOD.replace("id: c", "id: 'a/b'"), "id: String should match"),
        (GOOD + "sorce: {}", "sorce: Extra inputs"),
        (GOOD.replace("[cog,", "[{cog: {}, projection: {}},"), "this one has: cog, projection"),
        (GOOD.replace("[cog,", "[{},"), "this one has: none"),
        (GOOD + "providers: [{url: 'https://example.com'}]", "providers.0.name: Field required"),
        (GOOD + "links: [{rel: license}]", "links.0.href: Field required"),
        (GOOD + "schedule: every day", "schedule: Value error, 'every day' is neither"),
        (GOOD + "schedule: PT5S", "is neither a cron expression nor an interval of a minute"),
        (GOOD + "sources: {a: {type: folder}}", "either `source` or `sources`"),
        (GOOD.replace("source:", "properties:"), "either `source` or `sources`"),
        (GOOD + "duplicates: {rule: oldest}", "duplicates.rule: "),
        (GOOD + "duplicates: {id: S2A_.*}", "duplicates.id: Value error, 'S2A_.*' has no group"),
        (GOOD + "duplicates: {id: '('}", "duplicates.id: Value error, no regular expression"),
        (GOOD + "deletions: {limit: 101}", "deletions.limit: "),
        (GOOD.replace("url: .", "bbox: [0, 9, 1, 8]"), "bbox: Value error, south 9 is north of"),
    ],
)
def test_a_wrong_file_is_one_sentence_with_its_path(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(Misconfigured) as caught:
        collections.load(path)
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("type: folder", "type: ftp", "no 'ftp' among the sources; there are: csw, folder"),
        ("url: .", "ulr: .", "folder: "),
        ("enrich: [cog", "enrich: [cig", "no 'cig' among the enrich"),
        ("{file: {}}", "{file: {wrong: 1}}", "file: got an unexpected keyword argument 'wrong'"),
        (
            "{file: {}}",
            "{keep: {roles: metadata}}",
            "keep: `roles` is 'metadata': Input should be a valid list",
        ),
        (
            "{file: {}}",
            "{clouds: {brightness: 15}}",
            "clouds: `brightness` is 15: Input should be less than 1",
        ),
        (
            "{file: {}}",
            "{alternate: {prefixes: {'s3://a': 'https://a/'}}}",
            "'s3://a' is not like s3://bucket/ or https://host/",
        ),
    ],
)
def test_wrong_plug_ins_and_options_are_found_before_the_run(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(Misconfigured, match=sentence):
        check(collections.load(path))


def test_an_unknown_collection_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(NotFound, match="there are: c"):
        collections.find(tmp_path, "d")


def test_providers_and_links_keep_their_further_keys(tmp_path: Path) -> None:
    text = GOOD + "providers: [{name: N, roles: [host], 'x:y': 1}]\n"
    text += "links: [{rel: license, href: 'https://example.com/', title: T}]\n"
    text += "schedule: 0 3 * * *\n"
    document = collections.load(write(tmp_path, text)).stac()
    assert document["providers"] == [{"name": "N", "roles": ["host"], "x:y": 1}]
    assert document["links"] == [{"rel": "license", "href": "https://example.com/", "title": "T"}]


def test_a_schedule_is_cron_or_an_interval(tmp_path: Path) -> None:
    for text, schedule in [("0 3 * * *", "0 3 * * *"), ("PT15M", timedelta(minutes=15))]:
        story = collections.load(write(tmp_path, GOOD + f"schedule: {text}\n"))
        assert story.schedule == schedule


def test_several_sources_have_names(tmp_path: Path) -> None:
    text = GOOD.replace("source: {type: folder, url: .}", "sources: {a: {type: folder, url: .}}")
    assert [*collections.load(write(tmp_path, text)).origins()] == ["a"]
    assert [*collections.load(write(tmp_path, GOOD)).origins()] == ["main"]


def test_two_files_with_one_id_are_told_both(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "second.yaml").write_text(GOOD)
    sentence = f"{tmp_path / 'c.yaml'} and {tmp_path / 'second.yaml'} have the same id 'c'"
    assert collections.survey(tmp_path)[1] == [sentence]
    with pytest.raises(Misconfigured) as one:
        collections.find(tmp_path, "c")
    assert str(one.value) == sentence


def test_a_collection_is_found_beside_broken_files(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "a.yaml").write_text("id: [")
    (tmp_path / "b.yaml").write_text("id: b")
    assert collections.find(tmp_path, "c").id == "c"
    with pytest.raises(Misconfigured, match="title: Field required"):
        collections.find(tmp_path, "b")
    with pytest.raises(NotFound, match=r"there are: b, c; without an id .* a\.yaml"):
        collections.find(tmp_path, "a")


def test_every_broken_file_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "a.yaml").write_text("id: [")
    (tmp_path / "b.yaml").write_text(GOOD.replace("id: c", "id: b").replace("cog", "cig"))
    (tmp_path / "d.yaml").write_bytes(b"\xff")
    good, faults = collections.survey(tmp_path, check)
    assert list(good) == ["c"]
    assert all("\n" not in fault for fault in faults)
    named = [name for name in "abcd" if str(tmp_path / f"{name}.yaml") in "; ".join(faults)]
    assert named == ["a", "b", "d"]


def test_a_broken_file_has_its_name_unless_nobody_can_read_it(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "other.yaml").write_text("id: b")
    assert collections.names(tmp_path) == {"c", "b"}
    (tmp_path / "broken.yaml").write_text("id: [")
    assert collections.names(tmp_path) is None
