"""The assets of a Landsat product."""

from typing import Any

import pystac

from flows import assets
from flows.extent import Raster
from flows.landsat import bands, bits
from flows.landsat.layers import LAYERS, TEXTS, Layer
from flows.landsat.names import File, Scene

UNKNOWN_TO_MSS = {"cloud-shadow", "snow-ice", "water-mask"}
"""Roles that quality bands of MSS do not have: they know clouds alone."""


def image(
    file: File, href: str, raster: Raster, metadata: dict[str, str]
) -> tuple[str, pystac.Asset]:
    """Key and asset of a raster: a common name where the band has one.

    `gsd` is the sensor's; what the grid of the file has is `raster:spatial_resolution`.
    """
    band = bands.find(file.scene, file.part)
    told = _band(band, file, href, raster, metadata) if band else _layer(file, href, raster)
    if raster.metric:
        told[1].extra_fields["raster:spatial_resolution"] = raster.resolution
    return told


def _band(
    band: bands.Band, file: File, href: str, raster: Raster, metadata: dict[str, str]
) -> tuple[str, pystac.Asset]:
    fields: dict[str, Any] = {"gsd": band.gsd, "bands": [band.fields(file.part)]}
    scaling = bands.scaling(file.scene, band, metadata)
    title = f"Band {band.number}: {band.name}"
    asset = assets.data(raster, href, title, **fields, **scaling)
    if band.kind:
        asset.roles = ["data", "reflectance" if band.reflective else "temperature"]
    return band.key, asset


def _layer(file: File, href: str, raster: Raster) -> tuple[str, pystac.Asset]:
    plain = ("data", "quality") if "QA" in file.part else ("data",)
    layer = LAYERS.get(file.part) or Layer(file.part.lower(), file.part.replace("_", " "), plain)
    fields: dict[str, Any] = {"gsd": bands.gsd(file.scene), **layer.fields}
    if flags := bits.fields(file.scene, file.part):
        fields["classification:bitfields"] = flags
    asset = assets.data(raster, href, layer.title, **fields)
    asset.roles = [role for role in layer.roles if _tells(role, file.scene)]
    return layer.key, asset


def _tells(role: str, scene: Scene) -> bool:
    return scene.sensor != "M" or role not in UNKNOWN_TO_MSS


def text(file: File, name: str, href: str) -> tuple[str, pystac.Asset] | None:
    """Key and asset of a file that is no raster; None for what is of no known kind."""
    known = TEXTS.get((file.part, file.suffix))
    if known is None:
        return None
    key, title, role = known
    return key, pystac.Asset(href, title, None, assets.media_type(name), [role])
