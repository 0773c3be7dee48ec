"""Sentinel-2's scene classification (SCL) of Level 2A (Level-2A Algorithm Theoretical Basis)."""

import numpy as np
from numpy.typing import NDArray

from flows.quality.kinds import Kinds

NO_DATA, SHADOW, WATER, SNOW = 0, 3, 6, 11
CLOUDS = (8, 9, 10)
"""Of medium and high probability, and thin cirrus: the product's own cloud cover counts all."""

PERCENTAGES = {
    1: "s2:saturated_defective_pixel_percentage",
    2: "s2:dark_features_percentage",
    3: "s2:cloud_shadow_percentage",
    4: "s2:vegetation_percentage",
    5: "s2:not_vegetated_percentage",
    6: "s2:water_percentage",
    7: "s2:unclassified_percentage",
    8: "s2:medium_proba_clouds_percentage",
    9: "s2:high_proba_clouds_percentage",
    10: "s2:thin_cirrus_percentage",
    11: "s2:snow_ice_percentage",
}
"""Class -> property: the class's share of the pixels that have data."""

EMPTY = "s2:nodata_pixel_percentage"
"""Property with the share of no data in all pixels."""


def scl(values: NDArray[np.integer]) -> Kinds:
    """What the classes stand for."""
    cloud = np.isin(values, CLOUDS)
    shadow = values == SHADOW
    return Kinds(
        valid=values != NO_DATA,
        cloud=cloud,
        obscured=cloud | shadow,
        shadow=shadow,
        snow=values == SNOW,
        water=values == WATER,
    )


def percentages(values: NDArray[np.integer], counts: NDArray[np.integer]) -> dict[str, float]:
    """The properties of the Sentinel-2 extension that the classes tell, per cent.

    Args:
        values: The values that occur.
        counts: How many pixels have each.
    """
    pixels = dict(zip(values.tolist(), counts.tolist(), strict=True))
    empty, total = pixels.get(NO_DATA, 0), sum(pixels.values())
    shares = {
        name: round(100 * pixels.get(number, 0) / (total - empty), 2)
        for number, name in PERCENTAGES.items()
    }
    return {**shares, EMPTY: round(100 * empty / total, 2)}
