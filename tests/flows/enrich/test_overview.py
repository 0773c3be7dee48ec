"""Large pictures: their size, and the format that suits them."""

from pathlib import Path

import numpy as np
import pystac
import pytest
from PIL import Image

from enriching import checked, shelf_in
from flows.enrich import overview
from infrastructure.storage import Shelf
from rasters import one, path_of, write


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


NOISE = np.random.default_rng(1).integers(1, 4000, (2100, 1500)).astype("uint16")
CLASSES = np.ones((60, 60), "uint8")


def opened(item: pystac.Item) -> tuple[str | None, tuple[int, int]]:
    with Image.open(path_of(item, "overview")) as image:
        return image.format, image.size


CASES = {
    "full": (NOISE, None, "JPEG", (1463, 2048)),
    "clear parts": (np.pad(NOISE, ((300, 0), (0, 0))), 0, "WEBP", (1280, 2048)),
    "few colours": (CLASSES, None, "PNG", (60, 60)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_format_suits_the_picture(case: str, tmp_path: Path, shelf: Shelf) -> None:
    values, nodata, kind, size = CASES[case]
    item = one(write(tmp_path / "a.tif", values, nodata=nodata))
    for _ in range(2):
        item = overview.enrich(item, shelf)
    asset = checked(item)["assets"]["overview"]
    assert (asset["type"], asset["roles"]) == (f"image/{kind.lower()}", ["overview"])
    assert opened(item) == (kind, size)


def test_the_format_can_be_told(tmp_path: Path, shelf: Shelf) -> None:
    item = overview.enrich(one(write(tmp_path / "a.tif", NOISE)), shelf, size=256, format="webp")
    assert opened(item) == ("WEBP", (183, 256))
