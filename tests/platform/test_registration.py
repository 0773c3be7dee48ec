"""Registration on the whole platform: by the command line and over HTTP, with a real worker."""

import json
import shlex
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.platform.conftest import Running

pytestmark = pytest.mark.platform

CWL = "cwlVersion: v1.2\nclass: Workflow\nid: ndvi\nlabel: NDVI\ninputs: []\noutputs: []\n"

ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "by-hand",
    "collection": "empty",
    "bbox": [0.0, 0.0, 1.0, 1.0],
    "geometry": {"type": "Point", "coordinates": [0.5, 0.5]},
    "properties": {"datetime": "2020-01-01T00:00:00Z"},
    "links": [],
    "assets": {},
}


@pytest.fixture
def api(platform: "Running") -> Iterator[httpx.Client]:
    """A client with the write token, as `swath env` gives it to a shell."""
    lines = (line.removeprefix("export ") for line in platform.swath("env").stdout.splitlines())
    environment = dict(shlex.split(line)[0].split("=", 1) for line in lines)
    token = environment["SWATH_API_WRITE_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"}
    url = environment["SWATH_API_URL"]
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        yield client


def ended(api: httpx.Client, job: str) -> dict[str, Any]:
    """The job when it has ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        told: dict[str, Any] = api.get(f"/jobs/{job}").json()
        if told["status"] not in {"accepted", "running"}:
            return told
        time.sleep(0.2)
    pytest.fail(f"job {job} does not end: {told}")


def run_state(platform: "Running", job: str) -> str:
    answer = httpx.get(f"{platform.url('prefect')}/api/flow_runs/{job}")
    return str(answer.json()["state"]["type"])


def test_a_product_comes_by_its_address_and_goes_everywhere(
    platform: "Running", api: httpx.Client
) -> None:
    products = platform.home.parent / "products"
    file = products / "extra" / "2024-02-01.tif"
    file.parent.mkdir()
    shutil.copy(products / "bad" / "good-20240101.tif", file)
    done = platform.swath("register", str(file), "--collection", "empty", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    job = json.loads(done.stdout)
    assert (job["status"], job["counts"]) == ("successful", {"found": 1, "registered": 1})
    assert job["request"] == {"type": "product", "url": file.as_uri(), "collection": "empty"}
    assert run_state(platform, job["jobID"]) == "COMPLETED"
    item = api.get("/collections/empty/items/2024-02-01")
    asset = item.json()["assets"]["data"]["href"]
    assert api.head(asset).status_code == 200
    removal = api.post("/deregistration", json={"url": file.as_uri()})
    assert removal.status_code == 201, removal.text
    gone = ended(api, removal.json()["jobID"])
    assert (gone["status"], gone["counts"]) == ("successful", {"found": 1, "deregistered": 1})
    assert api.get("/collections/empty/items/2024-02-01").status_code == 404
    assert api.head(asset).status_code == 404


def test_documents_are_registered_from_files(
    platform: "Running", api: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "app.cwl").write_text(CWL)
    done = platform.swath("register", str(tmp_path / "app.cwl"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == "successful 1 found, 1 registered"
    item = api.get("/collections/applications/items/ndvi").json()
    assert api.get(item["assets"]["application"]["href"]).text == CWL
    (tmp_path / "item.json").write_text(json.dumps(ITEM))
    done = platform.swath("register", str(tmp_path / "item.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert api.get("/collections/empty/items/by-hand").status_code == 200


def test_what_fails_is_told_and_quarantined(
    platform: "Running", api: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "item.json").write_text(json.dumps({**ITEM, "id": "bad", "geometry": None}))
    done = platform.swath("register", str(tmp_path / "item.json"))
    assert done.returncode == 1
    assert done.stdout.startswith("failed ")
    assert "geometry" in done.stdout
    listed = api.get("/quarantine", params={"collection": "empty"}).json()["quarantine"]
    (entry,) = [entry for entry in listed if entry["source"] == "registration"]
    assert entry["reason"] in done.stdout
    assert api.get(entry["links"][0]["href"]).json()["id"] == "bad"
    jobs = json.loads(platform.swath("jobs", "list", "--status", "failed", "--json").stdout)
    shown = platform.swath("jobs", "show", jobs[0]["jobID"], "--json")
    (result,) = json.loads(shown.stdout)["results"]
    assert (result["state"], result["reason"]) == ("quarantined", entry["reason"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://127.0.0.1:9/x.json", "--type", "stac-item"], "on a private network"),
        (["file:///etc", "--type", "product", "--collection", "empty"], "LOCAL_FOLDERS"),
    ],
)
def test_addresses_that_orders_must_not_reach(
    platform: "Running", arguments: list[str], said: str
) -> None:
    done = platform.swath("register", *arguments)
    assert done.returncode == 1
    assert said in done.stdout


def test_errors_of_the_api_are_one_clear_line(platform: "Running") -> None:
    for arguments, said in (
        (["https://a/b"], "say the --type of https://a/b"),
        (["https://a/b", "--type", "iso", "--collection", "nope"], "no collection 'nope'"),
        (["https://a/b", "--type", "map"], "type: Input should be 'stac-item'"),
    ):
        done = platform.swath("register", *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("swath: ")
        assert said in done.stderr
    missing = platform.swath("jobs", "show", "nonsense")
    assert (missing.returncode, missing.stderr.strip()) == (1, "swath: no job nonsense")


def test_a_job_is_cancelled_before_it_starts(platform: "Running", api: httpx.Client) -> None:
    order = {"type": "service", "url": "https://a.example/csw"}
    job = api.post("/registration", json=order).json()["jobID"]
    cancelled = platform.swath("jobs", "cancel", job)
    assert cancelled.stdout.strip() == f"{job} dismissed"
    again = platform.swath("jobs", "cancel", job)
    assert again.stdout.strip() == f"{job} dismissed"
    assert api.get(f"/jobs/{job}").json()["status"] == "dismissed"
    assert run_state(platform, job) in {"CANCELLED", "CANCELLING"}


def test_a_running_harvest_is_a_job_that_can_be_cancelled(
    platform: "Running", api: httpx.Client
) -> None:
    started = platform.swath("harvest", "run", "many", "--full", "--detach", "--json")
    job = json.loads(started.stdout)["run"]
    deadline = time.monotonic() + 60
    while api.get(f"/jobs/{job}").json().get("status") != "running":
        assert time.monotonic() < deadline, "it does not begin"
        time.sleep(0.05)
    assert api.get(f"/jobs/{job}").json()["processID"] == "harvest"
    assert api.delete(f"/jobs/{job}").json()["status"] == "dismissed"
    while run_state(platform, job) != "CANCELLED":
        assert time.monotonic() < deadline + 60, "its process does not end"
        time.sleep(0.2)
    assert api.get(f"/jobs/{job}").json()["status"] == "dismissed"
    assert api.delete(f"/jobs/{job}").status_code == 200
    again = platform.swath("harvest", "run", "many", "--json")
    assert again.returncode == 0, again.stdout + again.stderr
    late = api.delete(f"/jobs/{json.loads(again.stdout)['run']}")
    assert late.status_code == 409
