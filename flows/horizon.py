"""The part of a shape in a map projection that lies on the Earth.

A geostationary satellite sees past the Earth, and the corners of a sinusoidal tile are no place.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.enums import TransformDirection
from rasterio.crs import CRS
from shapely import MultiPoint, box, get_coordinates
from shapely.geometry.base import BaseGeometry

NODES = 257
"""Points along each side of the grid that the edge of the Earth is found with."""

SLACK = 1e-4
"""Share of a shape's extent by which a place may come back elsewhere than it was."""

POLES = box(-720, -90, 720, 90)
"""Degrees; a raster of points may reach half a pixel beyond a pole."""


def on_earth(crs: CRS, shape: BaseGeometry) -> BaseGeometry:
    """The shape itself where all of it lies on the Earth, else its part that does.

    Args:
        crs: Of the shape.
        shape: Dense enough for what it is used for, in units of the CRS.

    Returns:
        Empty, if nothing of it lies on the Earth.
    """
    if crs.is_geographic:
        beyond = shape.bounds[1] < -90 or shape.bounds[3] > 90
        return shape.intersection(POLES) if beyond else shape
    extent = float(max(np.ptp(get_coordinates(shape), axis=0)))
    if _are_places(crs, get_coordinates(shape), extent).all():
        return shape
    left, bottom, right, top = shape.bounds
    xs, ys = np.meshgrid(np.linspace(left, right, NODES), np.linspace(bottom, top, NODES))
    nodes = np.column_stack([xs.ravel(), ys.ravel()])
    earth = MultiPoint(nodes[_are_places(crs, nodes, extent)]).convex_hull
    return shape.intersection(earth).segmentize(extent / NODES)


def degrees(crs: CRS, shape: BaseGeometry) -> BaseGeometry:
    """The shape with its points in longitude and latitude; it may jump at ±180."""
    way = _to_degrees(crs)
    return shapely.transform(shape, lambda points: np.column_stack(way.transform(*points.T)))


def _are_places(crs: CRS, points: NDArray[np.floating], extent: float) -> NDArray[np.bool_]:
    """Whether points lead to degrees and back to themselves."""
    way = _to_degrees(crs)
    lon, lat = way.transform(*points.T)
    back = np.column_stack(way.transform(lon, lat, direction=TransformDirection.INVERSE))
    with np.errstate(invalid="ignore"):  # what has no place comes back as infinity
        return np.asarray(np.hypot(*(back - points).T) <= SLACK * extent)


def _to_degrees(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs.to_wkt(), "EPSG:4326", always_xy=True)
