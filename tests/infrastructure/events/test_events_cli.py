"""Subscriptions and dead letters on the command line."""

import json
from uuid import UUID

import pytest
from typer.testing import CliRunner

from changes import entry
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid, NotFound
from infrastructure.events import cli, letters, subscriptions
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings
from receivers import Receiver, deliverer, until

pytestmark = pytest.mark.platform


def run(*arguments: str) -> str:
    done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_subscriptions_are_made_listed_and_ended_by_hand(
    filled: Catalogue,
    database_environment: DatabaseSettings,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SWATH_EVENTS_PRIVATE_HOSTS", "true")
    wishes = ("--collection", "c", "--bbox", "170,-90,-170,90", "--filter", "eo:cloud_cover < 10")
    made = json.loads(run("subscribe", f"{receiver.url}/a", *wishes, "--since", "0-0", "--json"))
    assert made["secret"].startswith("whsec_")
    assert made["filter"]["op"] == "<"
    with pytest.raises(Invalid, match="no collection 'nope' in the catalogue"):
        run("subscribe", f"{receiver.url}/c", "--collection", "nope")
    told = run("subscribe", f"{receiver.url}/b")
    assert "whsec_" in told
    listed = run("list")
    assert f"{receiver.url}/a\n  c; bbox 170,-90,-170,90" in listed
    assert "every collection" in listed
    assert "whsec_" not in listed + run("list", "--json")
    receiver.answer = lambda *_: (500, {})
    register(filled, "c", [entry("x")])
    with deliverer(database_environment):
        until(lambda: len(letters.dead_letters(filled)) == 1)
        assert "swath.item.registered c x\n  answered with status 500 (3 attempts)" in run("dead")
        [letter] = json.loads(run("dead", "--json"))
        receiver.answer = lambda *_: (204, {})
        assert "1 are sent again" in run("replay", letter["subscription"], str(letter["event"]))
        until(lambda: letters.dead_letters(filled) == [])
    run("unsubscribe", made["id"])
    assert made["id"] not in run("list")
    with pytest.raises(NotFound, match="no subscription"):
        subscriptions.unsubscribe(filled, UUID(made["id"]))
