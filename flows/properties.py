"""Types of the properties that searches compare: one wrong value would break them for everybody.

Facts of STAC common metadata 1.1 and of the extensions eo 2.0, proj 2.0, sar 1.3, sat 1.1,
view 1.1, processing 1.2, product 0.1, mgrs 1.0 and grid 1.1. Null is always allowed: it
says nothing and compares with nothing.
"""

from typing import Any

PERCENT: dict[str, float] = {"minimum": 0, "maximum": 100}
ANGLE: dict[str, float] = {"minimum": 0, "maximum": 90}
CIRCLE: dict[str, float] = {"minimum": 0, "maximum": 360}

NUMBERS: dict[str, dict[str, float]] = {
    "gsd": {"minimum": 0},
    "eo:cloud_cover": PERCENT,
    "eo:snow_cover": PERCENT,
    "view:off_nadir": ANGLE,
    "view:incidence_angle": ANGLE,
    "view:azimuth": CIRCLE,
    "view:sun_azimuth": CIRCLE,
    "view:sun_elevation": {"minimum": -90, "maximum": 90},
    "sar:center_frequency": {},
    "sar:resolution_range": {"minimum": 0},
    "sar:resolution_azimuth": {"minimum": 0},
    "sar:pixel_spacing_range": {"minimum": 0},
    "sar:pixel_spacing_azimuth": {"minimum": 0},
    "sar:looks_range": {"minimum": 0},
    "sar:looks_azimuth": {"minimum": 0},
    "sar:looks_equivalent_number": {"minimum": 0},
    "landsat:cloud_cover_land": {"minimum": -1, "maximum": 100},
    "s2:mean_solar_zenith": {},
    "s2:mean_solar_azimuth": {},
    "s2:nodata_pixel_percentage": {},
    "s2:cloud_shadow_percentage": {},
    "s2:water_percentage": {},
    "s2:vegetation_percentage": {},
    "s2:snow_ice_percentage": {},
}

INTEGERS = ("sat:relative_orbit", "sat:absolute_orbit", "mgrs:utm_zone", "proj:epsg")

TEXTS = (
    "platform",
    "constellation",
    "mission",
    "proj:code",
    "sar:instrument_mode",
    "sar:frequency_band",
    "sar:product_type",
    "sat:platform_international_designator",
    "processing:level",
    "processing:facility",
    "product:type",
    "grid:code",
    "mgrs:latitude_band",
    "mgrs:grid_square",
    "s2:product_type",
    "landsat:correction",
)

LISTS = ("instruments", "sar:polarizations")

MOMENTS = ("start_datetime", "end_datetime", "created", "updated", "published", "expires")


def schema() -> dict[str, Any]:
    """A JSON Schema of an item that checks these properties and nothing else."""
    text = {"type": ["string", "null"]}
    properties: dict[str, Any] = {
        **{name: {"type": ["number", "null"], **limits} for name, limits in NUMBERS.items()},
        **{key: {"type": ["integer", "null"]} for key in INTEGERS},
        **dict.fromkeys(TEXTS, text),
        **{key: {"type": ["array", "null"], "items": {"type": "string"}} for key in LISTS},
        **{key: {"type": ["string", "null"], "format": "date-time"} for key in MOMENTS},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"properties": {"properties": properties}},
    }
