"""A small picture to look at: true colour, stretched, clear where there is no data."""

from typing import Annotated

import pystac
from pydantic import Field

from flows.pictures.colours import Ramp
from flows.pictures.drawing import Style, draw
from flows.pictures.files import Format, put
from infrastructure.storage import Shelf


def enrich(  # noqa: PLR0913, PLR0917 - each is an option of the collection file
    item: pystac.Item,
    shelf: Shelf,
    assets: list[str] | None = None,
    size: Annotated[int, Field(ge=16, le=512)] = 512,
    gamma: Annotated[float, Field(gt=0)] | None = None,
    percentiles: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None,
    ramp: Ramp | None = None,
    format: Format = "png",  # noqa: A002 - as users know it
) -> pystac.Item:
    """Put a picture on the shelf, in the projection of the data, north above.

    Rasters that are turned, or placed by ground control points, are warped. A picture of 8 bits
    keeps the balance of its colours, classes and palettes keep their colours, radar is shown in dB.

    Args:
        item: The item.
        shelf: Its place in the store.
        assets: Three asset keys for red, green and blue, or one for grey (or for colour, if it
            has three bands); by default a true-colour picture, else red, green and blue by common
            name or wavelength, else the first of `renders`, else the first data asset.
        size: Longer side, pixels.
        gamma: Above 1 the middle tones get lighter; by default dark pictures are lifted as they
            need it.
        percentiles: Per band, what becomes black and full colour; 2 and 98 by default.
        ramp: Colours of a single band; grey without it.
        format: Of the file.

    Raises:
        Invalid: the item has not the assets.
        Misconfigured: the percentiles are none.
        Unreadable: a file is no raster, or damaged.
        Unreachable: the store does not take the picture.
    """
    image = draw(item, Style(assets, gamma, percentiles, ramp), size)
    if image is not None:
        put(item, shelf, "thumbnail", image, format)
    return item
