"""The STAC Projection extension (2.0): CRS, shape, transform and box of the data assets."""

from typing import Any

import pystac

from flows.raster import data_assets, opened
from infrastructure.storage import Shelf

SCHEMA = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"


def enrich(item: pystac.Item, shelf: Shelf) -> pystac.Item:  # noqa: ARG001 - makes no file
    """Tell the grid of each data asset; what is the same for all stands in the item alone.

    Raises:
        Unreadable: a file is no raster, or damaged.
    """
    grids = {key: _grid(asset) for key, asset in data_assets(item).items()}
    common = {
        name: value
        for name, value in next(iter(grids.values()), {}).items()
        if all(grid.get(name) == value for grid in grids.values())
    }
    for key, grid in grids.items():
        fields = item.assets[key].extra_fields
        for name, value in grid.items():
            fields.pop(name, None)
            if name not in common:
                fields[name] = value
    item.properties.update(common)
    if SCHEMA not in item.stac_extensions:
        item.stac_extensions.append(SCHEMA)
    return item


def _grid(asset: pystac.Asset) -> dict[str, Any]:
    """Shape is rows, columns; transform and box are in units of the CRS, x before y."""
    with opened(asset.href) as source:
        code = source.crs.to_authority() if source.crs else None
        grid: dict[str, Any] = {
            "proj:code": ":".join(code) if code else None,
            "proj:shape": [source.height, source.width],
            "proj:transform": list(source.transform)[:6],
            "proj:bbox": list(source.bounds),
        }
        if source.crs and not code:
            grid["proj:wkt2"] = source.crs.to_wkt(version="WKT2_2018")
        return grid
