"""How large the pixels of a raster are on the ground."""

import numpy as np
from pyproj import Geod
from rasterio.io import DatasetReader
from rasterio.transform import GCPTransformer

from flows import gcps
from flows.outlines import metres_per_unit

DIGITS = 6
"""Significant digits, fewer than those that sizes of grids in degrees are cut to."""


def metres(source: DatasetReader) -> float:
    """The mean of the two sides of a pixel, metres; in the middle, where degrees place it."""
    if source.crs is None and gcps.known(source):
        return _rounded(_between_points(source))
    grid = source.transform
    across, down = np.hypot(grid.a, grid.d), np.hypot(grid.b, grid.e)
    if source.crs is not None and source.crs.is_geographic:
        _, lat = grid @ (source.width / 2, source.height / 2)
        across *= np.cos(np.radians(lat))
    unit = metres_per_unit(source) if source.crs is not None else 1.0
    return _rounded(float(across + down) / 2 * unit)


def _between_points(source: DatasetReader) -> float:
    """From the middle pixel to the next ones, on the ellipsoid where the points are in degrees."""
    points, crs = source.gcps
    row, column = source.height / 2, source.width / 2
    with GCPTransformer(points, tps=len(points) >= gcps.FEWEST) as transformer:
        xs, ys = transformer.xy([row, row, row + 1], [column, column + 1, column])
    if crs.is_geographic:
        _, _, sides = Geod(ellps="WGS84").inv([xs[0]] * 2, [ys[0]] * 2, xs[1:], ys[1:])
        return float(np.mean(sides))
    sides = np.hypot(np.subtract(xs[1:], xs[0]), np.subtract(ys[1:], ys[0]))
    return float(np.mean(sides) * crs.linear_units_factor[1])


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
