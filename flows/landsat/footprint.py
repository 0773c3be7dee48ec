"""Where the image of a Landsat product lies, within the larger grid that it is on."""

import json
import re

from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from flows.extent import around, to_degrees
from flows.packages.content import read
from flows.raster import opened
from infrastructure.errors import Unreadable

NUMBERS = r"\(([^)]*)\)"

CORNERS = ("UL", "UR", "LR", "LL")


def by_item(name: str, href: str, product: str) -> BaseGeometry | None:
    """The footprint that the agency's own STAC Item in the package has; None, if it has none.

    Of two packages that have one, 99 % of it and of the pixels with data are the same.

    Args:
        name: Name of the item's file.
        href: Its address.
        product: The product's name.

    Raises:
        Unreadable: it is no STAC Item, or that of another product.
        Unreachable: it cannot be fetched.
    """
    try:
        told = json.loads(read(href))
        if not str(told["id"]).startswith(product):
            raise Unreadable(f"{name}: the item is of another product")
        geometry = told.get("geometry") or {}
        if geometry.get("type") != "Polygon":
            return None
        return around([(float(x), float(y)) for x, y, *_ in geometry["coordinates"][0]])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable(f"{name}: no STAC Item: {error}") from error


def by_angles(name: str, href: str, raster: str) -> BaseGeometry | None:
    """The corners of the image that the angle coefficients (ANG) tell, in degrees.

    They are up to a few kilometres outside of the pixels with data.

    Args:
        name: Name of the ANG.
        href: Its address.
        raster: Address of a raster of the product, in whose CRS the ANG's corners are.

    Returns:
        The footprint; None, if the ANG tells none.

    Raises:
        Unreadable: the corners are no numbers, or no polygon.
        Unreachable: a file cannot be fetched.
    """
    text = read(href).decode("ascii", "replace")
    found = {
        key: re.search(rf"\b{pattern}\s*=\s*{form}", text)
        for key, pattern, form in (
            ("origin", "UL_CORNER", NUMBERS),
            ("lines", r"BAND\d\d_L1T_IMAGE_CORNER_LINES", NUMBERS),
            ("samples", r"BAND\d\d_L1T_IMAGE_CORNER_SAMPS", NUMBERS),
            ("size", r"BAND\d\d_PIXEL_SIZE", r"(\S+)"),
        )
    }
    if not all(found.values()):
        return None
    try:
        told = {key: _numbers(match[1]) for key, match in found.items() if match}
        (x, y), (size,) = told["origin"], told["size"]
        pairs = zip(told["samples"], told["lines"], strict=True)
        shape = Polygon([(x + sample * size, y - line * size) for sample, line in pairs])
    except ValueError as error:
        raise Unreadable(f"{name}: the corners of the image cannot be read: {error}") from error
    with opened(raster) as source:
        return to_degrees(name, source.crs, shape)


def by_corners(metadata: dict[str, str]) -> BaseGeometry | None:
    """The corners of the grid that the MTL tells, in degrees.

    Raises:
        ValueError: they are no numbers, or no polygon.
    """
    keys = [(f"CORNER_{c}_LON_PRODUCT", f"CORNER_{c}_LAT_PRODUCT") for c in CORNERS]
    if not all(key in metadata for pair in keys for key in pair):
        return None
    return around([(float(metadata[lon]), float(metadata[lat])) for lon, lat in keys])


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]
