"""What a collection file says of deletions, duplicates, backfills and schedules, as it runs."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from infrastructure.local import lifecycle
from infrastructure.local.platform import environment

if TYPE_CHECKING:
    from tests.platform.conftest import Running

pytestmark = pytest.mark.platform

ROOT = Path(__file__).parent.parent.parent
SCENES = ROOT / "samples" / "itaipu"
BAND = next(SCENES.glob("*224077*/*_B2.TIF"))

Describe = Callable[..., Path]
Run = Callable[..., tuple[dict[str, int], str]]


@pytest.fixture(scope="module")
def run(platform: "Running") -> Iterator[Run]:
    """Run a harvest that has to end well; its counts and its words."""
    values = environment(lifecycle.open_home(platform.home))
    command = [sys.executable, str(Path(__file__).with_name("harvester.py"))]
    with (
        (platform.home / "harvester.log").open("w") as log,
        subprocess.Popen(
            command,
            env={**os.environ, **values},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):

        def run(collection: str, **parameters: Any) -> tuple[dict[str, int], str]:
            assert process.stdin
            assert process.stdout
            print(
                json.dumps({"collection": collection, **parameters}), file=process.stdin, flush=True
            )
            answer = process.stdout.readline()
            assert answer, (platform.home / "harvester.log").read_text()
            told = json.loads(answer)
            assert told["state"] == "Completed", told
            return told["counts"], told["message"]

        yield run
        process.terminate()


def write_story(platform: "Running", name: str, source: dict[str, Any], **keys: Any) -> Path:
    """Write a collection file."""
    words = {"id": name, "title": name, "description": name}
    file = platform.home.parent / "collections" / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**words, "source": source, **keys}))
    return file


@pytest.fixture
def describe(platform: "Running", tmp_path: Path) -> Describe:
    """Write the collection file of a folder or file."""

    def describe(name: str, source: dict[str, Any] | None = None, **keys: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        tmp_path.chmod(0o755)
        own = {"type": "folder", "url": str(folder), "scene": "file"}
        write_story(platform, name, source or own, **keys)
        return folder

    return describe


@pytest.fixture(scope="module")
def minutely(platform: "Running") -> Path:
    """The file of a collection that is harvested every minute from now on."""
    source = {"type": "folder", "url": str(platform.home.parent / "products" / "empty")}
    file = write_story(platform, "minutely", source, schedule="* * * * *")
    done = platform.swath("harvest", "deploy")
    assert "harvest/minutely" in done.stdout, done.stdout + done.stderr
    return file


def ids(platform: "Running", collection: str) -> list[str]:
    items = httpx.get(f"{platform.url('api')}/collections/{collection}/items?limit=100").json()
    return sorted(feature["id"] for feature in items["features"])


def item(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "upstream",
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "bbox": [1, 2, 1, 2],
        "properties": {"datetime": "2024-01-01T00:00:00Z", **properties},
        "links": [],
        "assets": {},
    }


def write_items(path: Path, *items: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))


@pytest.mark.usefixtures("minutely")
def test_what_upstream_deletes_goes_everywhere_but_never_too_much_at_once(
    platform: "Running", run: Run, describe: Describe
) -> None:
    folder = describe("gone", enrich=["cog"], deletions={"grace": "PT0S", "limit": 40})
    for day in range(1, 6):
        shutil.copy(BAND, folder / f"2024-01-{day:02d}.tif")
    run("gone")
    asset = f"{platform.url('api')}/collections/gone/items/2024-01-01"
    href = httpx.get(asset).json()["assets"]["data"]["href"]
    assert httpx.head(href).status_code == 200
    for day in (1, 2):
        (folder / f"2024-01-{day:02d}.tif").unlink()
    counts, _ = run("gone")
    assert (counts["missing"], counts["deregistered"], counts["unchanged"]) == (2, 2, 3)
    assert ids(platform, "gone") == ["2024-01-03", "2024-01-04", "2024-01-05"]
    assert [httpx.head(href).status_code, httpx.get(asset).status_code] == [404, 404]
    for day in (3, 4):
        (folder / f"2024-01-{day:02d}.tif").unlink()
    counts, message = run("gone")
    assert counts["deregistered"] == 0
    assert "2 of 3 items are gone upstream, more than the limit of 40 %" in message
    counts, _ = run("gone", yes=True)
    assert counts["deregistered"] == 2
    shutil.copy(BAND, folder / "2024-01-01.tif")
    counts, _ = run("gone")
    assert counts["registered"] == 1, "what upstream has again comes back"


def test_an_item_that_is_missing_stays_for_the_grace_period(
    platform: "Running", run: Run, describe: Describe
) -> None:
    folder = describe("grace", deletions={"grace": "P7D", "limit": 100})
    for day in (1, 2):
        shutil.copy(BAND, folder / f"2024-01-{day:02d}.tif")
    run("grace")
    (folder / "2024-01-01.tif").unlink()
    counts, _ = run("grace")
    assert (counts["missing"], counts["deregistered"]) == (1, 0)
    assert len(ids(platform, "grace")) == 2


def test_of_two_baselines_the_newer_wins_and_the_older_points_to_it(
    platform: "Running", run: Run, describe: Describe, tmp_path: Path
) -> None:
    path = tmp_path / "baselines.ndjson"
    names = ["S2A_T33TXN_N0208", "S2A_T33TXN_N0500", "S2A_T33TXM_N0500"]
    write_items(path, *(item(n, **{"s2:processing_baseline": n[-4:]}) for n in names))
    describe("baselines", {"type": "stac_bulk", "url": str(path)}, duplicates={"id": "^(.*)_N"})
    counts, _ = run("baselines")
    assert (counts["registered"], counts["superseded"]) == (2, 1)
    items = f"{platform.url('api')}/collections/baselines/items"
    old = httpx.get(f"{items}/{names[0]}").json()
    assert old["properties"]["deprecated"] is True
    (successor,) = (link["href"] for link in old["links"] if link["rel"] == "successor-version")
    assert httpx.get(successor).json()["id"] == names[1]


def test_a_bad_record_never_enters_and_can_be_looked_at(
    platform: "Running", run: Run, describe: Describe, tmp_path: Path
) -> None:
    path = tmp_path / "records.ndjson"
    write_items(path, item("good"), item("bad", **{"eo:cloud_cover": "lots"}))
    describe("records", {"type": "stac_bulk", "url": str(path)})
    counts, _ = run("records")
    assert (counts["registered"], counts["quarantined"]) == (1, 1)
    (name,) = platform.quarantine("records")
    assert "properties.eo:cloud_cover" in platform.quarantine("records")[name]
    original = json.loads(platform.swath("quarantine", "show", "records", name).stdout)
    assert original["properties"]["eo:cloud_cover"] == "lots"
    write_items(path, item("good"), item("bad", **{"eo:cloud_cover": 7}))
    counts, _ = run("records")
    assert (counts["registered"], counts["quarantined"]) == (1, 0)
    assert platform.quarantine("records") == {}


def test_a_backfill_goes_window_by_window_and_goes_on_where_it_stopped(
    platform: "Running", run: Run, describe: Describe, tmp_path: Path
) -> None:
    path = tmp_path / "months.ndjson"
    months = [f"2024-{month:02d}-15T00:00:00Z" for month in range(1, 7)]
    write_items(path, *(item(moment[:7], datetime=moment) for moment in months))
    describe("months", {"type": "stac_bulk", "url": str(path)})
    span = "2024-02-01T00:00:00Z/2024-05-01T00:00:00Z"
    counts, _ = run("months", acquired=span, window="P30D")
    assert counts["registered"] == 3
    assert ids(platform, "months") == ["2024-02", "2024-03", "2024-04"]
    _, message = run("months", acquired=span, window="P30D")
    assert "3 of 3 windows were done before" in message
    counts, _ = run("months")
    assert (counts["registered"], counts["missing"]) == (3, 0)


def test_bounds_of_the_source_hold_whatever_it_can_filter(
    platform: "Running", run: Run, describe: Describe, tmp_path: Path
) -> None:
    path = tmp_path / "bounds.ndjson"
    clouds = {"clear": 3, "cloudy": 90, "left-out": 1}
    write_items(path, *(item(name, **{"eo:cloud_cover": c}) for name, c in clouds.items()))
    source = {"filter": "eo:cloud_cover < 10", "skip": ["*/left-*"]}
    describe("bounds", {"type": "stac_bulk", "url": str(path), **source})
    counts, _ = run("bounds")
    assert (counts["registered"], counts["skipped"]) == (1, 1)
    assert ids(platform, "bounds") == ["clear"]


def test_schedules_follow_the_collection_files(platform: "Running", minutely: Path) -> None:
    api = f"{platform.url('prefect')}/api"
    name = f"{api}/deployments/name/harvest/minutely"
    found = httpx.get(name).json()
    assert [s["schedule"]["cron"] for s in found["schedules"]] == ["* * * * *"]
    assert found["global_concurrency_limit"]["limit"] == 1
    wanted = {
        "deployments": {"id": {"any_": [found["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["FAILED", "COMPLETED"]}}},
    }
    deadline = time.monotonic() + 120
    while not (runs := httpx.post(f"{api}/flow_runs/filter", json=wanted).json()):
        assert time.monotonic() < deadline, "the schedule starts nothing"
        time.sleep(0.5)
    assert runs[0]["auto_scheduled"]
    assert "holds no products" in runs[0]["state"]["message"]
    minutely.write_text(minutely.read_text().replace("'* * * * *'", "PT1H"))
    platform.swath("harvest", "deploy")
    assert [s["schedule"]["interval"] for s in httpx.get(name).json()["schedules"]] == [3600.0]
    minutely.unlink()
    platform.swath("harvest", "deploy")
    assert httpx.get(name).status_code == 404
