"""From values to tones, 0 to 255."""

import numpy as np
from numpy.typing import NDArray

Tones = NDArray[np.uint8]

PERCENTILES = (2.0, 98.0)
"""Per band, what becomes black and full colour."""

FINISHED = 99.8
"""What becomes full colour in a picture of 8 bits; black stays black, and hues stay."""


def finished(values: NDArray[np.generic], valid: NDArray[np.bool_], gamma: float) -> Tones:
    """Tones of a picture of 8 bits: all bands are stretched as one."""
    usable = values[:, valid].astype("float32")
    if not usable.size:
        return np.zeros(values.shape, "uint8")
    return _between(values.astype("float32"), 0, float(np.percentile(usable, FINISHED)), gamma)


def stretched(
    values: NDArray[np.generic],
    valid: NDArray[np.bool_],
    gamma: float,
    percentiles: tuple[float, float] = PERCENTILES,
) -> Tones:
    """Tones of measured values: each band for itself.

    Args:
        values: Shape (bands, rows, columns).
        valid: Shape (rows, columns); other pixels do not count.
        gamma: Above 1 the middle tones get lighter.
        percentiles: What becomes 0 and 255.
    """
    return np.stack([_of_band(band, valid, gamma, percentiles) for band in values])


def decibel(values: NDArray[np.generic], valid: NDArray[np.bool_]) -> NDArray[np.floating]:
    """The backscatter of a radar in dB; the smallest that there is where it is 0."""
    size = np.abs(values).astype("float32")
    there = size[:, valid]
    positive = there[there > 0]
    floor = float(positive.min()) if positive.size else 1.0
    return np.asarray(20 * np.log10(np.maximum(size, floor)))


def _of_band(
    band: NDArray[np.generic],
    valid: NDArray[np.bool_],
    gamma: float,
    percentiles: tuple[float, float],
) -> Tones:
    numbers = np.abs(band) if np.iscomplexobj(band) else band
    usable = numbers[valid & np.isfinite(numbers)]
    if not usable.size:
        return np.zeros(band.shape, "uint8")
    low, high = np.percentile(usable, percentiles)
    return _between(np.nan_to_num(numbers.astype("float64")), float(low), float(high), gamma)


def _between(numbers: NDArray[np.floating], low: float, high: float, gamma: float) -> Tones:
    if high <= low:  # one value: a middle tone
        return np.where(numbers < low, 0, 128).astype("uint8")
    share = np.clip((numbers - low) / (high - low), 0, 1)
    return np.asarray(np.rint(255 * share ** (1 / gamma)).astype("uint8"))
