"""The ground that a picture shows, and the part of the picture that a box covers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from infrastructure.catalogue import BBox

LONLAT = CRS.from_user_input("OGC:CRS84")
MERCATOR_LATITUDE = 85.0511287798066
"""Degrees; beyond it EPSG:3857 leaves its square."""

Window = tuple[slice, slice]
"""Rows and columns."""


@dataclass(frozen=True)
class View:
    """The ground that a picture shows."""

    bbox: BBox
    """Left, bottom, right, top in the units of the CRS; x is easting or longitude."""
    crs: CRS
    width: int
    height: int

    @property
    def transform(self) -> Affine:
        """From (column, row) to (x, y)."""
        left, bottom, right, top = self.bbox
        scale = Affine.scale((right - left) / self.width, (bottom - top) / self.height)
        return Affine.translation(left, top) @ scale

    def lonlat(self) -> BBox:
        """The box in degrees; west > east crosses the antimeridian."""
        west, south, east, north = transform_bounds(self.crs, LONLAT, *self.bbox, densify_pts=21)
        return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)

    def windows(self, bbox: BBox) -> Iterator[Window]:
        """The parts of the picture that a box in degrees covers, one pixel wider each way."""
        west, south, east, north = bbox
        halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        for left, right in halves:
            window = self._window((left, south, right, north))
            if window:
                yield window

    def _window(self, bbox: BBox) -> Window | None:
        west, south, east, north = bbox
        limit = MERCATOR_LATITUDE if self.crs.to_epsg() == 3857 else 90.0
        south, north = max(south, -limit), min(north, limit)
        if south > north:
            return None
        box = transform_bounds(LONLAT, self.crs, west, south, east, north, densify_pts=21)
        if not all(map(math.isfinite, box)) or box[0] > box[2]:
            return slice(0, self.height), slice(0, self.width)
        inverse = ~self.transform
        first, last = inverse @ (box[0], box[3]), inverse @ (box[2], box[1])
        columns = _span(first[0], last[0], self.width)
        rows = _span(first[1], last[1], self.height)
        return (rows, columns) if rows and columns else None


def _span(start: float, stop: float, size: int) -> slice | None:
    first, last = max(0, math.floor(start) - 1), min(size, math.ceil(stop) + 1)
    return slice(first, last) if first < last else None
