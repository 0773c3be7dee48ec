"""A large picture to look at, drawn as the thumbnail is."""

from typing import Annotated

import pystac
from pydantic import Field

from flows.pictures.colours import Ramp
from flows.pictures.drawing import Style, draw
from flows.pictures.files import Format, best, put
from infrastructure.storage import Shelf


def enrich(  # noqa: PLR0913, PLR0917 - each is an option of the collection file
    item: pystac.Item,
    shelf: Shelf,
    assets: list[str] | None = None,
    size: Annotated[int, Field(ge=16, le=8192)] = 2048,
    gamma: Annotated[float, Field(gt=0)] | None = None,
    percentiles: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None,
    ramp: Ramp | None = None,
    format: Format | None = None,  # noqa: A002 - as users know it
) -> pystac.Item:
    """Put a picture on the shelf, in the projection of the data, north above.

    Args:
        item: The item.
        shelf: Its place in the store.
        assets: As of `thumbnail`.
        size: Longer side, pixels; nothing is enlarged.
        gamma: Above 1 the middle tones get lighter; by default dark pictures are lifted as they
            need it.
        percentiles: Per band, what becomes black and full colour; 2 and 98 by default.
        ramp: Colours of a single band; grey without it.
        format: Of the file; by default PNG for few colours, WebP where parts are clear, else JPEG.

    Raises:
        Invalid: the item has not the assets.
        Misconfigured: the percentiles are none.
        Unreadable: a file is no raster, or damaged.
        Unreachable: the store does not take the picture.
    """
    image = draw(item, Style(assets, gamma, percentiles, ramp), size)
    if image is not None:
        put(item, shelf, "overview", image, format or best(image))
    return item
