"""The metadata of a tile: MTD_TL.xml, or metadata.xml in the buckets on AWS."""

import cmath
import math
from typing import Any

from flows.sentinel2.metadata import Product
from infrastructure import safe_xml
from infrastructure.errors import Unreadable


def properties(content: bytes, name: str) -> dict[str, Any]:
    """What the metadata of the tile tell, as STAC properties: angles in degrees, and the CRS.

    Raises:
        Unreadable: it is no XML, or an angle is no number.
    """
    tile = Product(name, safe_xml.parse(content, name))
    zenith = tile.number("Mean_Sun_Angle/ZENITH_ANGLE")
    told = {
        "view:sun_azimuth": tile.number("Mean_Sun_Angle/AZIMUTH_ANGLE"),
        "view:sun_elevation": None if zenith is None else round(90 - zenith, 10),
        **_viewing(tile),
        "proj:code": (tile.root.findtext(".//HORIZONTAL_CS_CODE") or "").strip(),
    }
    return {key: value for key, value in told.items() if value not in (None, "")}


def _viewing(tile: Product) -> dict[str, float]:
    """Mean of the bands; the azimuths are those of directions, and are not added up as numbers."""
    angles = tile.root.findall(".//Mean_Viewing_Incidence_Angle")
    try:
        zeniths = [float(angle.findtext("ZENITH_ANGLE") or "") for angle in angles]
        azimuths = [float(angle.findtext("AZIMUTH_ANGLE") or "") for angle in angles]
    except ValueError as error:
        raise Unreadable(f"{tile.name}: a viewing angle is no number: {error}") from error
    if not angles:
        return {}
    direction = sum(cmath.rect(1, math.radians(azimuth)) for azimuth in azimuths)
    return {
        "view:incidence_angle": round(sum(zeniths) / len(zeniths), 10),
        "view:azimuth": round(math.degrees(cmath.phase(direction)) % 360, 10),
    }
