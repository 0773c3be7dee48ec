"""Landsat's spectral bands, and how their numbers become reflectance, kelvin or radiance.

Centres are those of the items that the USGS puts into its packages, where it does.
"""

import re
from dataclasses import dataclass
from typing import Any

from flows.landsat.names import Scene

Table = dict[str, tuple[str, float, float, int]]
"""Number -> common name, centre and full width at half maximum (micrometres), GSD (metres)."""

OLI: Table = {
    "1": ("coastal", 0.44, 0.02, 30), "2": ("blue", 0.48, 0.06, 30),
    "3": ("green", 0.56, 0.06, 30), "4": ("red", 0.65, 0.04, 30), "5": ("nir08", 0.86, 0.03, 30),
    "6": ("swir16", 1.6, 0.09, 30), "7": ("swir22", 2.2, 0.19, 30), "8": ("pan", 0.59, 0.18, 15),
    "9": ("cirrus", 1.37, 0.02, 30), "10": ("lwir11", 10.9, 0.59, 100),
    "11": ("lwir12", 12.0, 1.01, 100),
}  # fmt: skip
ETM: Table = {
    "1": ("blue", 0.48, 0.07, 30), "2": ("green", 0.56, 0.08, 30), "3": ("red", 0.66, 0.06, 30),
    "4": ("nir08", 0.84, 0.13, 30), "5": ("swir16", 1.65, 0.2, 30), "6": ("lwir", 11.34, 2.05, 60),
    "7": ("swir22", 2.2, 0.28, 30), "8": ("pan", 0.71, 0.38, 15),
}  # fmt: skip
TM: Table = {
    "1": ("blue", 0.49, 0.07, 30), "2": ("green", 0.56, 0.08, 30), "3": ("red", 0.66, 0.06, 30),
    "4": ("nir08", 0.83, 0.14, 30), "5": ("swir16", 1.65, 0.2, 30), "6": ("lwir", 11.45, 2.1, 120),
    "7": ("swir22", 2.22, 0.27, 30),
}  # fmt: skip
MSS: Table = {
    "4": ("green", 0.55, 0.1, 79), "5": ("red", 0.65, 0.1, 79), "6": ("nir08", 0.75, 0.1, 79),
    "7": ("nir09", 0.95, 0.3, 79),
}  # fmt: skip
MSS_OF_LANDSAT_4_AND_5 = {str(int(number) - 3): band for number, band in MSS.items()}

OLI_SATELLITES = {8, 9}

SPECTRAL = re.compile(r"(?:(?P<kind>SR|ST|BT)_)?B(?:AND)?(?P<number>\d+)(?P<gain>_VCID_[12])?")
"""Parts of scenes that are bands; `SR_BAND4` is how Level 2 of Collection 1 names them."""

L1_REFLECTANCE = (2e-5, -0.1)
"""Scale and offset to reflectance without sun angle, the same for every OLI Level 1 product."""

BEFORE = {"SR": (1e-4, 0.0), "BT": (0.1, 0.0)}
"""Scale and offset of Level 2 of Collection 1 (USGS LSDS-1368, LSDS-1370)."""

RADIANCE = "W/(m^2 sr um)"


@dataclass(frozen=True)
class Band:
    """A spectral band of a scene."""

    kind: str | None
    """SR: surface reflectance, ST and BT: temperature; None in Level 1."""
    number: str
    gain: str
    """_VCID_1 or _VCID_2: ETM+ looks at heat with two gains."""
    name: str
    """Common name."""
    centre: float
    """Micrometres, as `width`."""
    width: float
    """Full width at half maximum."""
    gsd: int
    """Metres, at the sensor."""

    @property
    def key(self) -> str:
        """Of the asset."""
        return f"{self.name}{self.gain.lower()}"

    @property
    def reflective(self) -> bool:
        """Whether it measures reflected light, not heat."""
        return self.centre < 3

    def fields(self, name: str) -> dict[str, Any]:
        """As STAC tells it."""
        return {
            "name": name,
            "eo:common_name": self.name,
            "eo:center_wavelength": self.centre,
            "eo:full_width_half_max": self.width,
        }


def find(scene: Scene, part: str) -> Band | None:
    """The band that a part of a scene is; None for quality, angles and others."""
    match = SPECTRAL.fullmatch(part)
    known = _table(scene).get(match["number"]) if match else None
    return (
        Band(match["kind"], match["number"], match["gain"] or "", *known)
        if match and known
        else None
    )


def gsd(scene: Scene) -> int:
    """Of the reflective bands, metres."""
    return 79 if scene.sensor == "M" else 30


def instruments(scene: Scene) -> list[str]:
    """STAC `instruments` of a scene."""
    names = {"C": ["oli", "tirs"], "O": ["oli"], "E": ["etm+"], "M": ["mss"]}
    return names.get(scene.sensor) or (["tirs"] if scene.satellite in OLI_SATELLITES else ["tm"])


def scaling(scene: Scene, band: Band, metadata: dict[str, str]) -> dict[str, Any]:
    """From digital numbers to reflectance or kelvin, or else radiance, where that is known."""
    kinds = {"REFLECTANCE": None} if band.reflective else {"TEMPERATURE": "K", "RADIANCE": RADIANCE}
    for kind, unit in kinds.items():
        for suffix in (f"BAND_{band.number}{band.gain}", f"BAND_ST_B{band.number}"):
            scale, offset = (metadata.get(f"{kind}_{word}_{suffix}") for word in ("MULT", "ADD"))
            if scale and offset and (band.kind or kind != "TEMPERATURE"):
                return _scaled(float(scale), float(offset), unit)
    if scene.collection == "01" and band.kind in BEFORE:
        return _scaled(*BEFORE[band.kind], None if band.reflective else "K")
    if band.reflective and scene.satellite in OLI_SATELLITES and band.kind is None:
        return _scaled(*L1_REFLECTANCE, None)
    return {}


def _scaled(scale: float, offset: float, unit: str | None) -> dict[str, Any]:
    told = {"raster:scale": scale, "raster:offset": offset}
    return {**told, "unit": unit} if unit else told


def _table(scene: Scene) -> Table:
    if scene.satellite in OLI_SATELLITES:
        return OLI
    if scene.sensor == "M":
        return MSS_OF_LANDSAT_4_AND_5 if scene.satellite in {4, 5} else MSS
    return ETM if scene.sensor == "E" else TM
