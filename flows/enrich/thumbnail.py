"""A small picture to look at: true colour, stretched, clear where there is no data."""

import numpy as np
import pystac
from numpy.typing import NDArray
from PIL import Image

from flows.raster import data_assets, opened, small
from infrastructure.storage import Shelf

PERCENTILES = (2, 98)
"""Per band, what becomes black and full colour."""

TRUE_COLOUR = ("red", "green", "blue")


def enrich(
    item: pystac.Item,
    shelf: Shelf,
    assets: list[str] | None = None,
    size: int = 512,
    gamma: float = 1.15,
) -> pystac.Item:
    """Put a PNG on the shelf, in the projection of the data.

    Args:
        item: The item.
        shelf: Its place in the store.
        assets: Three asset keys for red, green and blue, or one for grey (or for colour, if it
            has three bands); by default red, green, blue, else the first data asset.
        size: Longer side, pixels.
        gamma: Above 1 the middle tones get lighter.

    Raises:
        Unreadable: a file is no raster, or damaged.
        Unreachable: the store does not take the picture.
    """
    keys = assets or _keys(item)
    if not keys:
        return item
    bands, masks = [], []
    for key in keys:
        with opened(item.assets[key].href) as source:
            values, valid = small(source, size)
            if source.transform.e > 0:  # its first row is the southernmost
                values, valid = values[:, ::-1], valid[::-1]
        bands += list(values[:3] if len(keys) == 1 and len(values) >= 3 else values[:1])
        masks.append(valid)
    valid = np.logical_and.reduce(masks)
    tones = [_stretch(band, valid, gamma) for band in bands]
    colour = tones if len(tones) == 3 else tones[:1] * 3
    alpha = np.where(valid, 255, 0).astype("uint8")
    target = shelf.scratch / "thumbnail.png"
    Image.fromarray(np.dstack([*colour, alpha])).save(target, optimize=True)
    href = shelf.put(target.name, target)
    item.add_asset("thumbnail", pystac.Asset(href, "Thumbnail", None, "image/png", ["thumbnail"]))
    return item


def _keys(item: pystac.Item) -> list[str]:
    data = data_assets(item)
    if set(TRUE_COLOUR) <= data.keys():
        return list(TRUE_COLOUR)
    return list(data)[:1]


def _stretch(
    band: NDArray[np.generic], valid: NDArray[np.bool_], gamma: float
) -> NDArray[np.uint8]:
    numbers = np.abs(band) if np.iscomplexobj(band) else band.astype("float64")
    usable = numbers[valid & np.isfinite(numbers)]
    if not usable.size:
        return np.zeros(band.shape, "uint8")
    low, high = np.percentile(usable, PERCENTILES)
    share = np.clip((np.nan_to_num(numbers) - low) / max(high - low, 1e-9), 0, 1)
    tones: NDArray[np.uint8] = np.rint(255 * share ** (1 / gamma)).astype("uint8")
    return tones
