"""Landsat's bands: common name and centre wavelength in micrometres."""

import re
from dataclasses import dataclass

from flows.landsat.names import Scene

OLI = {
    "1": ("coastal", 0.44), "2": ("blue", 0.48), "3": ("green", 0.56), "4": ("red", 0.65),
    "5": ("nir08", 0.86), "6": ("swir16", 1.6), "7": ("swir22", 2.2), "8": ("pan", 0.59),
    "9": ("cirrus", 1.37), "10": ("lwir11", 10.9), "11": ("lwir12", 12.0),
}  # fmt: skip
TM = {
    "1": ("blue", 0.49), "2": ("green", 0.56), "3": ("red", 0.66), "4": ("nir08", 0.84),
    "5": ("swir16", 1.65), "6": ("lwir", 11.45), "7": ("swir22", 2.22), "8": ("pan", 0.71),
}  # fmt: skip
MSS = {"4": ("green", 0.55), "5": ("red", 0.65), "6": ("nir08", 0.75), "7": ("nir09", 0.95)}
MSS_OF_LANDSAT_4_AND_5 = {str(int(number) - 3): band for number, band in MSS.items()}

SPECTRAL = re.compile(r"(?:SR_|ST_)?B(?P<number>\d+)")

L1_REFLECTANCE = (2e-5, -0.1)
"""Scale and offset to reflectance without sun angle, the same for every OLI Level 1 product."""


@dataclass(frozen=True)
class Band:
    """A spectral band."""

    number: str
    name: str
    """Common name, which is the asset's key, too."""
    wavelength: float
    """Centre, micrometres."""

    @property
    def reflective(self) -> bool:
        """Whether it measures reflected light, not heat."""
        return self.wavelength < 3


def find(scene: Scene, part: str) -> Band | None:
    """The band that a part of a scene is; None for quality and angle files."""
    match = SPECTRAL.fullmatch(part)
    if match is None:
        return None
    known = _table(scene).get(match["number"])
    return Band(match["number"], *known) if known else None


def _table(scene: Scene) -> dict[str, tuple[str, float]]:
    if scene.satellite in {"08", "09"}:
        return OLI
    if scene.sensor != "M":
        return TM
    return MSS_OF_LANDSAT_4_AND_5 if scene.satellite in {"04", "05"} else MSS


def instruments(scene: Scene) -> list[str]:
    """STAC `instruments` of a scene."""
    names = {"C": ["oli", "tirs"], "O": ["oli"], "E": ["etm+"], "M": ["mss"]}
    return names.get(scene.sensor) or (["tirs"] if scene.satellite in {"08", "09"} else ["tm"])


def scaling(scene: Scene, band: Band, metadata: dict[str, str]) -> tuple[float, float] | None:
    """Scale and offset from digital numbers to reflectance, or to kelvin, where they are known."""
    kind = "REFLECTANCE" if band.reflective else "TEMPERATURE"
    for suffix in (f"BAND_{band.number}", f"BAND_ST_B{band.number}"):
        scale, offset = (metadata.get(f"{kind}_{word}_{suffix}") for word in ("MULT", "ADD"))
        if scale and offset:
            return float(scale), float(offset)
    if band.reflective and scene.satellite in {"08", "09"} and scene.level.startswith("L1"):
        return L1_REFLECTANCE
    return None
