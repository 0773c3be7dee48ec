"""Landsat's names: of products (USGS LSDS-1336 and LSDS-1337) and of scenes before Collection 1."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath

PART = r"_(?P<part>[A-Z][A-Z0-9_]*)\.(?P<suffix>[A-Z0-9]+)"

ACQUISITION = (
    r"L(?P<sensor>[COTEM])(?P<satellite>\d\d)_(?P<level>L1TP|L1GT|L1GS|L2SP|L2SR)"
    r"_(?P<path>\d{3})(?P<row>\d{3})_(?P<day>\d{8})"
)

PRODUCT = ACQUISITION + r"_\d{8}_(?P<collection>\d\d)_(?P<tier>T1|T2|RT|A1|A2)"

SCENE = (
    r"L(?P<sensor>[COTEM])(?P<satellite>\d)(?P<path>\d{3})(?P<row>\d{3})(?P<day>\d{7})[A-Z]{3}\d\d"
)
"""Before the collections; the day is that of the year."""

SHORT = re.compile(f"{ACQUISITION}{PART}", re.IGNORECASE)
"""A file of which only its folder has the product's whole name."""

WHOLE = re.compile(PRODUCT, re.IGNORECASE)

FORMS = [re.compile(f"(?P<product>{name}){PART}", re.IGNORECASE) for name in (PRODUCT, SCENE)]

RASTERS = {"TIF", "TIFF"}


@dataclass(frozen=True)
class Scene:
    """What a product's name tells."""

    product: str
    """The name."""
    sensor: str
    """C: OLI and TIRS, O: OLI, T: TIRS or TM, E: ETM+, M: MSS."""
    satellite: int
    path: str
    """Three digits, as `row`."""
    row: str
    day: str
    """Of the acquisition: YYYYMMDD, or YYYYDDD before the collections."""
    level: str | None = None
    collection: str | None = None
    """Two digits; None before the collections."""
    tier: str | None = None

    @property
    def date(self) -> date:
        """The day of the acquisition.

        Raises:
            ValueError: there is no such day.
        """
        form = "%Y%m%d" if self.collection else "%Y%j"
        return datetime.strptime(self.day, form).date()  # noqa: DTZ007 - a day, no moment


@dataclass(frozen=True)
class File:
    """A file of a scene."""

    scene: Scene
    part: str
    """B4, SR_B4, QA_PIXEL, MTL ..."""
    suffix: str
    """TIF, TXT, JSON ..."""

    @property
    def is_raster(self) -> bool:
        """Whether it is a raster."""
        return self.suffix in RASTERS


def parse(name: str, folder: str) -> File | None:
    """The scene that a file belongs to, and what part of it the file is.

    Args:
        name: The file's name.
        folder: Path of the folder that it is in.
    """
    told = _whole(name, PurePosixPath(folder).name)
    found = next((match for form in FORMS if (match := form.fullmatch(told))), None)
    if found is None:
        return None
    fields = {key: value.upper() for key, value in found.groupdict().items()}
    part, suffix, satellite = (fields.pop(key) for key in ("part", "suffix", "satellite"))
    return File(Scene(**fields, satellite=int(satellite)), part, suffix)


def _whole(name: str, product: str) -> str:
    """The name of a file with the whole name of its product, which its folder may have alone."""
    short, whole = SHORT.fullmatch(name), WHOLE.fullmatch(product)
    if not short or not whole:
        return name
    same = name[: short.end("day")].upper() == product[: whole.end("day")].upper()
    return f"{product}{name[short.end('day') :]}" if same else name
