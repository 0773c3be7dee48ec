"""Reference systems as records name them, and which axis comes first.

OGC 09-048r5: names that begin with `urn:` or `http://www.opengis.net/def/` have the axes of the
authority. CSW (OGC 07-006r1) says the same of EPSG:4326 however it is named.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from rasterio import Env
from rasterio.crs import CRS
from rasterio.errors import CRSError

CODE = re.compile(r"EPSG.*?[:/#](\d+)$", re.IGNORECASE)

GEOGRAPHIC = {"4326", "4258", "4269", "4979"}
"""Codes of EPSG for degrees, that lie within a metre or so of WGS 84; latitude comes first."""


@dataclass(frozen=True)
class System:
    """What a name stands for."""

    is_latitude_first: bool
    by_authority: bool
    """Whether the name is of a kind that fixes the order of axes."""
    projected: CRS | None


def epsg(code: str, space: str = "") -> str | None:
    """`EPSG:32634` for a code however it is written; None if it is none that EPSG has.

    Args:
        code: `EPSG:32634`, `urn:ogc:def:crs:EPSG::32634`, `WGS 84 (EPSG:4326)`, `32634` ...
        space: The name space of the code, for one that is only a number.
    """
    found = CODE.search(code.rstrip(") "))
    number = found[1] if found else code.strip() if "epsg" in space.lower() else ""
    return f"EPSG:{number}" if number.isdecimal() and _known(number) else None


def system(name: str) -> System:
    """What a name stands for; nothing, and what is not known, is longitude and latitude."""
    code = CODE.search(name)
    by_authority = name.startswith(("urn:", "http://www.opengis.net/def/"))
    if code is None:
        return System(is_latitude_first=False, by_authority=by_authority, projected=None)
    if code[1] in GEOGRAPHIC:
        return System(is_latitude_first=True, by_authority=by_authority, projected=None)
    return System(is_latitude_first=False, by_authority=by_authority, projected=_known(code[1]))


@lru_cache(maxsize=1024)
def _known(number: str) -> CRS | None:
    """The system of a code of EPSG, if there is one; what GDAL says of others goes to the log."""
    with Env():
        try:
            return CRS.from_epsg(int(number))
        except (CRSError, OverflowError):
            return None
