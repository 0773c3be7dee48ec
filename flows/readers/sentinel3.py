"""Sentinel-3 packages (SEN3): a manifest and NetCDF files, in the geometry of the swath."""

import pystac

from flows import assets
from flows.extent import geojson
from flows.found import Found
from flows.identifiers import safe
from flows.packages.content import read as read_file
from flows.sentinel3 import manifest


def recognises(found: Found) -> bool:
    """Whether there is a manifest of Sentinel-3."""
    return manifest.NAME in found.files


def read(found: Found) -> pystac.Item:
    """Make an item of the manifest; files that were not delivered are in `swath:missing`.

    The pixels of the files lie along the swath, and not on a grid: their places are in files of
    their own. So they are not made into COGs or maps.

    Raises:
        Unreadable: the manifest is damaged, or tells no time or place.
        Unreachable: the manifest cannot be fetched.
    """
    root = manifest.parse(read_file(found.files[manifest.NAME]))
    start, end = manifest.times(root)
    geometry, bbox = geojson(manifest.footprint(root))
    parts = list(manifest.parts(root))
    missing = sorted(part.path for part in parts if part.path not in found.files)
    item = pystac.Item(
        id=safe(manifest.product(root)),
        geometry=geometry,
        bbox=bbox,
        datetime=start + (end - start) / 2,
        start_datetime=start,
        end_datetime=end,
        properties={
            **manifest.properties(root),
            **({"swath:missing": missing} if missing else {}),
        },
    )
    for part in parts:
        if part.path in found.files:
            item.add_asset(safe(part.key), _asset(part, found.files[part.path]))
    told = assets.metadata(manifest.NAME, found.files[manifest.NAME], "Manifest")
    item.add_asset("xfdumanifest", told)
    return item


def _asset(part: manifest.Part, href: str) -> pystac.Asset:
    kind = part.media_type or assets.media_type(part.path)
    roles = ["source"] if kind == "application/x-netcdf" else ["metadata"]
    return pystac.Asset(href, part.title, None, kind, roles)
