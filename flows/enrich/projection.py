"""The STAC Projection extension (2.0): CRS, shape, transform and box of the data assets."""

from typing import Any

import pystac
from rasterio.io import DatasetReader

from flows import extensions
from flows.grids import centroid, corners, is_turned, reference
from flows.raster import data_assets, opened
from infrastructure.storage import Shelf

FIELDS = ("code", "wkt2", "projjson", "shape", "transform", "bbox", "geometry", "centroid")


def enrich(item: pystac.Item, shelf: Shelf) -> pystac.Item:  # noqa: ARG001 - makes no file
    """Tell the grid of each data asset; what is the same for all stands in the item alone.

    A raster that only ground control points place has the code null, and a shape. The geometry is
    told of grids that are turned: of others the box is the geometry.

    Raises:
        Unreadable: a file is no raster, or damaged.
    """
    grids = {key: _grid(asset) for key, asset in data_assets(item).items()}
    if not grids:
        return item
    common = {
        name: value
        for name, value in next(iter(grids.values())).items()
        if all(name in grid and grid[name] == value for grid in grids.values())
    }
    for field in FIELDS:
        item.properties.pop(f"proj:{field}", None)
    item.properties.update(common)
    for key, grid in grids.items():
        _tell(item.assets[key], {k: v for k, v in grid.items() if k not in common})
    extensions.add(item, "proj:code")
    return item


def _tell(asset: pystac.Asset, grid: dict[str, Any]) -> None:
    for field in FIELDS:
        asset.extra_fields.pop(f"proj:{field}", None)
    asset.extra_fields.update(grid)


def _grid(asset: pystac.Asset) -> dict[str, Any]:
    """Shape is rows, columns; transform, box and geometry are in units of the CRS, x before y."""
    with opened(asset.href) as source:
        shape = {"proj:shape": [source.height, source.width]}
        if source.crs is None or source.transform.is_identity:
            return {"proj:code": None, **shape}
        return {**reference(source.crs), **shape, **_place(source)}


def _place(source: DatasetReader) -> dict[str, Any]:
    ring = corners(source)
    xs, ys = zip(*ring, strict=True)
    place: dict[str, Any] = {
        "proj:transform": list(source.transform)[:6],
        "proj:bbox": [min(xs), min(ys), max(xs), max(ys)],
    }
    if is_turned(source):
        place["proj:geometry"] = {"type": "Polygon", "coordinates": [[list(at) for at in ring]]}
    middle = centroid(source)
    return {**place, "proj:centroid": middle} if middle else place
