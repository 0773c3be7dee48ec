"""Pictures that compress as real ones do: hills of every size, and the noise of a sensor."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

FILL, CLEAR, CLOUD = 1, 21824, 22280
"""Values of QA_PIXEL."""


def landscape(path: Path, side: int, seed: int = 1) -> Path:
    """Write a striped GeoTIFF of 16-bit reflectance in UTM, 10 m, with a collar of zeros.

    Args:
        path: Where.
        side: Pixels.
        seed: Of the random numbers.
    """
    random = np.random.default_rng(seed)
    values = np.full((side, side), 1500, "float32")
    for size in (16, 64, 256):
        coarse = random.normal(0, 3 * size**0.5, (side // size + 1, side // size + 1))
        values += np.kron(coarse.astype("float32"), np.ones((size, size), "float32"))[:side, :side]
    values += random.normal(0, 12, values.shape).astype("float32")
    values[: side // 20] = values[:, -side // 20 :] = 0
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=side,
        width=side,
        dtype="uint16",
        crs="EPSG:32721",
        transform=from_origin(500_000, 7_200_000, 10, 10),
    ) as file:
        file.write(values.clip(0, 10_000).astype("uint16"), 1)
    return path


def quality(path: Path, picture: Path) -> Path:
    """Write the pixel quality (Landsat's QA_PIXEL) of a picture: bright is cloud, zero is fill.

    Args:
        path: Where.
        picture: Of `landscape`.
    """
    with rasterio.open(picture) as source:
        values, profile = source.read(1), source.profile
    flags = np.where(values > 1600, CLOUD, np.where(values == 0, FILL, CLEAR))
    with rasterio.open(path, "w", **profile) as file:
        file.write(flags.astype("uint16"), 1)
    return path
