"""Collection files: good ones are STAC, bad ones are one clear sentence."""

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
    stories = collections.load_all(HarvestSettings().collections)
    assert "landsat8-itaipu" in stories
    for story in stories.values():
        check(story)
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
        ("type: folder", "type: ftp", "no 'ftp' among the sources; there are: folder"),
        ("url: .", "ulr: .", "folder: "),
        ("enrich: [cog", "enrich: [cig", "no 'cig' among the enrich"),
        ("{file: {}}", "{file: {wrong: 1}}", "file: got an unexpected keyword argument 'wrong'"),
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
