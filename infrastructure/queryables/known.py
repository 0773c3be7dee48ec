"""Properties that standards define: titles and types (STAC common metadata and extensions).

Migration 0008 has told pgstac the types of those that are not texts.
"""

from typing import Any

Definition = dict[str, Any]
"""A JSON Schema of one property."""

PERCENT: Definition = {"type": "number", "minimum": 0, "maximum": 100}
NUMBER: Definition = {"type": "number"}
INTEGER: Definition = {"type": "integer"}
TEXT: Definition = {"type": "string"}
TEXTS: Definition = {"type": "array", "items": {"type": "string"}}
MOMENT: Definition = {"type": "string", "format": "date-time"}

KNOWN: dict[str, Definition] = {
    "created": {"title": "Created", **MOMENT},
    "updated": {"title": "Updated", **MOMENT},
    "published": {"title": "Published", **MOMENT},
    "expires": {"title": "Expires", **MOMENT},
    "title": {"title": "Title", **TEXT},
    "description": {"title": "Description", **TEXT},
    "keywords": {"title": "Keywords", **TEXTS},
    "platform": {"title": "Platform", **TEXT},
    "constellation": {"title": "Constellation", **TEXT},
    "mission": {"title": "Mission", **TEXT},
    "instruments": {"title": "Instruments", **TEXTS},
    "gsd": {"title": "Ground sample distance (m)", **NUMBER},
    "eo:cloud_cover": {"title": "Cloud cover (%)", **PERCENT},
    "eo:snow_cover": {"title": "Snow cover (%)", **PERCENT},
    "view:off_nadir": {"title": "Off-nadir angle (°)", **NUMBER},
    "view:incidence_angle": {"title": "Incidence angle (°)", **NUMBER},
    "view:azimuth": {"title": "Viewing azimuth (°)", **NUMBER},
    "view:sun_azimuth": {"title": "Sun azimuth (°)", **NUMBER},
    "view:sun_elevation": {"title": "Sun elevation (°)", **NUMBER},
    "sar:center_frequency": {"title": "Centre frequency (GHz)", **NUMBER},
    "sar:frequency_band": {"title": "Frequency band", **TEXT},
    "sar:instrument_mode": {"title": "Instrument mode", **TEXT},
    "sar:polarizations": {"title": "Polarisations", **TEXTS},
    "sar:product_type": {"title": "SAR product type", **TEXT},
    "sar:resolution_range": {"title": "Resolution in range (m)", **NUMBER},
    "sar:resolution_azimuth": {"title": "Resolution in azimuth (m)", **NUMBER},
    "sat:relative_orbit": {"title": "Relative orbit", **INTEGER},
    "sat:absolute_orbit": {"title": "Absolute orbit", **INTEGER},
    "sat:orbit_state": {"title": "Orbit state", **TEXT},
    "proj:code": {"title": "Projection", **TEXT},
    "proj:epsg": {"title": "EPSG code", **INTEGER},
    "processing:level": {"title": "Processing level", **TEXT},
    "product:type": {"title": "Product type", **TEXT},
    "grid:code": {"title": "Grid cell", **TEXT},
    "mgrs:utm_zone": {"title": "UTM zone", **INTEGER},
    "mgrs:latitude_band": {"title": "MGRS latitude band", **TEXT},
    "mgrs:grid_square": {"title": "MGRS grid square", **TEXT},
    "landsat:wrs_path": {"title": "WRS path", **TEXT},
    "landsat:wrs_row": {"title": "WRS row", **TEXT},
    "landsat:cloud_cover_land": {"title": "Cloud cover over land (%)", **NUMBER},
}

ALWAYS = {"updated": ["date-time"]}
"""Types of what registering sets in every item."""

WRAPPERS = {"integer": "to_float", "number": "to_float", "date-time": "to_tstz"}
"""Type -> pgstac's function that reads it. Its `to_int` would round what it is compared with."""


def wrapper(name: str, kinds: list[str]) -> str:
    """How pgstac reads a property: as its standard says, else as it was seen in items."""
    if known := KNOWN.get(name):
        kinds = [str(known.get("format", known["type"]))]
    return WRAPPERS.get(kinds[0], "to_text") if len(kinds) == 1 else "to_text"
