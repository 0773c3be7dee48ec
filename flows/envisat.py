"""ENVISAT's product names and headers (ESA PO-RS-MDA-GS-2009, volume 5)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NAME = re.compile(
    r"(?P<instrument>ASA|MER|ATS|SCI|GOM|MIP|RA2|MWR|DOR)_(?P<mode>\w{2,3}?)_*_(?P<level>[0123][A-Z])"
    r"(?P<stage>[A-Z])(?P<originator>[A-Z]{3})(?P<day>\d{8})_(?P<time>\d{6})_(?P<duration>\d{8})"
    r"(?P<phase>.)(?P<cycle>\d{3})_(?P<relative>\d{5})_(?P<absolute>\d{5})_\d{4}"
)

INSTRUMENTS = {
    "ASA": "asar", "MER": "meris", "ATS": "aatsr", "SCI": "sciamachy", "GOM": "gomos",
    "MIP": "mipas", "RA2": "ra-2", "MWR": "mwr", "DOR": "doris",
}  # fmt: skip


@dataclass(frozen=True)
class Name:
    """What a product's name tells."""

    product: str
    instrument: str
    """As STAC writes it."""
    type: str
    """Such as ASA_WSM_1P."""
    level: str
    """One digit."""
    start: datetime
    """First measurement, UTC, to the second."""
    end: datetime
    cycle: int
    relative_orbit: int
    absolute_orbit: int


def parse(text: str) -> Name | None:
    """The first product's name in a text, if there is one.

    Raises:
        ValueError: its date is none.
    """
    found = NAME.search(text)
    if found is None:
        return None
    start = datetime.strptime(f"{found['day']}{found['time']}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return Name(
        product=found[0],
        instrument=INSTRUMENTS[found["instrument"]],
        type=found[0][:10],
        level=found["level"][0],
        start=start,
        end=start + timedelta(seconds=int(found["duration"])),
        cycle=int(found["cycle"]),
        relative_orbit=int(found["relative"]),
        absolute_orbit=int(found["absolute"]),
    )
