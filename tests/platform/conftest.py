"""The embedded platform with the sample in it, started once per run as a user starts it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
SAMPLE = "landsat8-itaipu"
SCENES = ROOT / "samples" / "itaipu"


@dataclass(frozen=True)
class Running:
    """A running platform and what its first demo said."""

    home: Path
    first_demo: str

    def swath(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a swath command against this platform."""
        return swath(self.home, *arguments)

    def status(self) -> dict[str, dict[str, Any]]:
        """The services by name."""
        return {row["name"]: row for row in json.loads(self.swath("status", "--json").stdout)}

    def url(self, service: str) -> str:
        """The address of a service."""
        return str(self.status()[service]["url"])

    def quarantine(self, collection: str) -> dict[str, str]:
        """Product -> reason."""
        answer = self.swath("quarantine", "list", collection, "--json")
        return {row["upstream_id"]: row["reason"] for row in json.loads(answer.stdout)}


def swath(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process of its own, as a shell would."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "PREFECT_", "SWATH_"))}
    command = [sys.executable, "-m", "infrastructure.cli", *arguments]
    environment = {**kept, "SWATH_HOME": str(home), "COLUMNS": "200"}
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )


def write_collections(folder: Path, products: Path) -> None:
    """The shipped sample, and collections that put the harvest to the test."""
    folder.mkdir()
    sample = (ROOT / "flows" / "collections" / "itaipu.yaml").read_text()
    (folder / "itaipu.yaml").write_text(sample.replace("../../samples/itaipu", str(SCENES)))
    steps = ["cog", "projection", "raster", "thumbnail", "file"]
    folders = {name: products / name for name in ("many", "bad", "empty")}
    sources: dict[str, dict[str, Any]] = {
        name: {"type": "folder", "url": str(path)} for name, path in folders.items()
    }
    sources["down"] = {"type": "stac_api", "url": "http://127.0.0.1:9/"}
    for name, source in sources.items():
        story = {"id": name, "title": name, "description": name, "source": source, "enrich": steps}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(story))


def write_products(folder: Path) -> None:
    """Sixteen good rasters, and one of each kind of bad one beside a good one."""
    good = next(SCENES.glob("*224077*/*_B2.TIF"))
    many, bad, empty = (folder / name for name in ("many", "bad", "empty"))
    for path in (many, bad, empty, bad / "nothing-in-it"):
        path.mkdir(parents=True)
    for day in range(1, 17):
        shutil.copy(good, many / f"2024-01-{day:02d}.tif")
    shutil.copy(good, bad / "good-20240101.tif")
    shutil.copy(good, bad / "without-date.tif")
    (bad / "truncated-20240101.tif").write_bytes(good.read_bytes()[:-200_000])
    (bad / "words-20240101.tif").write_text("These are words.")
    write_without_crs(good, bad / "nowhere-20240101.tif")


def write_without_crs(source: Path, target: Path) -> None:
    """The same pixels, on no place of the Earth."""
    import rasterio

    with rasterio.open(source) as there:
        profile = {**there.profile, "crs": None, "transform": None}
        with rasterio.open(target, "w", **profile) as here:
            here.write(there.read())


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The platform after `swath demo`."""
    folder = tmp_path_factory.mktemp("platform")
    home = folder / "home"
    write_products(folder / "products")
    write_collections(folder / "collections", folder / "products")
    settings = [
        f"SWATH_HARVEST_COLLECTIONS={folder / 'collections'}",
        f"SWATH_HARVEST_LOCAL_FOLDERS={folder / 'products'}",
        "SWATH_HARVEST_BATCH=2",
    ]
    options = [text for setting in settings for text in ("--set", setting)]
    try:
        started = swath(home, "up", *options)
        assert started.returncode == 0, started.stdout + started.stderr
        demo = swath(home, "demo")
        assert demo.returncode == 0, demo.stdout + demo.stderr
        yield Running(home, demo.stdout)
    finally:
        swath(home, "down", "--delete-data", "--yes")
