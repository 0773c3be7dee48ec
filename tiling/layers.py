"""From a STAC Collection to a MapProxy configuration: pure, one application per collection.

Layer `{collection}` is the default render, `{collection}__{render}` each render by its key. Both
names of the default render share one cache.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from infrastructure.errors import Misconfigured
from tiling.services import Box, Place, extent, services
from tiling.style import Style

GRIDS = ("webmercator", "wgs84")
LEVELS = 22
"""Zoom levels 0 to 21 of either grid; level 21 of `webmercator` is 7.5 cm a pixel."""
_METRES = 2 * math.pi * 6378137 / 256
"""Size of a pixel of `webmercator` at level 0, at the equator."""
_DEGREES = 180 / 256
"""Size of a pixel of `wgs84` at level 0 (two tiles wide), as in WorldCRS84Quad."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def layer_names(document: Mapping[str, Any]) -> dict[str, str]:
    """Layer name -> key of its render, the default layer first; empty without renders.

    Raises:
        Misconfigured: a name would not fit in an address or in a WMS list of layers.
    """
    renders = document.get("renders") or {}
    if not renders:
        return {}
    collection = document["id"]
    for name in (collection, *renders):
        if not _NAME.fullmatch(name):
            raise Misconfigured(f"'{name}' is no name for a layer: use letters, digits, . _ -")
    default = "default" if "default" in renders else next(iter(renders))
    return {collection: default} | {cache_name(collection, key): key for key in renders}


def cache_name(collection: str, render: str) -> str:
    """The name of a render's cache, which is its layer's too."""
    return f"{collection}__{render}"


def layer_title(document: Mapping[str, Any], name: str) -> str:
    """The title of a layer for people."""
    title = str(document.get("title") or document["id"])
    key = layer_names(document)[name]
    if name == document["id"]:
        return title
    return f"{title}: {document['renders'][key].get('title') or key}"


def configuration(document: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The MapProxy configuration of one collection.

    Raises:
        Misconfigured: the collection has no renders, or one of them cannot be drawn.
    """
    names = layer_names(document)
    if not names:
        raise Misconfigured(f"collection '{document['id']}' has no renders, hence no map")
    boxes = extent(document)
    renders = document["renders"]
    return {
        "services": services(document, place, boxes),
        "layers": [_layer(document, name, key) for name, key in names.items()],
        "caches": {
            cache_name(document["id"], key): _cache(document["id"], key, renders[key])
            for key in renders
        },
        "sources": {
            key: _source(document["id"], key, renders[key], _coverage(boxes)) for key in renders
        },
        "grids": _grids(),
        "globals": _globals(document["id"], place),
    }


def _coverage(boxes: list[Box]) -> dict[str, Any]:
    parts = [{"bbox": list(box), "srs": "EPSG:4326"} for box in boxes]
    return parts[0] if len(parts) == 1 else {"union": parts}


def _layer(document: Mapping[str, Any], name: str, key: str) -> dict[str, Any]:
    render = document["renders"][key]
    return {
        "name": name,
        "title": layer_title(document, name),
        "sources": [cache_name(document["id"], key)],
        "md": {"abstract": str(render.get("description") or document.get("description", ""))},
    }


def _cache(collection: str, key: str, render: Mapping[str, Any]) -> dict[str, Any]:
    """The cache of a render.

    Raises:
        Misconfigured: the render cannot be drawn.
    """
    try:
        style = Style.parse(render)
    except Misconfigured as error:
        raise Misconfigured(f"render '{key}' of collection '{collection}': {error}") from error
    nearest = style.resampling in ("nearest", "mode")
    return {
        "grids": list(GRIDS),
        "sources": [key],
        "format": "image/png",
        "image": {"resampling_method": "nearest" if nearest else "bilinear"},
        "cache": {"type": "file", "directory_layout": "tms", "use_grid_names": True},
    }


def _source(
    collection: str, key: str, render: Mapping[str, Any], coverage: dict[str, Any]
) -> dict[str, Any]:
    source = {
        "type": "swath",
        "collection": collection,
        "render": dict(render),
        "coverage": coverage,
    }
    lowest = _lowest(key, render)
    # Past the highest level pixels only grow, which costs no more; below the lowest one a picture
    # would open ever more files. The factor keeps the level itself in, in both grids.
    return source | ({"min_res": _METRES / 2**lowest * math.sqrt(2)} if lowest else {})


def _lowest(key: str, render: Mapping[str, Any]) -> int:
    try:
        return int((render.get("minmax_zoom") or [0])[0])
    except (TypeError, ValueError, LookupError) as error:
        raise Misconfigured(f"minmax_zoom of render '{key}' is no pair of levels") from error


def _grids() -> dict[str, Any]:
    """GoogleMapsCompatible and WorldCRS84Quad, both counted from the north-west."""
    return {
        "webmercator": {
            "base": "GLOBAL_WEBMERCATOR",
            "origin": "nw",
            "num_levels": LEVELS,
        },
        "wgs84": {
            "srs": "EPSG:4326",
            "bbox": [-180, -90, 180, 90],
            "origin": "nw",
            "res": [_DEGREES / 2**level for level in range(LEVELS)],
        },
    }


def _globals(collection: str, place: Place) -> dict[str, Any]:
    return {
        "cache": {
            "base_dir": str(place.cache / collection / str(place.version)),
            # Outside the tree of a version: a tree may be swept while a tile is being drawn.
            "tile_lock_dir": str(place.cache / ".locks" / collection),
            "meta_size": [2, 2],
            "meta_buffer": 0,  # tiling.render draws no seams
            "concurrent_tile_creators": 2,
            "link_single_color_images": "hardlink",
            "max_tile_limit": 600,
        },
        "http": {"access_control_allow_origin": "*"},
        "image": {
            "paletted": False,
            "resampling_method": "bilinear",
            "formats": {
                "image/png": {"mode": "RGBA", "transparent": True},
                "image/jpeg": {"encoding_options": {"jpeg_quality": 85}},
                "image/webp": {"mode": "RGBA", "transparent": True},
            },
        },
    }
