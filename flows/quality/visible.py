"""An estimate of the cloud cover from visible bands alone.

The tests are those of Fmask that need no more than visible reflectance (Zhu and Woodcock 2012,
doi:10.1016/j.rse.2011.10.028, equations 2 and 3): clouds are white and hazy; they are bright, too.
Snow, salt, surf and bright sand look the same to it, and thin cirrus stays unseen: it tells a clear
scene from a cloudy one, no more.
"""

import numpy as np
import pystac
from numpy.typing import NDArray

from flows.raster import data_assets, opened, small

VISIBLE = ("blue", "green", "red")

LONGEST = 1024
"""Side of the reduced picture that is judged, pixels."""


def estimate(item: pystac.Item, brightness: float) -> float | None:
    """Per cent of the valid pixels that may be cloud; None unless there is reflectance to judge by.

    Args:
        item: The item; its red, green and blue assets must have `raster:scale` and
            `raster:offset` that lead to reflectance.
        brightness: Mean visible reflectance above which a pixel may be cloud.

    Raises:
        Unreadable: a file is no raster, or damaged.
    """
    bands = data_assets(item)
    if not all(_has_scale(bands.get(key)) for key in VISIBLE):
        return None
    pictures = [_reflectance(bands[key]) for key in VISIBLE]
    blue, green, red = (values for values, _ in pictures)
    valid = np.logical_and.reduce([mask for _, mask in pictures])
    cloudy = _cloudy(blue, green, red, brightness) & valid
    return round(100 * float(cloudy.sum()) / max(int(valid.sum()), 1), 2)


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
