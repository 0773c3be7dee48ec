"""Sentinel-2 Level 1C and 2A products as SAFE, of baseline 02.04 and later."""

import re
from itertools import chain
from pathlib import PurePosixPath

import pystac

from flows.elements import moment
from flows.extent import around, geojson
from flows.found import Found
from flows.identifiers import safe
from flows.packages.content import read as read_file
from flows.sentinel2 import assets, metadata, tile
from flows.sentinel2.metadata import Product
from infrastructure.errors import Unreadable

MTD = re.compile(r"MTD_MSIL(?:1C|2A)\.xml")

TILE = re.compile(r"GRANULE/[^/]+/MTD_TL\.xml")

NAME = re.compile(r"S2[A-D]_MSIL(?:1C|2A)_\d{8}T\d{6}_")

ABSOLUTE = re.compile(r"_A(\d{6})_T")
"""Absolute orbit, in the tile's name."""


def recognises(found: Found) -> bool:
    """Whether there are the metadata of such a product, or a manifest and such a name."""
    if any(MTD.fullmatch(name) for name in found.files):
        return True
    folder = PurePosixPath(found.upstream_id).name
    return "manifest.safe" in found.files and NAME.match(folder) is not None


def read(found: Found) -> pystac.Item:
    """Make an item of a product; of each band the best resolution that was delivered.

    `datetime` is when the sensing of the datatake's part began, as in ESA's catalogues. Images that
    the metadata name and that were not delivered are in `swath:missing`.

    Raises:
        Unreadable: the metadata are missing or damaged, or an image is damaged or cut off.
        Unreachable: a file cannot be fetched.
    """
    name = next((name for name in found.files if MTD.fullmatch(name)), None)
    if name is None:
        raise Unreadable(f"{found.upstream_id}: the product's metadata (MTD_MSI*.xml) are missing")
    product = metadata.parse(read_file(found.files[name]), name)
    start = moment(product.text("PRODUCT_START_TIME"))
    if start is None:
        raise Unreadable(f"{name}: PRODUCT_START_TIME is no time")
    try:
        geometry, bbox = geojson(around(metadata.footprint(product)))
    except ValueError as error:
        raise Unreadable(f"{name}: its footprint cannot be read: {error}") from error
    item = pystac.Item(
        id=safe(metadata.uri(product)),
        geometry=geometry,
        bbox=bbox,
        datetime=start,
        properties={**metadata.properties(product), **_tile(found), **_missing(found, product)},
    )
    if orbit := ABSOLUTE.search(item.properties.get("s2:tile_id", "")):
        item.properties["sat:absolute_orbit"] = int(orbit[1])
    parts = (assets.images(found.files, product), assets.masks(found.files))
    for key, asset in chain(*parts, assets.beside(found.files)):
        item.add_asset(key, asset)
    return item


def _tile(found: Found) -> dict[str, object]:
    """What the metadata of the tile tell, if they are there."""
    name = next((name for name in sorted(found.files) if TILE.fullmatch(name)), None)
    return tile.properties(read_file(found.files[name]), name) if name else {}


def _missing(found: Found, product: Product) -> dict[str, list[str]]:
    there = {name.rpartition(".")[0] for name in found.files}
    missing = sorted(set(metadata.images(product)) - there)
    return {"swath:missing": missing} if missing else {}
