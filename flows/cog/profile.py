"""Creation options of GDAL's COG driver, by the kind of values and what is asked for."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from rasterio.io import DatasetReader

from infrastructure.errors import Invalid, Misconfigured

Codec = Literal["deflate", "zstd", "lzw", "lerc", "jpeg", "webp"]

PREDICTED = {"deflate", "zstd", "lzw"}
"""Codecs that have a predictor: 2 for integers, 3 for floating point."""

QUALITY = {"jpeg": {1, 3}, "webp": {3, 4}}
"""Lossy codecs of 8-bit pictures -> numbers of bands that they take."""


@dataclass(frozen=True)
class Wish:
    """What the collection file asks for."""

    compress: Codec = "deflate"
    quality: int | None = None
    max_error: float | None = None
    blocksize: int = 512
    warp: int | None = None
    web: bool = False

    def check(self) -> None:
        """Check that the wishes go together.

        Raises:
            Misconfigured: they do not.
        """
        if self.quality is not None and self.compress not in QUALITY:
            raise Misconfigured(f"`quality` is for jpeg and webp, not for {self.compress}")
        if self.max_error is not None and self.compress != "lerc":
            raise Misconfigured(f"`max_error` is for lerc, not for {self.compress}")
        if self.web and self.warp is not None:
            raise Misconfigured("`web` warps to EPSG:3857: leave `warp` out")
        if self.blocksize % 16:
            raise Misconfigured(f"`blocksize` is {self.blocksize}: TIFF wants multiples of 16")

    @property
    def lossy(self) -> bool:
        """Whether values may change."""
        return self.compress in QUALITY or bool(self.max_error)

    @property
    def plain(self) -> bool:
        """Whether a COG that is there already is as good as one that would be made."""
        return not self.lossy and self.warp is None and not self.web


def options(wish: Wish, source: DatasetReader, *, classes: bool, name: str) -> dict[str, str]:
    """Creation options for a raster.

    Args:
        wish: What is asked for.
        source: The raster.
        classes: Whether its values must never be averaged, nor changed.
        name: Of the file, for errors.

    Raises:
        Invalid: the codec cannot hold the raster, or would change classes.
    """
    _check(wish, source, classes, name)
    resampling = "NEAREST" if classes else "AVERAGE"
    told = {
        "COMPRESS": wish.compress.upper(),
        "BLOCKSIZE": str(wish.blocksize),
        "BIGTIFF": "IF_SAFER",
        "OVERVIEW_RESAMPLING": resampling,
        "WARP_RESAMPLING": "NEAREST" if classes else "BILINEAR",
    }
    if wish.compress in PREDICTED and not source.dtypes[0].startswith("complex"):
        told["PREDICTOR"] = "YES"
        if "NBITS" in source.tags(1, ns="IMAGE_STRUCTURE"):  # 15 of Sentinel-2: no predictor for it
            told["NBITS"] = str(8 * np.dtype(source.dtypes[0]).itemsize)
    if wish.quality is not None:
        told["QUALITY"] = str(wish.quality)
    if wish.max_error is not None:
        told["MAX_Z_ERROR"] = str(wish.max_error)
    if wish.web:
        told["TILING_SCHEME"] = "GoogleMapsCompatible"
    elif wish.warp is not None:
        told["TARGET_SRS"] = f"EPSG:{wish.warp}"
    return told


def _check(wish: Wish, source: DatasetReader, classes: bool, name: str) -> None:
    if wish.lossy and classes:
        raise Invalid(f"{name}: holds classes, which {wish.compress} would change")
    counts = QUALITY.get(wish.compress)
    if counts and (source.dtypes[0] != "uint8" or source.count not in counts):
        kind = f"{source.count} bands of {source.dtypes[0]}"
        raise Invalid(f"{name}: {wish.compress} cannot hold {kind}")
    if counts and source.nodata is not None:
        raise Invalid(f"{name}: {wish.compress} would blur its nodata value {source.nodata:g}")
    if wish.compress == "lerc" and source.dtypes[0].startswith("complex"):
        raise Invalid(f"{name}: lerc cannot hold complex numbers")
