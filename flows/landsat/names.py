"""Landsat's product names (USGS LSDS-1336 and LSDS-1337, Collections 1 and 2)."""

import re
from dataclasses import dataclass

FILE = re.compile(
    r"L(?P<sensor>[COTEM])(?P<satellite>\d\d)_(?P<level>L1TP|L1GT|L1GS|L2SP|L2SR)"
    r"_(?P<path>\d{3})(?P<row>\d{3})_(?P<day>\d{8})_(?P<processed>\d{8})"
    r"_(?P<collection>\d\d)_(?P<tier>T1|T2|RT|A1|A2)_(?P<part>[A-Z0-9_]+)\.TIF",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Scene:
    """What a product's name tells."""

    sensor: str
    """C: OLI and TIRS, O: OLI, T: TIRS or TM, E: ETM+, M: MSS."""
    satellite: str
    """Two digits."""
    level: str
    path: str
    row: str
    day: str
    """YYYYMMDD, of the acquisition."""
    processed: str
    """YYYYMMDD, of the processing."""
    collection: str
    """Two digits."""
    tier: str

    @property
    def product(self) -> str:
        """The product's name."""
        return (
            f"L{self.sensor}{self.satellite}_{self.level}_{self.path}{self.row}"
            f"_{self.day}_{self.processed}_{self.collection}_{self.tier}"
        )


def parse(name: str) -> tuple[Scene, str] | None:
    """The scene that a band file belongs to, and the part of it that it is: B4, SR_B4, QA_PIXEL."""
    match = FILE.fullmatch(name)
    if match is None:
        return None
    fields = {key: value.upper() for key, value in match.groupdict().items()}
    part = fields.pop("part")
    return Scene(**fields), part
