"""Bands read small, with north above."""

from dataclasses import dataclass
from math import cos, radians

import numpy as np
import pystac
from affine import Affine
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.io import DatasetReader
from rasterio.transform import array_bounds
from rasterio.warp import calculate_default_transform, reproject

from flows import gcps
from flows.pictures.channels import Channel
from flows.pictures.collar import inside
from flows.raster import is_classes, opened

WHOLE_EARTH = 90
"""Degrees of latitude from which on a picture is a map of the world, and not narrowed."""


NARROWEST = 0.25
"""Least width of a degree of longitude: a picture near a pole would be a thread."""


@dataclass(frozen=True)
class View:
    """Pixels of a picture, its first row the northernmost."""

    values: NDArray[np.generic]
    """Shape (channels, rows, columns)."""
    valid: NDArray[np.bool_]
    """Shape (rows, columns)."""
    palette: dict[int, tuple[int, int, int, int]] | None
    """Value -> red, green, blue and alpha, 0 to 255, if the file brings its own colours."""


def view(item: pystac.Item, channels: list[Channel], size: int) -> View:
    """Read the bands of a picture in the projection of the data, as wide as they are high there.

    Rasters that are turned, or placed by ground control points, are warped; degrees are narrowed
    as they are in the middle of the picture. An edge of zeros counts as no data where a file
    declares nothing.

    Args:
        item: The item.
        channels: One or three bands of it.
        size: Most pixels of the longer side; nothing is enlarged.

    Raises:
        Unreadable: a file is no raster, or damaged.
    """
    views: dict[str, View] = {}
    shape: tuple[int, int] | None = None
    for key in dict.fromkeys(channel.key for channel in channels):
        bands = [channel.band for channel in channels if channel.key == key]
        with opened(item.assets[key].href) as source:
            shape = shape or _shape(source, size)
            classes = is_classes(item.assets[key]) or _palette(source) is not None
            views[key] = _read(source, bands, shape, classes=classes)
    parts = list(views.values())
    return View(
        values=np.concatenate([part.values for part in parts]),
        valid=np.logical_and.reduce([part.valid for part in parts]),
        palette=parts[0].palette,
    )


def _shape(source: DatasetReader, size: int) -> tuple[int, int]:
    """Rows and columns, in the proportions of the ground."""
    width, height = float(source.width), float(source.height)
    if source.crs is not None:
        along = np.hypot(source.transform.a, source.transform.d) * _narrowed(source)
        down = np.hypot(source.transform.b, source.transform.e)
        width, height = width * min(1, along / down), height * min(1, down / along)
    factor = max(1.0, max(width, height) / size)
    return max(1, round(height / factor)), max(1, round(width / factor))


def _narrowed(source: DatasetReader) -> float:
    """How much shorter a degree of longitude is than one of latitude, in the middle."""
    bounds = source.bounds
    if not source.crs.is_geographic or abs(bounds.top - bounds.bottom) > WHOLE_EARTH:
        return 1.0
    return max(NARROWEST, cos(radians((bounds.top + bounds.bottom) / 2)))


def _read(
    source: DatasetReader, bands: list[int], shape: tuple[int, int], *, classes: bool
) -> View:
    resampling = Resampling.nearest if classes else Resampling.average
    values = source.read(bands, out_shape=(len(bands), *shape), resampling=resampling, masked=True)
    valid = np.logical_not(np.ma.getmaskarray(values).all(axis=0))
    if ColorInterp.alpha in source.colorinterp:
        valid = source.dataset_mask(out_shape=shape) > 0
    if np.issubdtype(values.dtype, np.inexact):
        valid &= np.isfinite(values.data).all(axis=0)
    if not classes and all(
        source.mask_flag_enums[band - 1] == [MaskFlags.all_valid] for band in bands
    ):
        valid &= inside(values.data)
    pixels, valid = _northern(source, values.data, valid, classes=classes)
    return View(pixels, valid, _palette(source))


def _palette(source: DatasetReader) -> dict[int, tuple[int, int, int, int]] | None:
    if source.colorinterp[0] is not ColorInterp.palette:
        return None
    return {int(value): colour for value, colour in source.colormap(1).items()}


def _northern(
    source: DatasetReader, values: NDArray[np.generic], valid: NDArray[np.bool_], *, classes: bool
) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    if source.crs is None and gcps.known(source):
        return _warped(source, values, valid, classes=classes)
    transform = source.transform
    if transform.b or transform.d:
        return _warped(source, values, valid, classes=classes)
    if transform.e > 0:  # its first row is the southernmost
        values, valid = values[:, ::-1], valid[::-1]
    if transform.a < 0:
        values, valid = values[:, :, ::-1], valid[:, ::-1]
    return values, valid


def _warped(
    source: DatasetReader, values: NDArray[np.generic], valid: NDArray[np.bool_], *, classes: bool
) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    rows, columns = valid.shape
    across, down = columns / source.width, rows / source.height
    points, crs = source.gcps
    if points:
        place = {
            "gcps": [
                GroundControlPoint(p.row * down, p.col * across, p.x, p.y, 0.0) for p in points
            ]
        }
        target = _around(crs, points)
        bounds = {}
    else:
        crs = target = source.crs
        grid = source.transform @ Affine.scale(1 / across, 1 / down)
        place = {"src_transform": grid}
        bounds = dict(
            zip(("left", "bottom", "right", "top"), array_bounds(rows, columns, grid), strict=True)
        )
    transform, width, height = calculate_default_transform(
        crs, target, columns, rows, **bounds, **{k: v for k, v in place.items() if k == "gcps"}
    )
    there = {"src_crs": crs, "dst_crs": target, "dst_transform": transform, **place}
    smooth = Resampling.nearest if classes else Resampling.bilinear
    pixels = np.zeros((len(values), height, width), values.dtype)
    seen = np.zeros((height, width), "uint8")
    reproject(values, pixels, resampling=smooth, **there)
    reproject(valid.astype("uint8"), seen, resampling=Resampling.nearest, **there)
    return pixels, seen > 0


def _around(crs: CRS, points: list[GroundControlPoint]) -> CRS:
    """An equal-area projection whose centre is that of the control points: north is above there."""
    if not crs.is_geographic:
        return crs
    lon, lat = (np.mean([getattr(point, axis) for point in points]) for axis in ("x", "y"))
    return CRS.from_proj4(f"+proj=laea +lat_0={lat:.3f} +lon_0={lon:.3f} +datum=WGS84 +units=m")
