"""Sentinel-1 Level 1 products, GRD and SLC: as SAFE, and in the layout of the bucket on AWS."""

import re
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import orjson
import pystac

from flows.elements import moment
from flows.extent import around, geojson
from flows.found import Found
from flows.identifiers import safe
from flows.packages.content import read as read_file
from flows.sentinel1 import assets, manifest
from infrastructure.errors import Unreadable

INFO = "productInfo.json"
"""What the bucket on AWS says of a product."""

PRODUCT = re.compile(r"S1[A-D]_(?:IW|EW|WV|S\d)_(?:GRD|SLC)._1S[A-Z0-9_]+")

CHANNELS = {"S": 1, "D": 2}

Json = dict[str, Any]


def recognises(found: Found) -> bool:
    """Whether the images have the names of Sentinel-1, beside a manifest or what AWS has."""
    if {manifest.NAME, INFO}.isdisjoint(found.files):
        return False
    is_named = PRODUCT.match(PurePosixPath(found.upstream_id).name) is not None
    return is_named or any(assets.IMAGE.fullmatch(name) for name in found.files)


def read(found: Found) -> pystac.Item:
    """Make an item of a product; its footprint is that of the manifest, or of AWS's information.

    Images have ground control points, and no grid. Those that the manifest names and that were not
    delivered are in `swath:missing`.

    Raises:
        Unreadable: the manifest or an image is damaged, or tells no place or time.
        Unreachable: a file cannot be fetched.
    """
    info = _info(found)
    if manifest.NAME in found.files:
        item = _of_manifest(found, info)
    else:
        item = _of_info(info, found.upstream_id)
    for key, asset in chain(assets.images(found.files), assets.beside(found.files)):
        item.add_asset(key, asset)
    return item


def _info(found: Found) -> Json:
    if INFO not in found.files:
        return {}
    try:
        return dict(orjson.loads(read_file(found.files[INFO])))
    except (TypeError, ValueError) as error:
        raise Unreadable(f"{found.upstream_id}: {INFO} cannot be read: {error}") from error


def _of_manifest(found: Found, info: Json) -> pystac.Item:
    root = manifest.parse(read_file(found.files[manifest.NAME]))
    start, end = manifest.times(root)
    product = str(info.get("id") or PurePosixPath(found.upstream_id).name.partition(".")[0])
    mapped = info.get("filenameMap")
    places = mapped if isinstance(mapped, dict) else {}
    named = [places.get(path, path) for path in manifest.files(root)]
    missing = sorted(set(named) - found.files.keys())
    item = _item(product, manifest.corners(root), (start, end), manifest.NAME)
    item.properties |= manifest.properties(root, product)
    if missing:
        item.properties["swath:missing"] = missing
    return item


def _of_info(info: Json, subject: str) -> pystac.Item:
    """An item of what AWS says, where the manifest was not delivered."""
    try:
        times = (moment(info["startTime"]), moment(info["stopTime"]))
        corners = [(float(x), float(y)) for x, y, *_ in info["footprint"]["coordinates"][0]]
        product, satellite = str(info["id"]), str(info["missionId"])[-1].lower()
        properties = {
            **manifest.RADAR,
            "platform": f"sentinel-1{satellite}",
            "constellation": "sentinel-1",
            "instruments": ["c-sar"],
            "sar:instrument_mode": info["mode"],
            "sar:product_type": info["productType"],
            "sar:polarizations": _channels(info["polarization"]),
            "sat:absolute_orbit": int(info["absoluteOrbitNumber"]),
            "product:type": info["productType"],
            "processing:level": "L1",
            "s1:product_identifier": product,
            "s1:datatake_id": str(info["missionDataTakeId"]),
        }
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Unreadable(f"{subject}: {INFO} cannot be read: {error!r}") from error
    item = _item(product, corners, times, INFO)
    item.properties |= properties
    return item


def _channels(code: str) -> list[str]:
    """Polarisations of a code: `DV` is VV and VH, `SH` is HH alone."""
    own = code[-1]
    return [own * 2, f"{own}{'H' if own == 'V' else 'V'}"][: CHANNELS[code[0]]]


def _item(
    product: str, corners: list[tuple[float, float]], times: tuple[Any, Any], name: str
) -> pystac.Item:
    start, end = times
    if start is None or end is None:
        raise Unreadable(f"{name}: it tells no start or no end of the acquisition")
    try:
        geometry, bbox = geojson(around(corners))
    except ValueError as error:
        raise Unreadable(f"{name}: its footprint cannot be read: {error}") from error
    return pystac.Item(
        id=safe(product),
        geometry=geometry,
        bbox=bbox,
        datetime=start + (end - start) / 2,
        start_datetime=start,
        end_datetime=end,
        properties={},
    )
