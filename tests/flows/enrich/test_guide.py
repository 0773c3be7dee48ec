"""The guide to the steps names each of them, and the order that it shows works on real products."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from flows import collection as collections
from flows.found import Found
from flows.product import check, prepare
from infrastructure import plugins
from infrastructure.entry import Entry
from infrastructure.errors import Unreadable
from infrastructure.storage import open_store

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "choose-enrichment-steps.md"

HEAD = {
    "id": "c",
    "title": "C",
    "description": "C.",
    "license": "other",
    "source": {"type": "folder", "url": "."},
}


def test_the_guide_says_what_each_step_is_for() -> None:
    rows = re.findall(r"^\| .+ \| `(\w+)` \| .+ \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert set(plugins.names("flows.enrich")) <= set(rows)


def prepared(folder: Path, files: dict[str, Path]) -> Entry:
    """A product after the steps that the guide shows first."""
    part = re.search(
        r"^```yaml\n(enrich:\n.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert part
    path = folder / "c.yaml"
    path.write_text(yaml.safe_dump({**HEAD, **yaml.safe_load(part[1])}), "utf-8")
    story = collections.load(path)
    check(story)
    found = Found("scene", "1", {name: path.as_uri() for name, path in files.items()})
    entry = prepare(found, story, open_store((folder / "store").as_uri()), lambda *_: None)
    assert entry
    return entry


def test_its_order_works_on_a_real_scene(shared_data: Path, tmp_path: Path) -> None:
    scene = shared_data / "imagery/landsat8-c2l2-greenland-005009"
    files = {path.name: path for path in scene.iterdir() if path.suffix in {".TIF", ".txt"}}
    document = prepared(tmp_path, files).item
    assert len(document["properties"]["swath:missing"]) == 14
    assert document["properties"]["swath:clear_percentage"] == 39.16
    assert "converted to cloud-optimised GeoTIFF" in document["properties"]["processing:lineage"]
    store = (tmp_path / "store").as_uri()
    assert all(asset["href"].startswith(store) for asset in document["assets"].values())
    assert all(asset["file:size"] for asset in document["assets"].values())
    assert prepared(tmp_path, files).item == document


def test_what_differs_from_its_manifest_is_not_registered(
    shared_data: Path, tmp_path: Path
) -> None:
    (manifest,) = (shared_data / "iso/safe-manifests/sentinel3").rglob("xfdumanifest.xml")
    shutil.copy(manifest, tmp_path)
    (tmp_path / "flags_in.nc").write_bytes(b"broken off")
    files = {name: tmp_path / name for name in ("xfdumanifest.xml", "flags_in.nc")}
    with pytest.raises(Unreadable, match=r"flags_in\.nc has 10 bytes instead of 2021106"):
        prepared(tmp_path, files)
