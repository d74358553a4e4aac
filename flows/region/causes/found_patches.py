"""The patches of a map, and the land that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation

from flows.region.sampling import lots
from indicators.causes import connected_patches
from indicators.codes import DEGRADED, IMPROVED, STABLE

#: Cells of land without loss that patches are compared with, drawn over the whole region.
POOL = 20_000
#: Cells between a degraded cell and land that it is compared with.
APART = 2
#: Rows of a strip, and how many times as many cells as needed are drawn.
STRIP, SPARE = 512, 4


@dataclass(frozen=True)
class FoundPatches:
    """The number of the patch at each cell (y, x), 0 without, and rows and columns of the cells to compare with."""

    numbers: np.ndarray
    rows: np.ndarray
    columns: np.ndarray

    @property
    def count(self) -> int:
        """Number of patches."""
        return int(self.numbers.max(initial=0))

    def pool_in(self, window: tuple[slice, slice]) -> np.ndarray:
        """Which cells of the pool lie in a window."""
        y, x = window
        inside = (self.rows >= y.start) & (self.rows < y.stop) & (self.columns >= x.start) & (self.columns < x.stop)
        return np.flatnonzero(inside)


def found_patches(classes: np.ndarray) -> FoundPatches:
    """The patches of a map of degradation (y, x), and up to `POOL` cells of land that is not degraded nor beside it."""
    degraded = classes == DEGRADED
    free = np.isin(classes, (STABLE, IMPROVED)) & ~binary_dilation(degraded, iterations=APART)
    # the smallest lots win; most cells are sorted out strip by strip, so that a large region needs no more memory
    limit = np.uint64(min(SPARE * POOL / max(int(free.sum()), 1), 1.0) * (2**64 - 2**11))
    found = [_drawn(free[top : top + STRIP], top, limit) for top in range(0, len(free), STRIP)]
    drawn, rows, columns = (np.concatenate(parts) for parts in zip(*found, strict=True))
    chosen = np.sort(np.argsort(drawn, kind="stable")[:POOL])
    return FoundPatches(connected_patches(degraded), rows[chosen], columns[chosen])


def _drawn(free: np.ndarray, top: int, limit: np.uint64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lots, rows and columns of the cells of a strip whose lot is small enough."""
    rows, columns = np.nonzero(free)
    drawn = lots(rows + top, columns)
    won = drawn <= limit
    return drawn[won], rows[won] + top, columns[won]
