"""CBERS-4 and CBERS-4A: names of files and bands (INPE, http://www.cbers.inpe.br)."""

import re
from dataclasses import dataclass

FILE = re.compile(
    r"CBERS_(?P<satellite>4A?)_(?P<camera>[A-Z0-9]+)_(?P<day>\d{8})_(?P<path>\d{3})_(?P<row>\d{3})"
    r"_L(?P<level>\d[A-Z]?)_BAND(?P<band>\d{1,2})\.tif",
    re.IGNORECASE,
)

GREEN, RED, NIR = ("green", 0.555, 0.07), ("red", 0.66, 0.06), ("nir", 0.83, 0.12)
BLUE = ("blue", 0.485, 0.07)

BANDS: dict[str, dict[str, tuple[str, float, float]]] = {
    "PAN5M": {"1": ("pan", 0.68, 0.34)},
    "PAN10M": {"2": GREEN, "3": RED, "4": NIR},
    "MUX": {"5": BLUE, "6": GREEN, "7": RED, "8": NIR},
    "IRS": {
        "9": ("pan", 0.7, 0.4), "10": ("swir16", 1.65, 0.2), "11": ("swir22", 2.215, 0.27),
        "12": ("lwir", 11.45, 2.1),
    },
    "AWFI": {"13": BLUE, "14": GREEN, "15": RED, "16": NIR},
    "WFI": {"13": BLUE, "14": GREEN, "15": RED, "16": NIR},
    "WPM": {"0": ("pan", 0.675, 0.45), "1": BLUE, "2": GREEN, "3": RED, "4": NIR},
}  # fmt: skip
"""Camera -> band -> common name, centre and full width at half maximum in micrometres."""


@dataclass(frozen=True)
class Scene:
    """What the names of a scene's files have in common."""

    satellite: str
    """4 or 4A."""
    camera: str
    day: str
    """YYYYMMDD."""
    path: str
    row: str
    level: str

    @property
    def name(self) -> str:
        """The scene's name."""
        place = f"{self.path}_{self.row}"
        return f"CBERS_{self.satellite}_{self.camera}_{self.day}_{place}_L{self.level}"


def parse(name: str) -> tuple[Scene, str] | None:
    """The scene that a file belongs to, and the number of its band."""
    found = FILE.fullmatch(name)
    if found is None:
        return None
    fields = ("satellite", "camera", "day", "path", "row", "level")
    return Scene(*(found[field].upper() for field in fields)), found["band"]
