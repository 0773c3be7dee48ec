"""Granules of MODIS, VIIRS and ASTER: files by their names, with or without their metadata file.

The metadata file alone is a record, as catalogues give it.
"""

from pathlib import PurePosixPath
from typing import Any

import pystac

from flows import assets
from flows.ecs import metadata, names
from flows.ecs.names import Granule
from flows.extent import Raster, geojson, look, outline
from flows.found import Found
from flows.identifiers import safe
from flows.records import known
from flows.records.beside import beside
from infrastructure.errors import Unreadable

CONTAINERS = (".hdf", ".h5", ".nc")
"""Files that hold many rasters; they are kept as they are."""

QUALITY = ("quality", "qa", "reliability", "qc")
"""What is in the names of layers that tell of the others' quality."""


def recognises(found: Found) -> bool:
    """Whether the record, or a file, is a granule's metadata, or files have a granule's name."""
    if known(found.record or b"") == "ecs" or any(map(names.NAME.search, found.files)):
        return True
    return any(True for _ in beside(found.files, "ecs"))


def read(found: Found) -> pystac.Item:
    """Make an item of a granule.

    Without the metadata file the time is that of the name: the days of a composite, or one day.
    A granule that was made again has the same id.

    Raises:
        Unreadable: files of several granules, a damaged file, or nothing that tells time or place.
        Unreachable: a file cannot be fetched.
    """
    told = [(found.upstream_id, found.record)] if found.record else beside(found.files, "ecs")
    described = list(told)
    if len(described) > 1:
        names_of = ", ".join(name for name, _ in described)
        raise Unreadable(f"{found.upstream_id}: metadata of several granules: {names_of}")
    file, content = next(iter(described), (None, None))
    granule = _granule(found)
    pictures = {
        name: href
        for name, href in sorted(found.files.items())
        if assets.is_raster(name) and not name.lower().endswith(CONTAINERS)
    }
    rasters = [look(name, href) for name, href in pictures.items()]
    if content is not None and file is not None:
        item = _described(file, content, granule)
    elif granule:
        item = _named(granule, rasters)
    else:
        raise Unreadable(f"{found.upstream_id}: neither its names nor its metadata tell what it is")
    for raster in rasters:
        key, asset = _layer(raster, pictures[raster.name], granule)
        item.add_asset(key, asset)
    _add_others(item, found, file)
    return item


def _granule(found: Found) -> Granule | None:
    """The granule that the names tell of."""
    try:
        told = {
            granule.name: granule
            for name in (*found.files, *([] if found.files else [found.upstream_id]))
            if (granule := names.parse(name))
        }
    except ValueError as error:
        raise Unreadable(f"{found.upstream_id}: no date in its name: {error}") from error
    if len(told) > 1:
        raise Unreadable(f"{found.upstream_id}: files of several granules: {', '.join(told)}")
    return next(iter(told.values()), None)


def _described(file: str, content: bytes, granule: Granule | None) -> pystac.Item:
    """An item of the metadata file."""
    element = metadata.parse(content, file)
    start, end = metadata.times(element, file)
    geometry, bbox = geojson(metadata.place(element, file))
    local = metadata.text(element, "ECSDataGranule/LocalGranuleID") or file
    granule = granule or names.parse(local)
    instant = start == end
    return pystac.Item(
        id=granule.id if granule else safe(PurePosixPath(local).stem),
        geometry=geometry,
        bbox=bbox,
        datetime=start if instant else None,
        start_datetime=None if instant else start,
        end_datetime=None if instant else end,
        properties=metadata.properties(element),
    )


def _named(granule: Granule, rasters: list[Raster]) -> pystac.Item:
    """An item of the names and the rasters."""
    if not rasters:
        raise Unreadable(f"{granule.name}: without its metadata file nobody can say where it is")
    geometry, bbox = outline(rasters)
    properties: dict[str, Any] = {"platform": granule.platform} if granule.platform else {}
    return pystac.Item(
        id=granule.id,
        geometry=geometry,
        bbox=bbox,
        datetime=None,
        start_datetime=granule.start,
        end_datetime=granule.end,
        properties={
            **properties,
            "instruments": [granule.instrument],
            "product:type": granule.product,
            "created": granule.made.isoformat().replace("+00:00", "Z"),
            "modis:horizontal-tile": granule.h,
            "modis:vertical-tile": granule.v,
        },
    )


def _layer(raster: Raster, href: str, granule: Granule | None) -> tuple[str, pystac.Asset]:
    """Key and asset of a layer: what its name has after the granule's."""
    stem = PurePosixPath(raster.name).stem
    layer = stem.partition(granule.name)[2].strip("_.") if granule else stem
    asset = assets.data(raster, href, layer.replace("_", " ") or stem)
    if set(layer.lower().split("_")) & set(QUALITY):
        asset.roles = ["data", "quality"]
    return safe(layer or stem), asset


def _add_others(item: pystac.Item, found: Found, told: str | None) -> None:
    """The granule's own container, and its metadata file."""
    for name, href in sorted(found.files.items()):
        if name.lower().endswith(CONTAINERS):
            kind = assets.media_type(name)
            item.add_asset("hdf", pystac.Asset(href, "Granule", None, kind, ["source"]))
    if told in found.files:
        item.add_asset("metadata", assets.metadata(told, found.files[told], "Granule metadata"))
