"""Kinds of pixels in quality bands: which values of them stand for what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Kinds:
    """What each value of a band stands for; every mask has the shape of the values.

    A kind that the band does not know is left out.
    """

    valid: Mask
    """It saw the ground or a cloud; everything else is counted among these only."""
    cloud: Mask
    obscured: Mask
    """By cloud, the edge of one, cirrus, or the shadow of a cloud: all others are clear."""
    shadow: Mask
    """Of a cloud."""
    snow: Mask
    """Or ice."""
    water: Mask | None = None


def flag(values: NDArray[np.integer], bit: int) -> Mask:
    """Whether a bit is set; the lowest is bit 0."""
    return (values >> bit & 1).astype(bool)


def certain(values: NDArray[np.integer], bit: int) -> Mask:
    """Whether the confidence in a bit and the one above it is high (3 of 3)."""
    return np.asarray(values >> bit & 3 == 3)
