"""What else than spectral bands a Landsat product has: quality, angles, temperature's steps, texts.

Scales: USGS LSDS-1619.
"""

from dataclasses import dataclass, field
from typing import Any

from flows.landsat.bands import RADIANCE

QUALITY = ("data", "quality")


@dataclass(frozen=True)
class Layer:
    """A raster that is no spectral band."""

    key: str
    """Of the asset."""
    title: str
    roles: tuple[str, ...] = ("data",)
    fields: dict[str, Any] = field(default_factory=dict)


def _scaled(scale: float, unit: str | None = None) -> dict[str, Any]:
    return {"raster:scale": scale, **({"unit": unit} if unit else {})}


CLOUDS = (*QUALITY, "cloud", "cloud-shadow", "snow-ice", "water-mask")

LAYERS = {
    "QA_PIXEL": Layer("qa_pixel", "Quality of pixels", CLOUDS),
    "QA_RADSAT": Layer("qa_radsat", "Radiometric saturation", (*QUALITY, "saturation")),
    "BQA": Layer("bqa", "Quality of pixels (Collection 1)", CLOUDS),
    "PIXEL_QA": Layer("pixel_qa", "Quality of pixels (Level 2 of Collection 1)", CLOUDS),
    "RADSAT_QA": Layer("radsat_qa", "Radiometric saturation", (*QUALITY, "saturation")),
    "SR_QA_AEROSOL": Layer("qa_aerosol", "Quality of aerosol", (*QUALITY, "water-mask")),
    "SR_AEROSOL": Layer("sr_aerosol", "Quality of aerosol", QUALITY),
    "SR_CLOUD_QA": Layer("cloud_qa", "Clouds as surface reflectance sees them", CLOUDS),
    "SR_ATMOS_OPACITY": Layer("atmos_opacity", "Atmospheric opacity", fields=_scaled(0.001)),
    "ST_QA": Layer("qa", "Uncertainty of surface temperature", fields=_scaled(0.01, "K")),
    "ST_ATRAN": Layer("atran", "Atmospheric transmittance", fields=_scaled(0.0001)),
    "ST_CDIST": Layer("cdist", "Distance to clouds", fields=_scaled(0.01, "km")),
    "ST_DRAD": Layer("drad", "Downwelled radiance", fields=_scaled(0.001, RADIANCE)),
    "ST_URAD": Layer("urad", "Upwelled radiance", fields=_scaled(0.001, RADIANCE)),
    "ST_TRAD": Layer("trad", "Thermal radiance", fields=_scaled(0.001, RADIANCE)),
    "ST_EMIS": Layer("emis", "Emissivity", fields=_scaled(0.0001)),
    "ST_EMSD": Layer("emsd", "Standard deviation of emissivity", fields=_scaled(0.0001)),
    "VAA": Layer("vaa", "Azimuth of the sensor", fields=_scaled(0.01, "degree")),
    "VZA": Layer("vza", "Zenith angle of the sensor", fields=_scaled(0.01, "degree")),
    "SAA": Layer("saa", "Azimuth of the sun", fields=_scaled(0.01, "degree")),
    "SZA": Layer("sza", "Zenith angle of the sun", fields=_scaled(0.01, "degree")),
}
"""Part of a scene -> what it is."""

TEXTS = {
    ("MTL", "JSON"): ("mtl.json", "Product metadata (JSON)", "metadata"),
    ("MTL", "TXT"): ("mtl.txt", "Product metadata (text)", "metadata"),
    ("MTL", "XML"): ("mtl.xml", "Product metadata (XML)", "metadata"),
    ("ANG", "TXT"): ("ang", "Angle coefficients", "metadata"),
    ("GCP", "TXT"): ("gcp", "Ground control points", "metadata"),
    ("STAC", "JSON"): ("stac", "STAC Item of the agency", "metadata"),
    ("SR_STAC", "JSON"): ("sr_stac", "STAC Item of the agency: reflectance", "metadata"),
    ("ST_STAC", "JSON"): ("st_stac", "STAC Item of the agency: temperature", "metadata"),
    ("THUMB_SMALL", "JPEG"): ("thumbnail", "Thumbnail", "thumbnail"),
    ("THUMB_LARGE", "JPEG"): ("reduced_resolution_browse", "Browse image", "overview"),
}
"""Part of a scene and suffix -> key, title and role of a file that is no raster."""
