"""From measured values to red, green, blue and alpha."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rio_tiler.colormap import apply_cmap, apply_discrete_cmap
from rio_tiler.errors import RioTilerError
from rio_tiler.expression import apply_expression, get_expression_blocks
from rio_tiler.models import ImageData, rescale_image

from infrastructure.errors import Unreadable
from tiling.style import Colormap, Style

Bands = NDArray[Any]
"""Bands, rows, columns."""
Valid = NDArray[np.bool_]
"""Rows, columns."""


def colour(values: Bands, valid: Valid, style: Style) -> NDArray[np.uint8]:
    """Expression, rescaling, colour formula and colormap, in this order.

    Returns:
        Shape (rows, columns, 4); alpha is 0 where a pixel is not valid.

    Raises:
        Unreadable: the style does not fit the values.
    """
    try:
        bands = _calculated(values, style)
        bands = _stretched(bands, valid, style)
        if style.color_formula:
            image = ImageData(np.ma.MaskedArray(bands, mask=_mask(bands, valid)))
            bands = image.apply_color_formula(style.color_formula).array.data
        if style.colormap is None:
            return _stacked(bands, np.where(valid, 255, 0))
        rgb, alpha = _mapped(bands, style.colormap)
        return _stacked(rgb, np.where(valid, alpha, 0))
    except (RioTilerError, ValueError, KeyError) as error:
        raise Unreadable(f"the render does not fit the data: {error}") from error


def _calculated(values: Bands, style: Style) -> Bands:
    if style.expression is None:
        return values
    numbers = style.bands or range(1, values.shape[0] + 1)
    names = [f"b{number}" for number in numbers]
    # Unsigned bands would wrap around in a difference.
    floats = values.astype("float32") if values.dtype.kind in "iu" else values
    blocks = get_expression_blocks(style.expression)
    result: Bands = np.asarray(apply_expression(blocks, names, floats))
    return result


def _stretched(bands: Bands, valid: Valid, style: Style) -> Bands:
    """Bands of 0 to 255, or the values themselves where a colormap is given for them."""
    ranges = style.rescale
    if not ranges:
        if style.colormap is not None or bands.dtype == np.uint8:
            return bands
        if bands.dtype.kind not in "iu":
            raise Unreadable(f"values of type {bands.dtype} need `rescale` in the render")
        info = np.iinfo(bands.dtype)
        ranges = ((float(info.min), float(info.max)),)
    if len(ranges) not in (1, bands.shape[0]):
        raise Unreadable(f"`rescale` has {len(ranges)} ranges for {bands.shape[0]} bands")
    masked = np.ma.MaskedArray(bands.astype("float32"), mask=_mask(bands, valid))
    stretched: Bands = rescale_image(masked, in_range=ranges).data
    return stretched


def _mapped(bands: Bands, colormap: Colormap) -> tuple[Bands, Bands]:
    if bands.dtype == np.uint8 or isinstance(colormap, list):
        rgb, alpha = apply_cmap(bands, colormap)
    elif bands.shape[0] == 1:
        rgb, alpha = apply_discrete_cmap(bands, colormap)
    else:
        raise Unreadable(f"a colormap is for one band, not for {bands.shape[0]}")
    return rgb, alpha


def _mask(bands: Bands, valid: Valid) -> NDArray[np.bool_]:
    return np.broadcast_to(~valid, bands.shape).copy()


def _stacked(bands: Bands, alpha: Bands) -> NDArray[np.uint8]:
    if bands.shape[0] not in (1, 3):
        raise Unreadable(f"a picture has one band or three, not {bands.shape[0]}")
    rgb = np.broadcast_to(bands, (3, *bands.shape[1:])) * (alpha > 0)
    return np.moveaxis(np.concatenate([rgb, alpha[np.newaxis]]), 0, -1).astype(np.uint8)
