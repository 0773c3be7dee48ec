"""An estimate of the cloud cover from visible bands alone, for products that come without one.

The tests are those of Fmask that need no more than visible reflectance (Zhu and Woodcock 2012,
doi:10.1016/j.rse.2011.10.028, equations 2 and 3): clouds are white and hazy; they are bright, too.
Snow, salt, surf and bright sand look the same to it, and thin cirrus stays unseen: it tells a clear
scene from a cloudy one, no more. The item says that it is an estimate.
"""

import numpy as np
import pystac
from numpy.typing import NDArray

from flows.raster import data_assets, opened, small
from infrastructure.storage import Shelf

SCHEMA = "https://stac-extensions.github.io/eo/v2.0.0/schema.json"
VISIBLE = ("blue", "green", "red")
METHOD = "estimate: bright, white and hazy pixels of the visible bands"
LONGEST = 1024
"""Side of the reduced picture that is judged, pixels."""


def enrich(
    item: pystac.Item,
    shelf: Shelf,  # noqa: ARG001 - makes no file
    brightness: float = 0.15,
) -> pystac.Item:
    """Set `eo:cloud_cover` (per cent of the valid pixels), unless the product told it.

    Args:
        item: The item; nothing happens unless its red, green and blue assets have `raster:scale`
            and `raster:offset` that lead to reflectance.
        shelf: Not used.
        brightness: Mean visible reflectance, not corrected for the height of the sun, above which
            a pixel may be cloud.

    Raises:
        Unreadable: a file is no raster, or damaged.
    """
    told = "eo:cloud_cover" in item.properties and "swath:cloud_cover_method" not in item.properties
    bands = data_assets(item)
    if told or not all(_has_scale(bands.get(key)) for key in VISIBLE):
        return item
    pictures = [_reflectance(bands[key]) for key in VISIBLE]
    blue, green, red = (values for values, _ in pictures)
    valid = np.logical_and.reduce([mask for _, mask in pictures])
    cloudy = _cloudy(blue, green, red, brightness) & valid
    item.properties["eo:cloud_cover"] = round(
        100 * float(cloudy.sum()) / max(int(valid.sum()), 1), 2
    )
    item.properties["swath:cloud_cover_method"] = METHOD
    if SCHEMA not in item.stac_extensions:
        item.stac_extensions.append(SCHEMA)
    return item


def _has_scale(asset: pystac.Asset | None) -> bool:
    return asset is not None and {"raster:scale", "raster:offset"} <= asset.extra_fields.keys()


def _reflectance(asset: pystac.Asset) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    with opened(asset.href) as source:
        values, valid = small(source, LONGEST)
    fields = asset.extra_fields
    return values[0].astype("float64") * fields["raster:scale"] + fields["raster:offset"], valid


def _cloudy(
    blue: NDArray[np.float64],
    green: NDArray[np.float64],
    red: NDArray[np.float64],
    brightness: float,
) -> NDArray[np.bool_]:
    mean = (blue + green + red) / 3
    positive = np.where(mean > 0, mean, np.nan)
    whiteness = sum(np.abs((band - mean) / positive) for band in (blue, green, red))
    haze = blue - 0.5 * red - 0.08
    result: NDArray[np.bool_] = (mean > brightness) & (whiteness < 0.7) & (haze > 0)
    return result
