"""GOES-R: names of ABI products and its bands (GOES-R Product Definition and Users' Guide)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NAME = re.compile(
    r"(?P<system>O[RT])_ABI-L2-(?P<product>[A-Z0-9]+?)(?P<sector>F|C|M1|M2)-M(?P<mode>\d{1,2})"
    r"(?:C(?P<band>\d{2}))?_G(?P<satellite>\d{2})_s(?P<start>\d{14})_e(?P<end>\d{14})_c(?P<made>\d{14})"
    r"(?:_(?P<part>[A-Za-z0-9_]+))?\.(?P<suffix>tif|tiff|nc)"
)

SECTORS = {"F": "FULL DISK", "C": "CONUS", "M1": "MESOSCALE", "M2": "MESOSCALE"}

BANDS: dict[str, tuple[str | None, float, int]] = {
    "01": ("blue", 0.47, 1000), "02": ("red", 0.64, 500), "03": ("nir08", 0.865, 1000),
    "04": ("cirrus", 1.38, 2000), "05": ("swir16", 1.61, 1000), "06": ("swir22", 2.25, 2000),
    "07": (None, 3.89, 2000), "08": (None, 6.17, 2000), "09": (None, 6.93, 2000),
    "10": (None, 7.34, 2000), "11": ("lwir", 8.44, 2000), "12": (None, 9.61, 2000),
    "13": ("lwir11", 10.33, 2000), "14": ("lwir11", 11.19, 2000), "15": ("lwir12", 12.27, 2000),
    "16": (None, 13.27, 2000),
}  # fmt: skip
"""Band -> common name, centre in micrometres, and size of a pixel below the satellite in metres."""


@dataclass(frozen=True)
class Name:
    """What a file's name tells."""

    product: str
    """Such as CMIP: cloud and moisture imagery."""
    sector: str
    mode: str
    band: str | None
    satellite: int
    start: datetime
    """UTC, to a tenth of a second."""
    end: datetime
    made: datetime
    part: str | None
    """Layer of the product: CMI, DQF ..."""
    is_container: bool
    """Whether it is the NetCDF file that all layers came in."""
    scene: str
    """What the names of all files of the scene begin with."""


def parse(name: str) -> Name | None:
    """What a file's name tells, if it is that of an ABI product.

    Raises:
        ValueError: it has a date that there is not.
    """
    found = NAME.fullmatch(name)
    if found is None:
        return None
    return Name(
        product=found["product"],
        sector=found["sector"],
        mode=found["mode"],
        band=found["band"],
        satellite=int(found["satellite"]),
        start=_moment(found["start"]),
        end=_moment(found["end"]),
        made=_moment(found["made"]),
        part=found["part"],
        is_container=found["suffix"] == "nc",
        scene=name.partition("_e")[0],
    )


def _moment(told: str) -> datetime:
    """Year, day of the year, hour, minute, second, and its tenth."""
    seconds = datetime.strptime(told[:13], "%Y%j%H%M%S").replace(tzinfo=UTC)
    return seconds + timedelta(seconds=int(told[13]) / 10)
