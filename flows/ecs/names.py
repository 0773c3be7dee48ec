"""Names of land granules of MODIS and VIIRS: `MYD13A1.A2020153.h30v10.006.2020170024036`.

MODIS Land tiles, https://modis-land.gsfc.nasa.gov/MODLAND_grid.html
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NAME = re.compile(
    r"(?P<product>(?P<satellite>MOD|MYD|MCD|VNP|VJ1|VJ2)\d{2}[A-Z0-9]{1,4})"
    r"\.A(?P<day>\d{7})\.h(?P<h>\d{2})v(?P<v>\d{2})\.(?P<collection>\d{3})\.(?P<made>\d{13})"
)

PLATFORMS = {
    "MOD": "terra", "MYD": "aqua", "MCD": None,
    "VNP": "suomi-npp", "VJ1": "noaa-20", "VJ2": "noaa-21",
}  # fmt: skip
"""What a product's name begins with -> platform; MCD is of both that carry a MODIS."""

DAYS = {"13Q1": 16, "13A1": 16, "13A2": 16, "13C1": 16, "09A1": 8, "09Q1": 8, "10A2": 8,
        "11A2": 8, "14A1": 8, "14A2": 8, "15A2H": 8, "16A2": 8, "17A2H": 8}  # fmt: skip
"""Days that a composite is made of, by the end of its product's name; the others are daily."""


@dataclass(frozen=True)
class Granule:
    """What a granule's name tells."""

    id: str
    """The name without the time when it was made: a granule made again keeps it."""
    name: str
    product: str
    platform: str | None
    instrument: str
    start: datetime
    """UTC."""
    end: datetime
    """Last second, UTC."""
    h: int
    """Column of the tile in the sinusoidal grid."""
    v: int
    """Row of the tile in the sinusoidal grid."""
    made: datetime
    """UTC."""


def parse(text: str) -> Granule | None:
    """The first granule's name in a text, if there is one.

    Raises:
        ValueError: its date is none.
    """
    found = NAME.search(text)
    if found is None:
        return None
    start = datetime.strptime(found["day"], "%Y%j").replace(tzinfo=UTC)
    days = DAYS.get(found["product"][3:], 1)
    return Granule(
        id=found[0].rpartition(".")[0],
        name=found[0],
        product=found["product"],
        platform=PLATFORMS[found["satellite"]],
        instrument="viirs" if found["satellite"].startswith("V") else "modis",
        start=start,
        end=start + timedelta(days=days, seconds=-1),
        h=int(found["h"]),
        v=int(found["v"]),
        made=datetime.strptime(found["made"], "%Y%j%H%M%S").replace(tzinfo=UTC),
    )
