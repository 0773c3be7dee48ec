"""From values to tones, 0 to 255."""

import numpy as np
from numpy.typing import NDArray

Tones = NDArray[np.uint8]

PERCENTILES = (2.0, 98.0)
"""Per band, what becomes black and full colour."""

MIDDLE = 0.4
"""Tone, 0 to 1, that the middle of a dark picture is lifted towards."""

MOST_GAMMA = 1.8
"""More of it makes water and shadows grey."""

FINISHED = 99.8
"""What becomes full colour in a picture of 8 bits; black stays black, and hues stay."""


def finished(values: NDArray[np.generic], valid: NDArray[np.bool_]) -> Tones:
    """Tones of a picture of 8 bits: all bands are stretched as one."""
    usable = values[:, valid].astype("float32")
    if not usable.size:
        return np.zeros(values.shape, "uint8")
    return _tones(_shares(values.astype("float32"), 0, float(np.percentile(usable, FINISHED))), 1)


def stretched(
    values: NDArray[np.generic],
    valid: NDArray[np.bool_],
    gamma: float | None,
    percentiles: tuple[float, float] = PERCENTILES,
) -> Tones:
    """Tones of measured values: each band for itself, all with one gamma.

    Args:
        values: Shape (bands, rows, columns).
        valid: Shape (rows, columns); other pixels do not count.
        gamma: Above 1 the middle tones get lighter; None lifts dark pictures as they need it.
        percentiles: What becomes 0 and 255.
    """
    shares = np.stack([_of_band(band, valid, percentiles) for band in values])
    return _tones(shares, gamma or _lifting(shares[:, valid]))


def decibel(values: NDArray[np.generic], valid: NDArray[np.bool_]) -> NDArray[np.floating]:
    """The backscatter of a radar in dB; the smallest that there is where it is 0."""
    size = np.abs(values).astype("float32")
    there = size[:, valid]
    positive = there[there > 0]
    floor = float(positive.min()) if positive.size else 1.0
    return np.asarray(20 * np.log10(np.maximum(size, floor)))


def _lifting(shares: NDArray[np.floating]) -> float:
    """The gamma that brings the median of a dark picture to the middle, as far as that is good."""
    median = float(np.median(shares)) if shares.size else MIDDLE
    return float(np.clip(np.log(max(median, 1e-3)) / np.log(MIDDLE), 1, MOST_GAMMA))


def _of_band(
    band: NDArray[np.generic], valid: NDArray[np.bool_], percentiles: tuple[float, float]
) -> NDArray[np.floating]:
    numbers = np.abs(band) if np.iscomplexobj(band) else band
    usable = numbers[valid & np.isfinite(numbers)]
    if not usable.size:
        return np.zeros(band.shape)
    low, high = np.percentile(usable, percentiles)
    return _shares(np.nan_to_num(numbers.astype("float64")), float(low), float(high))


def _shares(numbers: NDArray[np.floating], low: float, high: float) -> NDArray[np.floating]:
    """0 to 1, from low to high."""
    if high <= low:  # one value: a middle tone
        return np.where(numbers < low, 0, 0.5)
    return np.asarray(np.clip((numbers - low) / (high - low), 0, 1))


def _tones(shares: NDArray[np.floating], gamma: float) -> Tones:
    return np.asarray(np.rint(255 * shares ** (1 / gamma)).astype("uint8"))
