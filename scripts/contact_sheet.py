"""Draw all thumbnails that enrichment makes of a folder of products on one sheet.

Run as: python -m scripts.contact_sheet FOLDER [docs/images/contact-sheet.jpg]

Each folder in FOLDER is searched for products as `source: {type: folder}` does; the default readers
read them. Products without a picture are listed with the reason.
"""

import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw

from flows.collection import CollectionFile
from flows.found import Found
from flows.packages.names import RASTERS, matches
from flows.product import prepare
from flows.scope import Scope
from flows.sources import folder
from infrastructure.entry import Entry
from infrastructure.errors import SwathError
from infrastructure.storage import Store, gdal_path, open_store

TARGET = "docs/images/contact-sheet.jpg"
CELL = 190
"""Side of a thumbnail on the sheet, pixels."""
GAP = 8
LABEL = 26
COLUMNS = 8
MOST = 600_000
"""Size of the sheet's file, bytes."""
PER_FOLDER = 8
"""Most thumbnails of one folder, so that a long series does not fill the sheet."""
UNDATED = "2000-01-01T00:00:00Z"
"""Time of images that tell none: they are drawn all the same."""
PAPER = (250, 250, 250)
INK = (40, 40, 40)
CHEQUERS = ((225, 225, 225), (240, 240, 240))


@dataclass(frozen=True)
class Cell:
    """A thumbnail and its name."""

    name: str
    image: Image.Image


def main(root: Path, target: Path) -> None:
    """Make the sheet, and say which products gave no thumbnail."""
    cells: list[Cell] = []
    none: list[str] = []
    for place in sorted(path for path in root.iterdir() if path.is_dir()):
        made = _folder(place, none)
        cells += made[:PER_FOLDER]
        print(f"{place.name}: {len(made)} thumbnails")
    quality = _write(_sheet(cells), target)
    print(f"{target}: {len(cells)} of them, {target.stat().st_size} bytes, quality {quality}")
    print(f"{len(none)} products without:", *none, sep="\n  ")


def _folder(place: Path, none: list[str]) -> list[Cell]:
    cells = []
    with TemporaryDirectory(prefix="swath-") as scratch:
        store = open_store(Path(scratch).as_uri())
        for found in _products(place):
            try:
                entry = prepare(found, _story(), store, lambda *_: None)
            except SwathError as error:
                none.append(f"{place.name}/{found.upstream_id}: {error}")
                continue
            image = _thumbnail(entry, store) if entry else None
            if image is None:
                none.append(f"{place.name}/{found.upstream_id}: no data asset")
            else:
                cells.append(Cell(entry.item["id"] if entry else "", image))
    return cells


def _products(place: Path) -> Iterator[Found]:
    """The products of a folder: its files as one by one if no subfolder holds rasters."""
    deep = any(matches(path.name, RASTERS) for path in place.glob("*/**/*"))
    try:
        yield from folder.search(
            Scope(base=place), url=str(place), scene="folder" if deep else _scene(place)
        )
    except SwathError as error:
        yield Found(place.name, "", error=str(error))


def _scene(place: Path) -> folder.Scene:
    """`root` for the bands of one product, told by its metadata; else `file`."""
    names = {path.name.lower() for path in place.iterdir()}
    told = {"tileinfo.json", "metadata.xml", "productinfo.json"} & names
    items = [name for name in names if name.endswith(".json")]
    return "root" if told or len(items) == 1 else "folder"


def _story() -> CollectionFile:
    return CollectionFile.model_validate(
        {
            "id": "products",
            "title": "Products",
            "description": "Products",
            "source": {"type": "folder"},
            "reader_options": {"geotiff": {"time": UNDATED}},
            "enrich": ["thumbnail"],
        }
    )


def _thumbnail(entry: Entry, store: Store) -> Image.Image | None:
    asset = entry.item["assets"].get("thumbnail")
    if asset is None or store.key(asset["href"]) is None:
        return None
    image: Image.Image = Image.open(gdal_path(asset["href"])).convert("RGBA")
    image.thumbnail((CELL, CELL))
    times = CELL // max(image.size)  # what is smaller is shown pixel by pixel
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def _sheet(cells: list[Cell]) -> Image.Image:
    rows = [cells[first : first + COLUMNS] for first in range(0, len(cells), COLUMNS)]
    heights = [max(cell.image.height for cell in row) + LABEL + GAP for row in rows]
    sheet = Image.new("RGB", (COLUMNS * (CELL + GAP) + GAP, sum(heights) + GAP), PAPER)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, cell in enumerate(row):
            _paste(sheet, cell, (GAP + column * (CELL + GAP), top))
        top += height
    return sheet


def _paste(sheet: Image.Image, cell: Cell, place: tuple[int, int]) -> None:
    ground = _chequered(cell.image.size)
    ground.paste(cell.image, (0, 0), cell.image)
    sheet.paste(ground, place)
    lines = textwrap.wrap(cell.name, 30, break_on_hyphens=False)[:2]
    below = (place[0], place[1] + cell.image.height + 2)
    ImageDraw.Draw(sheet).multiline_text(below, "\n".join(lines), INK, spacing=1)


def _chequered(size: tuple[int, int]) -> Image.Image:
    """A ground that shows what is clear."""
    ground = Image.new("RGB", size, CHEQUERS[0])
    pen = ImageDraw.Draw(ground)
    for top in range(0, size[1], 8):
        for left in range(8 * (top // 8 % 2), size[0], 16):
            pen.rectangle((left, top, left + 7, top + 7), CHEQUERS[1])
    return ground


def _write(sheet: Image.Image, target: Path) -> int:
    """Write the sheet as well as its size allows; returns JPEG's quality."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(90, 20, -5):
        sheet.save(target, quality=quality, optimize=True, progressive=True)
        if target.stat().st_size <= MOST:
            return quality
    raise SystemExit(f"{target}: the sheet is larger than {MOST} bytes at any quality")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else TARGET))
