"""What the commands print is what upstreams said, letter by letter."""

from uuid import uuid4

import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows import cli, demo
from flows.found import Found
from flows.selfcheck import Check
from infrastructure.catalogue import Catalogue
from infrastructure.ledger import Ledger
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
    ledger = Ledger(catalogue)
    run = uuid4()
    ledger.begin(run, "c")
    ledger.quarantine("c", Found(f"id {FOREIGN}", "1"), f"reason {FOREIGN}", run)
    shown = CliRunner().invoke(cli.app, ["quarantine", "c"], catch_exceptions=False)
    assert f"c id {FOREIGN}\n  reason {FOREIGN}\n" in shown.stdout


def test_a_table_and_a_check_print_foreign_text_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    cli._print([{"title": FOREIGN}], as_json=False)
    demo._show(Console(soft_wrap=True), Check("search", False, FOREIGN, 1.0))
    table, check = capsys.readouterr().out.strip().splitlines()[-2:]
    assert FOREIGN in table
    assert FOREIGN in check
