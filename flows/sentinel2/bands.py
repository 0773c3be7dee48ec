"""The images of a product: spectral bands of the MSI, and what is made of them."""

import re
from dataclasses import dataclass
from typing import Any

FILE = re.compile(
    r"(?:.*/)?(?:T\d{2}[A-Z]{3}_\d{8}T\d{6}_)?(?P<image>B\d[0-9A]|TCI|SCL|AOT|WVP)"
    r"(?:_(?P<resolution>[126]0)m)?\.(?:jp2|tiff?)",
    re.IGNORECASE,
)
"""Names of images, in a SAFE and in the layout of the AWS bucket."""

FOLDER = re.compile(r"(?:.*/)?R([126]0)m/")
"""Folders by resolution, in the bucket of Level 2A."""

NODATA = 0
"""In every image; NODATA of the `Special_Values` in the metadata of all baselines."""

PREVIEW = 1000
"""Stands for the resolution of a preview, metres."""

MASK = re.compile(
    r"(?:.*/)?MSK_(?P<mask>CLDPRB|SNWPRB|CLASSI)(?:_(?P<resolution>[126]0)m|_B00)\.jp2"
)


@dataclass(frozen=True)
class Band:
    """A spectral band."""

    number: int
    """`bandId` in the metadata."""
    key: str
    """Of the asset."""
    common_name: str
    """Of the EO extension."""
    centre: float
    """Nominal, micrometres."""
    width: float
    """Bandwidth, micrometres, as Earth Search tells it for the full width at half maximum."""
    gsd: int
    """Metres."""

    def fields(self, name: str) -> dict[str, Any]:
        """As STAC tells it."""
        return {
            "name": name,
            "eo:common_name": self.common_name,
            "eo:center_wavelength": self.centre,
            "eo:full_width_half_max": self.width,
        }


BANDS = {
    "B01": Band(0, "coastal", "coastal", 0.443, 0.027, 60),
    "B02": Band(1, "blue", "blue", 0.49, 0.098, 10),
    "B03": Band(2, "green", "green", 0.56, 0.045, 10),
    "B04": Band(3, "red", "red", 0.665, 0.038, 10),
    "B05": Band(4, "rededge1", "rededge071", 0.704, 0.019, 20),
    "B06": Band(5, "rededge2", "rededge075", 0.74, 0.018, 20),
    "B07": Band(6, "rededge3", "rededge078", 0.783, 0.028, 20),
    "B08": Band(7, "nir", "nir", 0.842, 0.145, 10),
    "B8A": Band(8, "nir08", "nir08", 0.865, 0.033, 20),
    "B09": Band(9, "nir09", "nir09", 0.945, 0.026, 60),
    "B10": Band(10, "cirrus", "cirrus", 1.3735, 0.075, 60),
    "B11": Band(11, "swir16", "swir16", 1.61, 0.143, 20),
    "B12": Band(12, "swir22", "swir22", 2.19, 0.242, 20),
}

OTHERS = {
    "TCI": ("visual", "True colour image", 10),
    "SCL": ("scl", "Scene classification", 20),
    "AOT": ("aot", "Aerosol optical thickness", 10),
    "WVP": ("wvp", "Water vapour", 10),
}
"""Image -> key, title, and pixel in metres at its best."""

MASKS = {
    "CLDPRB": ("cloud", "Cloud probability, per cent"),
    "SNWPRB": ("snow", "Snow probability, per cent"),
    "CLASSI": ("classification", "Classification masks: opaque clouds, cirrus, snow"),
}
"""Mask -> key and title."""

CLASSES = [
    ("no_data", "000000"), ("saturated_or_defective", "ff0000"), ("dark_area", "2f2f2f"),
    ("cloud_shadow", "643200"), ("vegetation", "00a000"), ("not_vegetated", "ffe65a"),
    ("water", "0000ff"), ("unclassified", "808080"), ("cloud_medium_probability", "c0c0c0"),
    ("cloud_high_probability", "ffffff"), ("thin_cirrus", "64c8ff"), ("snow_or_ice", "ff96ff"),
]  # fmt: skip
"""Classes of the scene classification, by value, with the colours that ESA draws them in."""


def best(files: list[str]) -> dict[str, str]:
    """Image -> the file that has it at the best resolution."""
    found: dict[str, tuple[int, str]] = {}
    for name in files:
        if match := FILE.fullmatch(name):
            image, resolution = match["image"].upper(), _resolution(name, match["resolution"])
            if image not in found or resolution < found[image][0]:
                found[image] = resolution, name
    return {image: name for image, (_, name) in sorted(found.items())}


def _resolution(name: str, told: str | None) -> int:
    """Metres, or less where nothing tells them; reduced previews come last."""
    folder = FOLDER.match(name)
    return PREVIEW if name.startswith("preview/") else int(told or (folder[1] if folder else 0))
