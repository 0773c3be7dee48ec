"""Jobs over HTTP: what they say, what Prefect knows beyond that, and cancelling them."""

from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelled, Crashed, Failed, Pending, Running, State
from typer.testing import CliRunner

from flows import jobs_cli
from flows.found import Found
from infrastructure import orchestrator
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import Invalid, NotFound
from infrastructure.hold import sole_harvest
from infrastructure.jobs import Jobs, alive
from infrastructure.ledger import Ledger
from infrastructure.quarantine import Original, Quarantine
from infrastructure.register import register

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]

ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "collection": "c",
    "bbox": [0.0, 0.0, 1.0, 1.0],
    "geometry": {"type": "Point", "coordinates": [0.5, 0.5]},
    "properties": {"datetime": "2020-01-01T00:00:00Z"},
    "links": [],
    "assets": {},
}

ORDER = {"type": "service", "url": "https://a.example/csw"}


def ordered(served: httpx.Client) -> UUID:
    answer = served.post("/registration", json=ORDER)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["jobID"])


def told(served: httpx.Client, job: UUID) -> dict[str, Any]:
    answer = served.get(f"/jobs/{job}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def set_state(run: UUID, state: State) -> None:
    url = orchestrator._api_url()
    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
        client.set_flow_run_state(run, state, force=True)


def test_a_job_from_its_acceptance_to_its_end(served: httpx.Client, catalogue: Catalogue) -> None:
    run, jobs = ordered(served), Jobs(catalogue)
    set_state(run, Running())
    assert told(served, run)["status"] == "accepted", "its process has not taken it up yet"
    with alive(catalogue.settings, run):
        assert jobs.begin(run) == ORDER
        jobs.home(run, "c")
        Ledger(catalogue).report(run, {"found": 3}, "x: read")
        running = told(served, run)
        assert (running["status"], running["message"]) == ("running", "x: read")
        assert running["started"] >= running["created"]
        jobs.end(run, {"found": 3, "registered": 2, "quarantined": 1, "updated": 0})
    done = told(served, run)
    assert (done["status"], done["progress"], done["collection"]) == ("successful", 100, "c")
    assert done["message"] == "3 found, 2 registered, 1 quarantined"
    assert done["counts"] == {"found": 3, "registered": 2, "quarantined": 1}
    assert done["finished"] == done["updated"] >= done["started"]
    links = {link["rel"]: link["href"] for link in done["links"]}
    assert links["collection"] == f"{served.base_url}/collections/c"
    assert links["http://www.opengis.net/def/rel/ogc/1.0/results"].endswith(f"/jobs/{run}/results")


@pytest.mark.parametrize(
    ("state", "status", "message"),
    [
        (Failed(message="It broke."), "failed", "It broke."),
        (Crashed(message="It is gone."), "failed", "It is gone."),
        (Cancelled(message="Not now."), "dismissed", "Not now."),
    ],
)
def test_a_run_that_ended_without_a_word_is_told_by_prefect(
    served: httpx.Client, state: State, status: str, message: str
) -> None:
    run = ordered(served)
    set_state(run, state)
    assert [job["status"] for job in served.get("/jobs").json()["jobs"]] == [status]
    ended = told(served, run)
    assert (ended["status"], ended["message"]) == (status, message)
    assert "finished" in ended


def test_a_job_whose_process_died_is_not_running(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    run, jobs = ordered(served), Jobs(catalogue)
    set_state(run, Running())
    with alive(catalogue.settings, run):
        jobs.begin(run)
        assert told(served, run)["status"] == "running"
    dead = told(served, run)
    assert (dead["status"], dead["message"]) == ("failed", "The process of this run died.")
    jobs.end(run, {"found": 1, "registered": 1})
    assert told(served, run)["status"] == "successful", "the process itself knows best"


def test_a_harvest_is_a_job(served: httpx.Client, catalogue: Catalogue) -> None:
    run, ledger = (
        orchestrator.run_deployment("harvest/filed", {"collection": "filed"}),
        Ledger(catalogue),
    )
    set_state(run, Running())
    with sole_harvest(catalogue.settings, "filed"):
        ledger.begin(run, "filed")
        assert told(served, run)["status"] == "running"
        assert told(served, run)["processID"] == "harvest"
    assert told(served, run)["status"] == "failed"


def test_a_run_that_somebody_deleted_is_told(served: httpx.Client, prefect_server: str) -> None:
    run = ordered(served)
    httpx.delete(f"{prefect_server}/flow_runs/{run}", trust_env=False).raise_for_status()
    assert told(served, run)["message"] == "Prefect does not know the run of this job any more."


def test_without_prefect_the_row_is_all_there_is(
    served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ordered(served)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert told(served, run)["status"] == "accepted"
    assert served.delete(f"/jobs/{run}").status_code == 503
    monkeypatch.delenv("PREFECT_API_URL")
    assert told(served, run)["status"] == "accepted"


def test_jobs_are_listed_by_pages_and_by_what_they_are(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    jobs = [ordered(served) for _ in range(3)]
    Jobs(catalogue).settle(jobs[0], "failed", "no")
    answer = served.post("/deregistration", json={"collection": "c", "items": ["a"]})
    removal = answer.json()["jobID"]
    page = served.get("/jobs", params={"limit": 3}).json()
    assert (page["numberMatched"], page["numberReturned"]) == (4, 3)
    assert [job["jobID"] for job in page["jobs"]] == [removal, str(jobs[2]), str(jobs[1])]
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    last = served.get(following).json()
    assert [job["jobID"] for job in last["jobs"]] == [str(jobs[0])]
    assert [link["rel"] for link in last["links"]] == ["self", "prev"]
    for parameters, number in (
        ({"status": "failed"}, 1),
        ({"status": "failed,accepted"}, 4),
        ({"status": ["failed", "successful"]}, 1),
        ({"processID": "deregister"}, 1),
        ({"processID": "register", "status": "accepted"}, 2),
        ({"collection": "c"}, 1),
        ({"processID": "harvest"}, 0),
        ({"prefix": removal.upper()}, 1),
        ({"prefix": str(jobs[1])[:20]}, 1),
        ({"prefix": removal, "processID": "register"}, 0),
    ):
        assert served.get("/jobs", params=parameters).json()["numberMatched"] == number, parameters


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"status": "done"}, "status: no 'done'; there are: accepted, running, successful"),
        ({"processID": "map"}, "processID: no 'map'; there are: harvest, register, deregister"),
        ({"prefix": "abc"}, "prefix"),
        ({"prefix": "any%"}, "prefix"),
        ({"limit": 0}, "limit"),
        ({"offset": -1}, "offset"),
    ],
)
def test_a_list_that_makes_no_sense_is_told_why(
    served: httpx.Client, parameters: dict[str, Any], said: str
) -> None:
    answer = served.get("/jobs", params=parameters)
    assert answer.status_code == 400
    assert said in answer.json()["description"]


@pytest.mark.parametrize("name", ["nonsense", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("path", ["", "/results"])
def test_there_is_no_such_job(served: httpx.Client, name: str, path: str) -> None:
    answer = served.get(f"/jobs/{name}{path}")
    assert answer.status_code == 404
    assert answer.json()["description"] == f"no job {name}"


def test_an_accepted_job_is_cancelled_before_it_starts(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    run = ordered(served)
    answer = served.delete(f"/jobs/{run}")
    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert orchestrator.state(run).type == "CANCELLED"
    assert Jobs(catalogue).begin(run) is None, "the flow would find that nobody waits for it"
    assert served.delete(f"/jobs/{run}").json()["status"] == "dismissed"
    assert told(served, run)["message"] == "It was cancelled; what it had done before stays."


def test_a_running_job_is_cancelled(served: httpx.Client, catalogue: Catalogue) -> None:
    run, jobs = ordered(served), Jobs(catalogue)
    set_state(run, Pending())
    set_state(run, Running())
    with alive(catalogue.settings, run):
        jobs.begin(run)
        assert served.delete(f"/jobs/{run}").json()["status"] == "dismissed"
        assert orchestrator.state(run).type == "CANCELLING"
        jobs.end(run, {"found": 1})
    assert told(served, run)["status"] == "dismissed", "the end of the process changes nothing"


def test_a_job_that_has_ended_cannot_be_cancelled(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    run = ordered(served)
    Jobs(catalogue).settle(run, "failed", "no")
    answer = served.delete(f"/jobs/{run}")
    assert answer.status_code == 409
    assert answer.json()["description"] == f"job {run} has ended already: failed"
    assert served.delete(f"/jobs/{uuid4()}").status_code == 404


def shown(*arguments: str) -> list[str]:
    """The lines that `swath jobs` prints."""
    done = CliRunner().invoke(jobs_cli.app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_the_command_lists_whole_ids_and_seconds(
    served: httpx.Client, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run = ordered(served)
    Jobs(catalogue).settle(run, "failed", f"[red] {'because ' * 20}")
    created = told(served, run)["created"]
    first, second, last = shown("list")
    assert first == f"{run} register"
    assert second == f"  failed {created[:19]}Z [red] {'because ' * 20}".rstrip()
    assert last == "1 of 1 jobs"
    assert f"created: {created[:19]}Z" in shown("show", str(run))


def test_the_command_takes_the_beginning_of_an_id(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    jobs = Jobs(catalogue)
    for last in "12":
        jobs.accept(UUID(f"abcdef00-0000-4000-8000-00000000000{last}"), "register", "c", ORDER)
    run = ordered(served)
    assert shown("show", str(run)[:13].upper())[0] == f"jobID: {run}"
    with pytest.raises(Invalid, match=r"^2 jobs begin with abcd, such as abcdef00-.* and abcdef00"):
        shown("show", "abcd")
    with pytest.raises(NotFound, match=r"^no job begins with 0000-0$"):
        shown("cancel", "0000-0")
    with pytest.raises(NotFound, match=r"^no job abc$"):
        shown("cancel", "abc")
    assert shown("cancel", str(run)[:8]) == [f"{run} dismissed"]


def test_results_tell_of_each_item_and_each_fault(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    run = ordered(served)
    good = Entry({**ITEM, "id": "good/1"}, "https://up/good", "1", source="registration")
    assert register(catalogue, "c", [good], run).refused == {}
    bad = Found("https://up/bad?x=1#y", "1", document={"id": 1})
    Quarantine(catalogue).put("c", "registration", bad, "no valid item", run=run)
    page = served.get(f"/jobs/{run}/results", params={"limit": 1}).json()
    assert (page["numberMatched"], len(page["items"])) == (2, 1)
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    items = [*page["items"], *served.get(following).json()["items"]]
    first, second = items
    assert (first["state"], first["upstreamId"]) == ("quarantined", bad.upstream_id)
    assert first["reason"] == "no valid item"
    assert "links" not in first
    assert (second["state"], second["item"]) == ("registered", "good/1")
    assert second["links"][0]["href"] == f"{served.base_url}/collections/c/items/good%2F1"


def test_the_quarantine_is_listed_and_originals_are_for_writers(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    quarantine = Quarantine(catalogue)
    names = ["https://up/a b?x=1&y=2#z", "../../etc/passwd", "plain"]
    for number, name in enumerate(names):
        content = Original("application/xml", f"<a>{number}</a>".encode())
        quarantine.put(
            "c", "main", Found(name, "1"), f"reason {number}", run=None, original=content
        )
    page = served.get("/quarantine", params={"limit": 2}).json()
    assert [entry["upstreamId"] for entry in page["quarantine"]] == ["plain", names[1]]
    assert page["quarantine"][0]["reason"] == "reason 2"
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    rest = served.get(following).json()
    assert [entry["upstreamId"] for entry in rest["quarantine"]] == [names[0]]
    assert [link["rel"] for link in rest["links"]] == ["self", "prev"]
    assert served.get("/quarantine", params={"collection": "d"}).json()["quarantine"] == []
    for entry in [*page["quarantine"], *rest["quarantine"]]:
        answer = served.get(entry["links"][0]["href"])
        number = names.index(entry["upstreamId"])
        assert answer.content == f"<a>{number}</a>".encode()
        assert answer.headers["Content-Type"] == "application/xml"
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    missing = served.get(f"/quarantine/c/{quote('https://up/nope', safe='')}")
    assert missing.status_code == 404
    assert "https://up/nope" in missing.json()["description"]
