"""What the commands print is what upstreams said, letter by letter; and what they refuse."""

from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows import cli, demo, quarantine_cli
from flows.found import Found
from flows.originals import original
from flows.selfcheck import Check
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid, Misconfigured, NotFound
from infrastructure.quarantine import Quarantine
from infrastructure.settings import DatabaseSettings

FOREIGN = "a [/x] that [red]is no[/red] markup :smile: [link=file:///]"


def test_quarantine_prints_foreign_text_as_it_is(
    catalogue: Catalogue,
    database_environment: DatabaseSettings,  # noqa: ARG001 - the command reads it
) -> None:
    catalogue.put_collection(
        {
            "type": "Collection",
            "id": "c",
            "stac_version": "1.1.0",
            "description": "C",
            "license": "other",
            "links": [],
            "extent": {
                "spatial": {"bbox": [[-180, -90, 180, 90]]},
                "temporal": {"interval": [["1970-01-01T00:00:00Z", None]]},
            },
        }
    )
    found = Found(f"id {FOREIGN}", "1", record=b"<as it came/>")
    Quarantine(catalogue).put(
        "c", "main", found, f"reason {FOREIGN}", run=None, original=original(found)
    )
    assert f"c id {FOREIGN}\n  reason {FOREIGN}\n" in quarantine("list", "c")
    assert quarantine("show", "c", found.upstream_id) == "<as it came/>"
    for command in ("retry", "drop"):
        with pytest.raises(NotFound, match=r"^not in the quarantine of 'c': another$"):
            quarantine(command, "c", found.upstream_id, "another")
        with pytest.raises(NotFound, match=r"^no collection 'd' in the catalogue$"):
            quarantine(command, "d")
    assert quarantine("retry", "c", found.upstream_id).startswith("1 released")
    assert quarantine("drop", "c", found.upstream_id) == "1 dropped\n"
    assert quarantine("list") == "0 in quarantine\n"


def quarantine(*arguments: str) -> str:
    """What the command prints."""
    done = CliRunner().invoke(quarantine_cli.app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_table_and_a_check_print_foreign_text_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    cli._print([{"title": FOREIGN}], as_json=False)
    demo._show(Console(soft_wrap=True), Check("search", False, FOREIGN, 1.0))
    table, check = capsys.readouterr().out.strip().splitlines()[-2:]
    assert FOREIGN in table
    assert FOREIGN in check


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "c", "--since", "yesterday"], "'yesterday' is no moment: it is written such as"),
        (["run", "c", "--until", ""], "'' is no moment"),
        (["run", "c", "--since", "2024-02-01", "--until", "2024-01-01"], "is not before --until"),
        (["backfill", "c", "2020"], "'2020' is no interval: it is START/END, such as"),
        (["backfill", "c", "2021-01-01/2020-01-01"], "and ends after it starts"),
        (["backfill", "c", "../2020-01-01"], "has no start: a backfill needs one"),
        (["backfill", "c", "2020-01-01/..", "--window", "30"], "'30' is no length of a window"),
        (["backfill", "c", "2020-01-01/..", "--window", ""], "'' is no length of a window"),
        (["backfill", "c", "2020-01-01/..", "--window", "PT0S"], "have a length"),
    ],
)
def test_what_no_harvest_can_be_asked_for_is_refused_at_once(
    arguments: list[str], sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert sentence in str(refused.value)


def test_collection_files_are_listed_beside_broken_ones(
    tmp_path: Path,
    database_environment: DatabaseSettings,  # noqa: ARG001 - the command reads it
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SWATH_HARVEST_COLLECTIONS", str(tmp_path))
    (tmp_path / "good.yaml").write_text(
        "{id: good, title: Good, description: Good, source: {type: folder, url: .}}"
    )
    (tmp_path / "broken.yaml").write_text("id: [")
    (tmp_path / "nothing.yaml").write_text("id: nothing")
    listed = CliRunner().invoke(cli.app, ["list"])
    assert listed.exit_code == 1
    assert "good" in listed.stdout
    assert isinstance(listed.exception, Misconfigured)
    assert f"{tmp_path}/broken.yaml: not a YAML mapping" in str(listed.exception)
    assert f"; {tmp_path}/nothing.yaml: title: Field required" in str(listed.exception)
