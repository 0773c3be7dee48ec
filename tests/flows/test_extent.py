"""Outlines in degrees, held against points of the projection: poles, ±180, edges of the Earth."""

from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer
from rasterio.crs import CRS
from shapely import box, contains_xy
from shapely.geometry.base import BaseGeometry

from flows.extent import look, to_degrees

TILE = 1_111_950.5197
"""Side of a tile of MODIS, metres."""
EDGE = 18 * TILE
MODIS = "+proj=sinu +R=6371007.181 +units=m"
HIMAWARI = "+proj=geos +h=35786023 +lon_0=140.7 +sweep=y +ellps=GRS80"


def modis(column: int, row: int) -> tuple[float, float, float, float]:
    left, top = column * TILE - EDGE, EDGE / 2 - row * TILE
    return left, top - TILE, left + TILE, top


CASES = {
    "a pole inside": ("EPSG:3413", (-2e6, -2e6, 3e6, 2.5e6)),
    "the other pole inside": ("EPSG:3031", (-3e6, -3e6, 3e6, 3e6)),
    "a pole just outside": ("EPSG:3413", (1e5, -2e6, 3e6, 2.5e6)),
    "a pole on a corner": ("EPSG:3413", (0, -1e6, 1e6, 0)),
    "a pole on an edge": ("EPSG:3413", (0, -1e6, 1e6, 1e6)),
    "sea ice of the south": ("EPSG:3412", (-3950e3, -3950e3, 3950e3, 4350e3)),
    "a tile that the Earth ends in": (MODIS, modis(35, 10)),
    "one with a corner on the Earth": (MODIS, modis(29, 3)),
    "the westernmost tile": (MODIS, modis(0, 8)),
    "a tile at the pole": (MODIS, modis(18, 0)),
    "the full disk across ±180": (HIMAWARI, (-5.5e6, -5.5e6, 5.5e6, 5.5e6)),
    "a zone across ±180": ("EPSG:32660", (5e5, 5e6, 9e5, 5.4e6)),
    "degrees beyond 180": ("EPSG:4326", (170, -10, 190, 10)),
    "degrees at a pole": ("EPSG:4326", (-164, -90, -163, -89)),
    "half a pixel beyond the poles": ("EPSG:4326", (-180, -90.125, 180, 90.125)),
}


@pytest.mark.parametrize("case", CASES)
def test_an_outline_holds_the_places_of_its_raster_and_no_others(case: str) -> None:
    code, bounds = CASES[case]
    crs = CRS.from_user_input(code)
    side = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    outline = to_degrees(case, crs, box(*bounds).segmentize(side / 40))
    assert outline.is_valid
    assert -90 <= outline.bounds[1] <= outline.bounds[3] <= 90
    assert -180 <= outline.bounds[0] <= outline.bounds[2] <= 180
    assert disagreeing(outline, crs, bounds) < 0.005


def disagreeing(
    outline: BaseGeometry, crs: CRS, bounds: tuple[float, float, float, float]
) -> float:
    """Share of places in and around the raster that are wrongly in or out of its outline."""
    left, bottom, right, top = bounds
    around = box(*bounds).buffer(0.2 * max(right - left, top - bottom)).bounds
    random = np.random.default_rng(1)
    xs, ys = random.uniform(*around[::2], 20_000), random.uniform(*around[1::2], 20_000)
    if crs.is_geographic:
        lon, lat, there = (xs + 180) % 360 - 180, ys, np.abs(ys) <= 90
        there &= right - left < 360
    else:
        lon, lat, there = places(crs, xs, ys)
    inside = (xs >= left) & (xs <= right) & (ys >= bottom) & (ys <= top)
    return float(((contains_xy(outline, lon, lat) != inside) & there).mean())


def places(crs: CRS, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Longitude, latitude, and which of them come back to where they were."""
    way = Transformer.from_crs(crs.to_wkt(), "EPSG:4326", always_xy=True)
    lon, lat = way.transform(xs, ys)
    back = way.transform(lon, lat, direction="INVERSE")
    with np.errstate(invalid="ignore"):
        return lon, lat, np.hypot(back[0] - xs, back[1] - ys) < 1


def test_the_view_of_a_geostationary_satellite_ends_where_the_earth_does(
    shared_data: Path,
) -> None:
    path = shared_data / "imagery/rgb-misc/goes.tif"
    west, south, east, north = look(path.name, path.as_uri()).outline.bounds
    assert (west, east) == pytest.approx((-75 - 81, -75 + 81), abs=3)
    assert (south, north) == pytest.approx((-81, 81), abs=3)


def test_a_raster_that_touches_the_pole_stays_a_rectangle(shared_data: Path) -> None:
    (path,) = (shared_data / "imagery/copernicus-dem").glob("*.tif")
    outline = look(path.name, path.as_uri()).outline
    assert outline.bounds == pytest.approx((-164, -90, -163, -89), abs=0.01)
    assert outline.area == pytest.approx(1, abs=0.02)
