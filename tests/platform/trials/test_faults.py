"""Faults of everything that a harvest leans on, with real processes: nothing lost or doubled."""

import os
import signal
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

if TYPE_CHECKING:
    from tests.platform.trials.conftest import FullStore, Trials

pytestmark = [pytest.mark.platform, pytest.mark.timeout(600)]

BATCH = {"SWATH_HARVEST_BATCH": "3"}
"""The page at fault begins in the middle of a batch."""
DEATHS = [("amid", signal.SIGQUIT), ("amid", signal.SIGKILL), ("between", signal.SIGKILL)]
"""When PostgreSQL dies, and how: by an immediate shutdown, or by force."""
SENTENCES = {
    "error": "answers with status 500: something broke",
    "hang": "Read timed out",
    "cut": "does not answer",
    "json": "no JSON",
    "xml": "no well-formed XML",
}
"""Fault of an upstream -> what the run says of it."""
Ends = dict[str, tuple[str, str]]
"""How the runs of collections ended: state and message."""


@pytest.fixture(scope="module")
def first(trials: "Trials") -> Ends:
    """The first harvests of the upstreams at fault; all at once, for they wait a lot."""
    runs = {name: trials.start(name, BATCH) for name in ("busy", *SENTENCES)}
    return {name: trials.end(run) for name, run in runs.items()}


@pytest.fixture(scope="module")
def healed(trials: "Trials", upstream: str, first: Ends) -> Ends:
    """The next harvests, when the upstreams are well again."""
    assert first
    httpx.post(f"{upstream}/heal", json={}).raise_for_status()
    runs = {name: trials.start(name, BATCH) for name in SENTENCES}
    return {name: trials.end(run) for name, run in runs.items()}


def test_an_upstream_that_is_busy_for_a_moment_is_waited_for(trials: "Trials", first: Ends) -> None:
    state, message = first["busy"]
    assert (state, trials.kept("busy")) == ("COMPLETED", {200}), message


@pytest.mark.parametrize("fault", SENTENCES)
def test_an_upstream_that_fails_fails_the_run_and_what_came_before_is_registered(
    trials: "Trials", first: Ends, fault: str
) -> None:
    state, message = first[fault]
    assert (state, "\n" in message) == ("FAILED", False), message
    assert SENTENCES[fault] in message
    assert "60 found, 60 registered" in message
    assert (trials.kept(fault), trials.runs(fault)[0]) == ({60}, "failed")


@pytest.mark.parametrize("fault", SENTENCES)
def test_the_next_harvest_of_an_upstream_that_is_well_again_does_the_rest(
    trials: "Trials", healed: Ends, fault: str
) -> None:
    state, message = healed[fault]
    assert (state, trials.kept(fault)) == ("COMPLETED", {200}), message
    assert "200 found, 140 registered, 0 updated, 60 unchanged, 0 quarantined" in message
    assert trials.platform.quarantine(fault) == {}
    assert trials.runs(fault) == ["failed", "completed"]


def test_a_store_whose_disk_is_full_leaves_nothing_half_registered(
    trials: "Trials", store: "FullStore"
) -> None:
    store.leave(5)
    state, message = trials.harvest("full", store.variables)
    assert (state, trials.kept("full")) == ("COMPLETED", {5}), message
    assert "6 found, 5 registered" in message
    assert "1 deferred" in message
    assert len(store.files()) == 5
    store.leave(100)
    state, message = trials.harvest("full", store.variables)
    assert (state, trials.kept("full")) == ("COMPLETED", {6}), message
    assert "6 found, 1 registered, 0 updated, 5 unchanged" in message
    assert store.files() == set(trials.hrefs("full"))


@pytest.mark.usefixtures("second_worker")
def test_two_workers_take_one_collection_one_after_the_other(trials: "Trials") -> None:
    runs = [trials.start("two", BATCH), trials.start("two", BATCH)]
    ends = [trials.end(run) for run in runs]
    assert {state for state, _ in ends} == {"COMPLETED"}, ends
    told = sorted(message.partition(", 0 updated")[0] for _, message in ends)
    assert told == ["200 found, 0 registered", "200 found, 200 registered"]
    assert trials.kept("two") == {200}


def test_a_harvest_past_prefect_does_not_run_beside_another(trials: "Trials") -> None:
    run = trials.start("slow", BATCH)
    with trials.halted():
        beside = trials.past_prefect("slow")
    assert beside.returncode != 0
    assert "another harvest of 'slow' is running" in beside.stderr
    state, message = trials.end(run)
    assert (state, trials.kept("slow")) == ("COMPLETED", {200}), message


@pytest.mark.parametrize(("moment", "how"), DEATHS)
def test_postgresql_dies_amid_a_registration_or_between_two(
    trials: "Trials", moment: str, how: signal.Signals
) -> None:
    collection = f"{moment}-{how.name}"
    run = trials.start(collection, BATCH)
    trials.until(lambda: trials.kept(collection) != {0})
    server = trials.platform.status()["database"]["pid"]
    with suppress(psycopg.OperationalError), trials.halted() if moment == "amid" else nullcontext():
        os.kill(server, how)
    state, message = trials.end(run)
    (kept,) = trials.kept(collection)
    assert trials.runs(collection) == [state.lower()]
    assert (state == "COMPLETED") == (kept == 200), message
    assert f"{kept} registered" in message
    state, message = trials.harvest(collection, BATCH)
    assert (state, trials.kept(collection)) == ("COMPLETED", {200}), message
    assert f"200 found, {200 - kept} registered, 0 updated, {kept} unchanged" in message
