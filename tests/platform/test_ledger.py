"""What a collection file says of deletions, duplicates, backfills and schedules, as it runs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

if TYPE_CHECKING:
    from tests.platform.conftest import Running

pytestmark = pytest.mark.platform

SCENES = Path(__file__).parent.parent.parent / "samples" / "itaipu"
BAND = next(SCENES.glob("*224077*/*_B2.TIF"))

Deploy = Callable[..., Path]


@pytest.fixture
def deploy(platform: "Running", tmp_path: Path) -> Deploy:
    """Make a collection of a folder or file, and let Prefect know it."""

    def deploy(name: str, source: dict[str, Any] | None = None, **keys: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        tmp_path.chmod(0o755)
        story = {
            "id": name,
            "title": name,
            "description": name,
            "source": source or {"type": "folder", "url": str(folder), "scene": "file"},
            **keys,
        }
        file = platform.home.parent / "collections" / f"{name}.yaml"
        file.write_text(yaml.safe_dump(story))
        done = platform.swath("harvest", "deploy")
        assert f"harvest/{name}" in done.stdout, done.stdout + done.stderr
        return folder

    return deploy


def run(platform: "Running", *arguments: str) -> tuple[dict[str, int], str]:
    """Run a harvest that has to end well; its counts and its words."""
    done = platform.swath("harvest", *arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    ended = json.loads(done.stdout)
    return ended["counts"], ended["message"]


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


def test_what_upstream_deletes_goes_everywhere_but_never_too_much_at_once(
    platform: "Running", deploy: Deploy
) -> None:
    folder = deploy("gone", enrich=["cog"], deletions={"grace": "PT0S", "limit": 40})
    for day in range(1, 6):
        shutil.copy(BAND, folder / f"2024-01-{day:02d}.tif")
    run(platform, "run", "gone")
    asset = f"{platform.url('api')}/collections/gone/items/2024-01-01"
    href = httpx.get(asset).json()["assets"]["data"]["href"]
    assert httpx.head(href).status_code == 200
    for day in (1, 2):
        (folder / f"2024-01-{day:02d}.tif").unlink()
    counts, _ = run(platform, "run", "gone")
    assert (counts["missing"], counts["deregistered"], counts["unchanged"]) == (2, 2, 3)
    assert ids(platform, "gone") == ["2024-01-03", "2024-01-04", "2024-01-05"]
    assert [httpx.head(href).status_code, httpx.get(asset).status_code] == [404, 404]
    for day in (3, 4):
        (folder / f"2024-01-{day:02d}.tif").unlink()
    counts, message = run(platform, "run", "gone")
    assert counts["deregistered"] == 0
    assert "2 of 3 items are gone upstream, more than the limit of 40 %" in message
    counts, _ = run(platform, "run", "gone", "--yes")
    assert counts["deregistered"] == 2
    shutil.copy(BAND, folder / "2024-01-01.tif")
    counts, _ = run(platform, "run", "gone")
    assert counts["registered"] == 1, "what upstream has again comes back"


def test_an_item_that_is_missing_stays_for_the_grace_period(
    platform: "Running", deploy: Deploy
) -> None:
    folder = deploy("grace", deletions={"grace": "P7D", "limit": 100})
    for day in (1, 2):
        shutil.copy(BAND, folder / f"2024-01-{day:02d}.tif")
    run(platform, "run", "grace")
    (folder / "2024-01-01.tif").unlink()
    counts, _ = run(platform, "run", "grace")
    assert (counts["missing"], counts["deregistered"]) == (1, 0)
    assert len(ids(platform, "grace")) == 2


def test_of_two_baselines_the_newer_wins_and_the_older_points_to_it(
    platform: "Running", deploy: Deploy, tmp_path: Path
) -> None:
    path = tmp_path / "baselines.ndjson"
    names = ["S2A_T33TXN_N0208", "S2A_T33TXN_N0500", "S2A_T33TXM_N0500"]
    write_items(path, *(item(n, **{"s2:processing_baseline": n[-4:]}) for n in names))
    deploy("baselines", {"type": "stac_bulk", "url": str(path)}, duplicates={"id": "^(.*)_N"})
    counts, _ = run(platform, "run", "baselines")
    assert (counts["registered"], counts["superseded"]) == (2, 1)
    items = f"{platform.url('api')}/collections/baselines/items"
    old = httpx.get(f"{items}/{names[0]}").json()
    assert old["properties"]["deprecated"] is True
    (successor,) = (link["href"] for link in old["links"] if link["rel"] == "successor-version")
    assert httpx.get(successor).json()["id"] == names[1]


def test_a_bad_record_never_enters_and_can_be_looked_at(
    platform: "Running", deploy: Deploy, tmp_path: Path
) -> None:
    path = tmp_path / "records.ndjson"
    write_items(path, item("good"), item("bad", **{"eo:cloud_cover": "lots"}))
    deploy("records", {"type": "stac_bulk", "url": str(path)})
    counts, _ = run(platform, "run", "records")
    assert (counts["registered"], counts["quarantined"]) == (1, 1)
    (name,) = platform.quarantine("records")
    assert "properties.eo:cloud_cover" in platform.quarantine("records")[name]
    original = json.loads(platform.swath("quarantine", "show", "records", name).stdout)
    assert original["properties"]["eo:cloud_cover"] == "lots"
    write_items(path, item("good"), item("bad", **{"eo:cloud_cover": 7}))
    counts, _ = run(platform, "run", "records")
    assert (counts["registered"], counts["quarantined"]) == (1, 0)
    assert platform.quarantine("records") == {}


def test_a_backfill_goes_window_by_window_and_goes_on_where_it_stopped(
    platform: "Running", deploy: Deploy, tmp_path: Path
) -> None:
    path = tmp_path / "months.ndjson"
    months = [f"2024-{month:02d}-15T00:00:00Z" for month in range(1, 7)]
    write_items(path, *(item(moment[:7], datetime=moment) for moment in months))
    deploy("months", {"type": "stac_bulk", "url": str(path)})
    span = "2024-02-01T00:00:00Z/2024-05-01T00:00:00Z"
    counts, _ = run(platform, "backfill", "months", span, "--window", "P30D")
    assert counts["registered"] == 3
    assert ids(platform, "months") == ["2024-02", "2024-03", "2024-04"]
    _, message = run(platform, "backfill", "months", span, "--window", "P30D")
    assert "3 of 3 windows were done before" in message
    counts, _ = run(platform, "run", "months")
    assert (counts["registered"], counts["missing"]) == (3, 0)


def test_bounds_of_the_source_hold_whatever_it_can_filter(
    platform: "Running", deploy: Deploy, tmp_path: Path
) -> None:
    path = tmp_path / "bounds.ndjson"
    clouds = {"clear": 3, "cloudy": 90, "left-out": 1}
    write_items(path, *(item(name, **{"eo:cloud_cover": c}) for name, c in clouds.items()))
    source = {"filter": "eo:cloud_cover < 10", "skip": ["*/left-*"]}
    deploy("bounds", {"type": "stac_bulk", "url": str(path), **source})
    counts, _ = run(platform, "run", "bounds")
    assert (counts["registered"], counts["skipped"]) == (1, 1)
    assert ids(platform, "bounds") == ["clear"]


def test_schedules_follow_the_collection_files(platform: "Running", deploy: Deploy) -> None:
    deploy("scheduled", schedule="PT15M")
    api = f"{platform.url('prefect')}/api/deployments"

    def deployment() -> httpx.Response:
        return httpx.get(f"{api}/name/harvest/scheduled")

    found = deployment().json()
    assert [s["schedule"]["interval"] for s in found["schedules"]] == [900.0]
    assert found["global_concurrency_limit"]["limit"] == 1
    deploy("scheduled", schedule="0 3 * * *")
    assert [s["schedule"]["cron"] for s in deployment().json()["schedules"]] == ["0 3 * * *"]
    (platform.home.parent / "collections" / "scheduled.yaml").unlink()
    platform.swath("harvest", "deploy")
    assert deployment().status_code == 404
