"""The assets of a product: its images at their best resolution, its masks and its metadata."""

import re
from collections.abc import Iterator

import pystac

from flows import assets
from flows.extent import look
from flows.sentinel2.bands import BANDS, CLASSES, MASK, MASKS, NODATA, OTHERS, best
from flows.sentinel2.metadata import Product, scaling

METADATA = {
    r"manifest\.safe": ("safe_manifest", "Manifest"),
    r"MTD_MSIL(?:1C|2A)\.xml": ("product_metadata", "Product metadata"),
    r"GRANULE/[^/]+/MTD_TL\.xml": ("granule_metadata", "Tile metadata"),
    r"DATASTRIP/[^/]+/MTD_DS\.xml": ("datastrip_metadata", "Datastrip metadata"),
    r"metadata\.xml": ("granule_metadata", "Tile metadata"),
    r"tileInfo\.json": ("tileinfo_metadata", "Tile information"),
}
"""Name of a file -> key and title."""

INSPIRE = "INSPIRE.xml"

PICTURES = {
    r"(?:.*/)?[^/]*_PVI\.(?:jp2|tif)": ("preview", "Preview", "overview"),
    r"(?:.*/)?L2A_PVI\.(?:jp2|tif)": ("preview", "Preview", "overview"),
    r"preview\.jp2": ("preview", "Preview", "overview"),
    r"(?:[^/]*-ql|preview)\.jpg": ("thumbnail", "Thumbnail", "thumbnail"),
}
"""Name of a picture -> key, title and role."""


def images(files: dict[str, str], product: Product | None) -> Iterator[tuple[str, pystac.Asset]]:
    """Key and asset of each image that was delivered.

    Raises:
        Unreadable: one is no raster, or is cut off.
        Unreachable: its server does not answer.
    """
    for image, name in best(list(files)).items():
        raster = look(name, files[name])
        if image in BANDS:
            band = BANDS[image]
            title = f"{band.key} ({image})"
            bands = [band.fields(image)]
            asset = assets.data(raster, files[name], title, bands=bands, nodata=NODATA)
            if not name.startswith("preview/"):
                asset.extra_fields["gsd"] = band.gsd
            asset.roles = ["data", "reflectance"]
            if product and (told := scaling(product, band.number)):
                asset.extra_fields |= dict(
                    zip(("raster:scale", "raster:offset"), told, strict=True)
                )
            yield band.key, asset
        elif image in OTHERS:
            key, title, gsd = OTHERS[image]
            asset = assets.data(raster, files[name], title, gsd=gsd, nodata=NODATA)
            yield key, _other(key, asset)


def _other(key: str, asset: pystac.Asset) -> pystac.Asset:
    if key == "visual":
        asset.roles = ["data", "visual"]
        asset.extra_fields["bands"] = [BANDS[name].fields(name) for name in ("B04", "B03", "B02")]
    elif key == "scl":
        asset.roles = ["data", "quality"]
        asset.extra_fields["classification:classes"] = [
            {"value": value, "name": name, "color_hint": colour.upper()}
            for value, (name, colour) in enumerate(CLASSES)
        ]
    return asset


def masks(files: dict[str, str]) -> Iterator[tuple[str, pystac.Asset]]:
    """Key and asset of each mask, at its best resolution."""
    found: dict[str, tuple[int, str]] = {}
    for name in files:
        if match := MASK.fullmatch(name):
            mask, resolution = match["mask"], int(match["resolution"] or 0)
            if mask not in found or resolution < found[mask][0]:
                found[mask] = resolution, name
    for mask, (_, name) in sorted(found.items()):
        key, title = MASKS[mask]
        asset = assets.data(look(name, files[name]), files[name], title)
        asset.roles = ["data", "quality"] if mask == "CLASSI" else ["data"]
        yield key, asset


def beside(files: dict[str, str]) -> Iterator[tuple[str, pystac.Asset]]:
    """Key and asset of each metadata file and picture."""
    for name, href in sorted(files.items()):
        for pattern, (key, title) in METADATA.items():
            if re.fullmatch(pattern, name):
                yield key, assets.metadata(name, href, title)
        for pattern, (key, title, role) in PICTURES.items():
            if re.fullmatch(pattern, name):
                yield key, pystac.Asset(href, title, None, assets.media_type(name), [role])
    if INSPIRE in files:
        told = assets.metadata(INSPIRE, files[INSPIRE], "INSPIRE metadata", "iso-19115")
        yield "inspire_metadata", told
