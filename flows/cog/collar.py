"""Collars: pixels of one value that are connected with the border of a raster."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window

Rows = NDArray[np.uint8]
"""One bit per pixel, shape (rows, columns / 8)."""

STRIP = 512
"""Rows that are read at a time."""


@dataclass(frozen=True)
class Collar:
    """Where a collar lies; an eighth of a byte per pixel, so that large rasters fit."""

    bits: Rows
    columns: int
    alone: bool
    """Whether the value occurs nowhere else."""

    def strips(self) -> Iterator[tuple[Window, NDArray[np.bool_]]]:
        """Window by window, where the picture is; shape (rows, columns)."""
        for top in range(0, len(self.bits), STRIP):
            part = self.bits[top : top + STRIP]
            valid = np.unpackbits(part, axis=1, count=self.columns) == 0
            yield Window(0, top, self.columns, len(part)), valid


def collar(source: DatasetReader, value: float) -> Collar:
    """Find the pixels that have one value in all bands and touch the border, over edges.

    Args:
        source: The raster.
        value: Of the collar.
    """
    same = _same(source, value)
    found = np.zeros_like(same)
    edge = np.ones(source.width, dtype=bool)
    while _sweep(same, found, edge) | _sweep(same[::-1], found[::-1], edge):
        pass
    return Collar(found, source.width, alone=np.array_equal(found, same))


def _same(source: DatasetReader, value: float) -> Rows:
    rows = []
    for top in range(0, source.height, STRIP):
        window = Window(0, top, source.width, min(STRIP, source.height - top))
        rows.append(np.packbits((source.read(window=window) == value).all(axis=0), axis=1))
    return np.concatenate(rows)


def _sweep(same: Rows, found: Rows, edge: NDArray[np.bool_]) -> bool:
    """Carry the collar from row to row; whether it grew."""
    grew = False
    above = edge
    for row, known in zip(same, found, strict=True):
        if not row.any():
            above = np.zeros_like(edge)
            continue
        pixels = np.unpackbits(row, count=len(edge)).astype(bool)
        seeds = above | np.unpackbits(known, count=len(edge)).astype(bool)
        seeds[[0, -1]] = True
        above = _runs(pixels, seeds)
        packed = np.packbits(above)
        if not np.array_equal(packed, known):
            known[:] = packed
            grew = True
    return grew


def _runs(pixels: NDArray[np.bool_], seeds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The runs of pixels that hold a seed."""
    starts = np.flatnonzero(np.diff(pixels, prepend=not pixels[0]))
    reached = np.logical_or.reduceat(pixels & seeds, starts)
    return np.repeat(reached, np.diff(starts, append=len(pixels)))
