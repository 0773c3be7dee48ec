"""Grids of rasters in the words of the STAC Projection extension."""

from math import isfinite
from typing import Any

import numpy as np
import pyproj
from pyproj import Transformer
from pyproj.enums import TransformDirection
from pyproj.exceptions import ProjError
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.io import DatasetReader

CONFIDENCE = 70
"""Per cent from which on a CRS without an authority's code is held against one that has it."""

SAME = 1e-9
"""Degrees by which places in a CRS may differ from those in the one that it is taken for."""


def reference(crs: CRS) -> dict[str, Any]:
    """The code of a CRS, found also where its definition names none; else the definition.

    The definition is WKT 2 (ISO 19162:2019), or PROJJSON where it cannot be written as that.
    """
    found = crs.to_authority(confidence_threshold=CONFIDENCE)
    if found and _is_same(crs, CRS.from_authority(*found)):
        return {"proj:code": ":".join(found)}
    try:
        return {"proj:code": None, "proj:wkt2": crs.to_wkt(version="WKT2_2019")}
    except CRSError:
        return {"proj:code": None, "proj:projjson": crs.to_dict(projjson=True)}


def corners(source: DatasetReader) -> list[tuple[float, float]]:
    """A closed ring from the upper left, against the clock in most grids, units of the CRS."""
    width, height = source.width, source.height
    pixels = [(0, 0), (0, height), (width, height), (width, 0), (0, 0)]
    return [source.transform @ pixel for pixel in pixels]


def is_turned(source: DatasetReader) -> bool:
    """Whether a grid is turned, so that its box is larger than it."""
    return bool(source.transform.b or source.transform.d)


def centroid(source: DatasetReader) -> dict[str, float] | None:
    """The middle of the grid in degrees (EPSG:4326); None if it does not lie on the Earth."""
    x, y = source.transform @ (source.width / 2, source.height / 2)
    try:
        lon, lat = _to_degrees(source.crs.to_wkt()).transform(x, y)
    except ProjError:  # another planet
        return None
    if not (isfinite(lon) and isfinite(lat)):
        return None
    return {"lat": round(lat, 6), "lon": round((lon + 180) % 360 - 180, 6)}


def _is_same(crs: CRS, known: CRS) -> bool:
    """Whether places around the known CRS's area of use lie the same in both."""
    if crs == known:
        return True
    area = pyproj.CRS.from_user_input(known.to_string()).area_of_use
    if area is None:
        return False
    xs, ys = np.linspace(area.west, area.east, 5), np.linspace(area.south, area.north, 5)
    lon, lat = (axis.ravel() for axis in np.meshgrid(xs, ys))
    exact = _to_degrees(known.to_wkt())
    there = exact.transform(lon, lat, direction=TransformDirection.INVERSE)
    theirs = np.array(exact.transform(*there))
    ours = np.array(_to_degrees(crs.to_wkt()).transform(*there))
    return bool(np.allclose(ours, theirs, rtol=0, atol=SAME))


def _to_degrees(definition: str) -> Transformer:
    return Transformer.from_crs(definition, "EPSG:4326", always_xy=True)
