"""Landsat products, Collections 1 and 2, Levels 1 and 2, MSS to OLI-2, and scenes before them.

Without a metadata file (MTL) only the day is known: `datetime` is null, and the item spans that
day in UTC.
"""

import pystac
import shapely
from shapely.geometry.base import BaseGeometry

from flows.extent import Raster, geojson, look
from flows.found import Found
from flows.landsat import assets, facts, footprint, mtl
from flows.landsat.names import File, Scene, parse
from infrastructure.errors import Unreadable

METADATA = "MTL"

ITEMS = {"SR_STAC", "ST_STAC", "STAC"}
"""Parts of products that are STAC Items of the agency."""


def recognises(found: Found) -> bool:
    """Whether one of the files has the name of a Landsat band or metadata file."""
    files = _files(found).values()
    return any(file.is_raster or file.part == METADATA for file in files)


def read(found: Found) -> pystac.Item:
    """Make an item of a product; files that its MTL names and that are not there are missing.

    The geometry is that of the agency's own item, where it is in the package; else the image's by
    the angle coefficients (ANG); else that of the rasters, or of the grid that the MTL tells. Files
    that are missing are told in `swath:missing`.

    Raises:
        Unreadable: files of several scenes, a damaged file, or a raster without a place.
        Unreachable: a file cannot be fetched.
    """
    files = _files(found)
    scene = _scene(found, files)
    metadata = _metadata(found, scene)
    rasters = {
        name: look(name, found.files[name]) for name, file in files.items() if file.is_raster
    }
    there = {f"{scene.product}_{file.part}.{file.suffix}" for file in files.values()}
    try:
        geometry, bbox = geojson(_place(found, files, rasters, metadata))
        item = pystac.Item(
            id=scene.product,
            geometry=geometry,
            bbox=bbox,
            datetime=facts.instant(metadata),
            properties={
                **facts.properties(scene, metadata),
                **facts.missing(scene, metadata, there),
            },
        )
        for name, raster in rasters.items():
            key, asset = assets.image(files[name], found.files[name], raster, metadata)
            free = (k for k in (key, files[name].part.lower(), name) if k not in item.assets)
            item.add_asset(next(free), asset)
    except (KeyError, ValueError) as error:
        raise Unreadable(
            f"{found.upstream_id}: wrong value in name or metadata: {error}"
        ) from error
    for name, file in files.items():
        if beside := assets.text(file, name, found.files[name]):
            item.add_asset(*beside)
    return item


def _files(found: Found) -> dict[str, File]:
    parsed = ((name, parse(name, found.upstream_id)) for name in sorted(found.files))
    return {name: file for name, file in parsed if file}


def _scene(found: Found, files: dict[str, File]) -> Scene:
    scenes = {file.scene for file in files.values()}
    if len(scenes) > 1:
        products = ", ".join(sorted(scene.product for scene in scenes))
        raise Unreadable(f"{found.upstream_id}: files of several scenes: {products}")
    return scenes.pop()


def _metadata(found: Found, scene: Scene) -> dict[str, str]:
    """What the MTL tells; nothing, if it was not delivered."""
    file = mtl.find(found.files)
    metadata = mtl.read(*file) if file else {}
    told = metadata.get("LANDSAT_PRODUCT_ID") or metadata.get("LANDSAT_SCENE_ID")
    if told not in {None, scene.product}:
        raise Unreadable(f"{found.upstream_id}: the metadata are of another scene")
    return metadata


def _place(
    found: Found, files: dict[str, File], rasters: dict[str, Raster], metadata: dict[str, str]
) -> BaseGeometry:
    """The footprint of what was delivered, in degrees."""
    if not rasters:
        corners = footprint.by_corners(metadata)
        if corners is None:
            raise Unreadable(f"{found.upstream_id}: neither an image nor metadata tell its place")
        return corners
    outline = shapely.union_all([raster.outline for raster in rasters.values()])
    seen = _seen(found, files, found.files[next(iter(rasters))])
    if seen is None:
        return outline
    inside = seen & outline
    if not inside.area:
        raise Unreadable(f"{found.upstream_id}: its images and its metadata tell different places")
    return inside


def _seen(found: Found, files: dict[str, File], raster: str) -> BaseGeometry | None:
    """The footprint that the agency's item, or else the angle coefficients tell."""
    for name, file in files.items():
        if file.part in ITEMS:
            told = footprint.by_item(name, found.files[name], file.scene.product)
            if told is not None:
                return told
    angles = next((name for name, file in files.items() if file.part == "ANG"), None)
    return footprint.by_angles(angles, found.files[angles], raster) if angles else None
