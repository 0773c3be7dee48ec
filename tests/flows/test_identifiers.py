"""Ids: safe in addresses and files, never the same for two names, and reversible."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.identifiers import LONGEST, original, safe

names = st.text(st.characters(codec=None), max_size=300)


@given(names)
@example("")
@example(".")
@example("..")
@example("...")
@example("~")
@example("~7E")
@example("../../etc/passwd")
@example("urn:ogc/x?y#z")
@example("a\0b")
@example("\ud800")
@example("é" * 33)
def test_an_id_is_safe_and_gives_its_name_back(name: str) -> None:
    identifier = safe(name)
    assert re.fullmatch(r"[A-Za-z0-9_.~-]{1,200}", identifier)
    assert identifier.strip(".")
    if "~~" in identifier:
        assert len(identifier) <= LONGEST
        with pytest.raises(ValueError, match="was cut"):
            original(identifier)
    else:
        assert original(identifier) == name


@given(st.lists(names, unique=True, min_size=2, max_size=20))
@example(["a/b", "a-b", "a~2Fb", "a b", "é", "..", "x", "x."])
@example(["x" * 300, "x" * 301, f"{'x' * 300}/"])
@example(["", "~", "~7E"])
def test_two_names_never_become_one_id(different: list[str]) -> None:
    assert len({safe(name) for name in different}) == len(different)


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("S2A_MSIL1C_20220125T151701.SAFE", "S2A_MSIL1C_20220125T151701.SAFE"),
        ("urn:x:y/z?q", "urn~3Ax~3Ay~2Fz~3Fq"),
        ("~", "~7E"),
        ("..", "~2E."),
        ("", "~"),
        ("é", "~C3~A9"),
        ("x" * 200, "x" * 200),
    ],
)
def test_names_become_ids_as_documented(name: str, identifier: str) -> None:
    assert safe(name) == identifier


def test_the_examples_of_the_documentation_are_so() -> None:
    page = Path(__file__).parents[2] / "docs" / "explanation" / "ledger.md"
    table = page.read_text("utf-8").partition("| Upstream | In the catalogue |")[2]
    rows = re.findall(r"^\| `(.+)` \| `(.+)` \|$", table, re.MULTILINE)
    assert ("a/b", "a~2Fb") in rows
    for name, identifier in rows:
        assert safe(name) == identifier


def test_a_long_name_is_cut_between_characters_and_ends_in_a_digest() -> None:
    assert re.fullmatch(r"x{166}~~[0-9a-f]{32}", safe("x" * 201))
    assert re.fullmatch(r"(~C3~A9){27}~C3~~[0-9a-f]{32}", safe("é" * 100))
