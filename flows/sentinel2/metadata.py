"""The metadata of a product: MTD_MSIL1C.xml, MTD_MSIL2A.xml."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from flows.elements import moment
from infrastructure import safe_xml
from infrastructure.errors import Unreadable

QUALITY = {
    "Cloud_Coverage_Assessment": "eo:cloud_cover",
    "Snow_Coverage_Assessment": "eo:snow_cover",
    "DEGRADED_MSI_DATA_PERCENTAGE": "s2:degraded_msi_data_percentage",
    "NODATA_PIXEL_PERCENTAGE": "s2:nodata_pixel_percentage",
    "SATURATED_DEFECTIVE_PIXEL_PERCENTAGE": "s2:saturated_defective_pixel_percentage",
    "DARK_FEATURES_PERCENTAGE": "s2:dark_features_percentage",
    "CAST_SHADOW_PERCENTAGE": "s2:dark_features_percentage",
    "CLOUD_SHADOW_PERCENTAGE": "s2:cloud_shadow_percentage",
    "VEGETATION_PERCENTAGE": "s2:vegetation_percentage",
    "NOT_VEGETATED_PERCENTAGE": "s2:not_vegetated_percentage",
    "WATER_PERCENTAGE": "s2:water_percentage",
    "UNCLASSIFIED_PERCENTAGE": "s2:unclassified_percentage",
    "MEDIUM_PROBA_CLOUDS_PERCENTAGE": "s2:medium_proba_clouds_percentage",
    "HIGH_PROBA_CLOUDS_PERCENTAGE": "s2:high_proba_clouds_percentage",
    "THIN_CIRRUS_PERCENTAGE": "s2:thin_cirrus_percentage",
    "SNOW_ICE_PERCENTAGE": "s2:snow_ice_percentage",
}
"""Quality indicator -> STAC property, per cent."""

DESIGNATORS = {"2A": "2015-028A", "2B": "2017-013A", "2C": "2024-157A"}

URI = re.compile(r"S2[A-D]_MSIL(?:1C|2A)_.+_T(?P<zone>\d{2})(?P<band>[C-X])(?P<square>[A-Z]{2})_.+")


@dataclass(frozen=True)
class Product:
    """The metadata of a product."""

    name: str
    """Of the file."""
    root: etree._Element

    def text(self, path: str) -> str:
        """What the first element of a name says.

        Raises:
            Unreadable: it is not there.
        """
        told = (self.root.findtext(f".//{path}") or "").strip()
        if not told:
            raise Unreadable(f"{self.name}: it has no {path}")
        return told

    def number(self, path: str) -> float | None:
        """A number, if it is there.

        Raises:
            Unreadable: it is none.
        """
        told = (self.root.findtext(f".//{path}") or "").strip()
        try:
            return float(told) if told else None
        except ValueError as error:
            raise Unreadable(f"{self.name}: {path} is no number: {told}") from error


def parse(content: bytes, name: str) -> Product:
    """The metadata of one product.

    Raises:
        Unreadable: it is no XML, or is of the format of before December 2016, with many tiles.
    """
    root = safe_xml.parse(content, name)
    granules = root.findall(".//Granule_List//Granule")
    if len(granules) != 1:
        raise Unreadable(
            f"{name}: {len(granules)} tiles in one product; the format of before December 2016 is"
            " not read"
        )
    return Product(name, root)


def uri(product: Product) -> str:
    """The product's name, without the ending of its folder."""
    return product.text("PRODUCT_URI").removesuffix(".SAFE")


def footprint(product: Product) -> list[tuple[float, float]]:
    """Corners, longitude and latitude in degrees.

    Raises:
        Unreadable: they are no pairs of numbers.
    """
    try:
        numbers = [float(word) for word in product.text("EXT_POS_LIST").split()]
        return [*zip(numbers[1::2], numbers[::2], strict=True)]
    except ValueError as error:
        raise Unreadable(f"{product.name}: its footprint cannot be read: {error}") from error


def images(product: Product) -> list[str]:
    """The images that it names, without their suffix."""
    return [(e.text or "").strip() for e in product.root.iterfind(".//Granule_List//IMAGE_FILE")]


def properties(product: Product) -> dict[str, Any]:
    """What it tells, as STAC properties.

    Raises:
        Unreadable: something is missing, or is no number.
    """
    satellite = product.text("SPACECRAFT_NAME").lower()
    return {
        "platform": satellite,
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        **_designator(satellite),
        "sat:orbit_state": product.text("SENSING_ORBIT_DIRECTION").lower(),
        "sat:relative_orbit": _orbit(product),
        "product:type": product.text("PRODUCT_TYPE"),
        "processing:level": f"L{product.text('PROCESSING_LEVEL')[6:8]}",
        "processing:version": product.text("PROCESSING_BASELINE"),
        **_place(uri(product)),
        **_own(product),
        **dict(_quality(product)),
    }


def _designator(satellite: str) -> dict[str, str]:
    """Of launches that are known."""
    known = DESIGNATORS.get(satellite[-2:].upper())
    return {"sat:platform_international_designator": known} if known else {}


def _orbit(product: Product) -> int:
    told = product.text("SENSING_ORBIT_NUMBER")
    if not told.isdecimal():
        raise Unreadable(f"{product.name}: SENSING_ORBIT_NUMBER is no number: {told}")
    return int(told)


def _place(name: str) -> dict[str, Any]:
    """The tile, by the name."""
    found = URI.fullmatch(name)
    if found is None:
        return {}
    return {
        "grid:code": f"MGRS-{found['zone']}{found['band']}{found['square']}",
        "mgrs:utm_zone": int(found["zone"]),
        "mgrs:latitude_band": found["band"],
        "mgrs:grid_square": found["square"],
    }


def _own(product: Product) -> dict[str, Any]:
    """What has a word in the Sentinel-2 extension, and what tells of the making."""
    datatake = product.root.find(".//Datatake")
    granule = product.root.find(".//Granule_List//Granule")
    made = moment(product.text("GENERATION_TIME"))
    doi = (product.root.findtext(".//PRODUCT_DOI") or "").partition("doi.org/")[2]
    told = {
        "created": made.isoformat().replace("+00:00", "Z") if made else None,
        "sci:doi": doi,
        "s2:product_uri": product.text("PRODUCT_URI"),
        "s2:generation_time": product.text("GENERATION_TIME"),
        "s2:processing_baseline": product.text("PROCESSING_BASELINE"),
        "s2:product_type": product.text("PRODUCT_TYPE"),
        "s2:datatake_id": None if datatake is None else datatake.get("datatakeIdentifier"),
        "s2:datatake_type": product.text("DATATAKE_TYPE"),
        "s2:datastrip_id": None if granule is None else granule.get("datastripIdentifier"),
        "s2:tile_id": None if granule is None else granule.get("granuleIdentifier"),
        "s2:reflectance_conversion_factor": product.number("Reflectance_Conversion/U"),
    }
    return {key: value for key, value in told.items() if value not in (None, "")}


def _quality(product: Product) -> Iterator[tuple[str, float]]:
    snow = product.number("SNOW_ICE_PERCENTAGE")
    if snow is not None:
        yield "eo:snow_cover", snow
    for element, name in QUALITY.items():
        share = product.number(element)
        if share is not None:
            yield name, share


def scaling(product: Product, number: int) -> tuple[float, float] | None:
    """Scale and offset from digital numbers of a band to reflectance.

    From baseline 04.00 on an offset is added to the numbers, so that dark pixels are not cut off.

    Args:
        product: The product.
        number: `bandId`.

    Raises:
        Unreadable: they are no numbers.
    """
    quantification = product.number("QUANTIFICATION_VALUE") or product.number(
        "BOA_QUANTIFICATION_VALUE"
    )
    if not quantification:
        return None
    offsets = [
        product.number(f"{name}[@band_id='{number}']")
        for name in ("RADIO_ADD_OFFSET", "BOA_ADD_OFFSET")
    ]
    return 1 / quantification, (offsets[0] or offsets[1] or 0) / quantification
