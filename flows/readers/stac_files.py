"""Rasters with a STAC Item of version 0.6 to 1.1 beside them: the item, with the files at hand."""

from typing import Any

import pystac

from flows.found import Found
from flows.identifiers import safe
from flows.stac.bands import modern
from flows.stac.migrate import current
from flows.stac.package import items, named
from infrastructure.errors import Unreadable

STAC = True
"""The item declares its extensions itself."""

PICTURES = ("image/tiff", "image/jp2", "application/x-netcdf", "application/netcdf")
"""Media types of what is data, if the item does not say what its assets are for."""

JSON = "application/geo+json"

Json = dict[str, Any]


def recognises(found: Found) -> bool:
    """Whether one of the files is a STAC Item that names another."""
    return any(named(document, found.files) for _, document in items(found.files))


def read(found: Found) -> pystac.Item:
    """The item that names most of the files, with the assets that are there.

    The others are told in `swath:missing`; the item as it came is the asset `stac_item`.

    Raises:
        Unreadable: it cannot be migrated to STAC 1.1, or two items name as many of the files.
        Unreachable: the item cannot be fetched.
    """
    name, document = _chosen(found)
    document = modern({"links": [], **current(document, found.upstream_id)})
    there = named(document, found.files)
    missing = sorted(document["assets"].keys() - there.keys())
    item = pystac.Item.from_dict(
        {
            **document,
            "id": safe(document["id"]),
            "assets": {
                key: _asset(document["assets"][key], found.files[file])
                for key, file in there.items()
            },
            "properties": {
                **document["properties"],
                **({"swath:missing": missing} if missing else {}),
            },
        },
        migrate=False,
        preserve_dict=False,
    )
    told = pystac.Asset(found.files[name], "STAC Item as it came", None, JSON, ["metadata"])
    item.add_asset("stac_item", told)
    return item


def _chosen(found: Found) -> tuple[str, Json]:
    ranked = sorted(
        (
            (len(named(document, found.files)), name, document)
            for name, document in items(found.files)
        ),
        key=lambda rank: rank[0],
        reverse=True,
    )
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        names = " and ".join(name for _, name, _ in ranked[:2])
        raise Unreadable(f"{found.upstream_id}: {names} are two STAC Items of the same files")
    _, name, document = ranked[0]
    return name, document


def _asset(asset: Json, href: str) -> Json:
    """The asset at its place; one that says nothing of its role is data, if it is a raster."""
    is_data = str(asset.get("type")).startswith(PICTURES)
    roles = asset.get("roles") or (["data"] if is_data else [])
    return {**asset, "href": href, **({"roles": roles} if roles else {})}
