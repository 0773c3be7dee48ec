"""Sentinel-2 products of which parts are missing."""

import re
from pathlib import Path

import pytest

from flows.found import Found
from flows.readers import sentinel2
from infrastructure.errors import Unreadable


def lima(shared_data: Path) -> Path:
    (folder,) = (shared_data / "imagery/sentinel2-l1c-safe-lima").iterdir()
    return folder


def product(folder: Path) -> Found:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path.as_uri() for path in files}
    return Found(folder.name, "1", named)


def test_a_band_that_was_cut_off_is_not_told_as_missing_but_refused(shared_data: Path) -> None:
    with pytest.raises(Unreadable, match=r"B02\.jp2: no raster"):
        sentinel2.read(product(lima(shared_data)))


@pytest.mark.parametrize("told", [None, "one"])
def test_metadata_without_the_number_of_the_orbit_are_refused_by_name(
    shared_data: Path, tmp_path: Path, told: str | None
) -> None:
    text = (lima(shared_data) / "MTD_MSIL1C.xml").read_text("utf-8")
    orbit = f"<SENSING_ORBIT_NUMBER>{told}</SENSING_ORBIT_NUMBER>" if told else ""
    changed = re.sub("<SENSING_ORBIT_NUMBER>.*</SENSING_ORBIT_NUMBER>", orbit, text)
    (tmp_path / "MTD_MSIL1C.xml").write_text(changed, "utf-8")
    with pytest.raises(Unreadable, match=r"MTD_MSIL1C\.xml: .*SENSING_ORBIT_NUMBER"):
        sentinel2.read(product(tmp_path))


def test_a_satellite_without_a_known_designator_has_none(shared_data: Path, tmp_path: Path) -> None:
    text = (lima(shared_data) / "MTD_MSIL1C.xml").read_text("utf-8")
    (tmp_path / "MTD_MSIL1C.xml").write_text(text.replace("Sentinel-2A", "Sentinel-2D"), "utf-8")
    item = sentinel2.read(product(tmp_path))
    assert item.properties["platform"] == "sentinel-2d"
    assert "sat:platform_international_designator" not in item.properties
