"""The edge of zeros around many scenes that declare no value for no data."""

import numpy as np
from numpy.typing import NDArray
from rasterio.features import rasterize, shapes

LEAST = 0.005
"""Share of the picture below which zeros at its edge are taken for values."""


def inside(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where there is more than zeros that reach the edge of the picture.

    Args:
        values: Shape (bands, rows, columns).

    Returns:
        Shape (rows, columns).
    """
    zeros = np.asarray((values == 0).all(axis=0))
    rows, columns = zeros.shape
    collars = [
        found
        for found, _ in shapes(zeros.astype("uint8"), zeros)
        if _reaches_edge(found["coordinates"][0], columns, rows)
    ]
    if not collars:
        return np.ones_like(zeros)
    collar = rasterize(collars, zeros.shape, dtype="uint8") > 0
    return np.logical_not(collar & zeros) if collar.mean() >= LEAST else np.ones_like(zeros)


def _reaches_edge(ring: list[tuple[float, float]], columns: int, rows: int) -> bool:
    xs, ys = zip(*ring, strict=True)
    return bool(min(xs) <= 0 or min(ys) <= 0 or max(xs) >= columns or max(ys) >= rows)
