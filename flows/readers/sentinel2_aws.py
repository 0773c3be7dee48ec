"""Sentinel-2 tiles in the layout of the buckets on AWS: tileInfo.json and images by their bands.

https://roda.sentinel-hub.com/sentinel-s2-l1c/readme.html
"""

import re
from itertools import chain
from typing import Any

import orjson
import pystac
import shapely
from rasterio.crs import CRS
from rasterio.errors import CRSError
from shapely.geometry import shape

from flows.elements import moment
from flows.extent import geojson, to_degrees
from flows.found import Found
from flows.identifiers import safe
from flows.packages.content import read as read_file
from flows.sentinel2 import assets, tile
from infrastructure.errors import Unreadable

TILE = "tileInfo.json"

NAME = re.compile(r"S2[A-D]_.+_N(?P<major>\d{2})(?P<minor>\d{2})_R(?P<orbit>\d{3})_.+")
"""Processing baseline and relative orbit, in the product's name."""

LEVEL = re.compile(r"MSIL(1C|2A)")

Json = dict[str, Any]


def recognises(found: Found) -> bool:
    """Whether there is the information on a tile."""
    return TILE in found.files


def read(found: Found) -> pystac.Item:
    """Make an item of a tile.

    Its place is that of the data on the tile, or of the tile where that is not told. Angles are
    told if the tile's `metadata.xml` is there; which images belong to a tile is nowhere told, so
    none is missed.

    Raises:
        Unreadable: the information is damaged, or an image is damaged or cut off.
        Unreachable: a file cannot be fetched.
    """
    try:
        told = orjson.loads(read_file(found.files[TILE]))
        item = _item(told)
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Unreadable(f"{found.upstream_id}: {TILE} cannot be read: {error!r}") from error
    if "metadata.xml" in found.files:
        item.properties |= tile.properties(read_file(found.files["metadata.xml"]), "metadata.xml")
    parts = (assets.images(found.files, None), assets.masks(found.files))
    for key, asset in chain(*parts, assets.beside(found.files)):
        item.add_asset(key, asset)
    return item


def _item(told: Json) -> pystac.Item:
    product = str(told["productName"])
    told_level = LEVEL.search(product)
    if told_level is None:
        raise ValueError(f"{product} is no name of a Level 1C or 2A product")
    satellite, level = product[1:3].lower(), told_level[1]
    where = told.get("tileDataGeometry") or told["tileGeometry"]
    geometry, bbox = geojson(to_degrees(TILE, _crs(where), shape(where)))
    when, cover = moment(str(told["timestamp"])), told.get("cloudyPixelPercentage")
    if when is None:
        raise ValueError(f"{told['timestamp']} is no time")
    properties: Json = {
        "platform": f"sentinel-{satellite}",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "processing:level": f"L{level}",
        "product:type": f"S2MSI{level}",
        "grid:code": f"MGRS-{told['utmZone']:02d}{told['latitudeBand']}{told['gridSquare']}",
        "mgrs:utm_zone": told["utmZone"],
        "mgrs:latitude_band": told["latitudeBand"],
        "mgrs:grid_square": told["gridSquare"],
        "proj:code": f"EPSG:{_crs(where).to_epsg()}",
        "s2:product_uri": f"{product}.SAFE",
        "s2:datastrip_id": told["datastrip"]["id"],
    }
    if name := NAME.fullmatch(product):
        properties["processing:version"] = f"{name['major']}.{name['minor']}"
        properties["sat:relative_orbit"] = int(name["orbit"])
    return pystac.Item(
        id=safe(_identifier(told, satellite, level)),
        geometry=geometry,
        bbox=bbox,
        datetime=when,
        properties={**properties, **({} if cover is None else {"eo:cloud_cover": cover})},
    )


def _identifier(told: Json, satellite: str, level: str) -> str:
    """As Earth Search has it: satellite, tile, day, number of the tile on that day, level."""
    year, month, day, sequence = str(told["path"]).split("/")[-4:]
    square = f"{told['utmZone']}{told['latitudeBand']}{told['gridSquare']}"
    when = f"{year}{int(month):02d}{int(day):02d}"
    return f"S{satellite.upper()}_{square}_{when}_{sequence}_L{level}"


def _crs(geometry: Json) -> CRS:
    """The reference system that a geometry names (GeoJSON 2008, 3)."""
    name = str(geometry["crs"]["properties"]["name"])
    try:
        return CRS.from_epsg(int(name.rpartition(":")[2]))
    except CRSError as error:
        raise ValueError(f"{name} is no reference system") from error
