"""Where a raster lies that has ground control points instead of a grid, such as radar's."""

import numpy as np
import rasterio
from rasterio.transform import GCPTransformer
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

FEWEST = 6
"""Points that a polynomial of second order needs."""


def outline(source: rasterio.DatasetReader, pixels: list[tuple[float, float]]) -> BaseGeometry:
    """The shape of a line around pixels, in the reference system of the control points.

    Args:
        source: An open raster with control points.
        pixels: Column and row of each vertex, from the upper left corner.
    """
    points, _ = source.gcps
    with GCPTransformer(points, tps=len(points) >= FEWEST) as transformer:
        columns, rows = np.array(pixels, "float64").T
        xs, ys = transformer.xy(rows, columns, offset="ul")
    return Polygon(np.column_stack([xs, ys]))


def known(source: rasterio.DatasetReader) -> bool:
    """Whether a raster has control points that tell where it lies."""
    points, crs = source.gcps
    return bool(points) and crs is not None
