"""Pyramids of stored images: which level a request reads, and how a level is made from the one below it.

A level has cells twice as wide as the level below: each of its pixels is made of a block of 2 × 2 by the band's policy.
Level 0 are the stored pixels. A request reads the level whose cells are as large as its own, or the next smaller ones.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from affine import Affine
from numba import njit
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS

from offline.model.assets import Policy
from offline.model.grids import METRES_PER_DEGREE, crs_of

#: Policies of bands whose values are codes: nothing is interpolated between them.
CODES = {"MODE", "SAMPLE"}
#: Part by which a cell may be smaller than a level's and still read it: rounding errors must not choose the level.
CLOSE = 1e-6

Values = NDArray[Any]
Shares = NDArray[np.float64]


@lru_cache(maxsize=256)
def parsed(crs: str) -> Any:
    """A CRS from its text, parsed once (slow for WKT)."""
    return CRS.from_user_input(crs_of(crs))


def coarseness(crs: str, transform: Affine, grid: GeoBox) -> float:
    """Size of a requested cell divided by that of a native one, both at the true scale of their projections.

    It follows from the size of cells alone, not from where the grid lies, so that all parts of a request agree.
    """
    assert grid.crs is not None
    return _nominal(grid.affine, str(grid.crs)) / _nominal(transform, crs)


def _nominal(transform: Affine, crs: str) -> float:
    """The size of a cell in metres at the true scale of its projection; degrees as long as at the equator."""
    return float(np.sqrt(abs(transform.a * transform.e - transform.b * transform.d))) * _unit(crs)


@lru_cache(maxsize=256)
def _unit(crs: str) -> float:
    """Metres of a unit of a projection."""
    known = parsed(crs)
    if known.is_geographic:
        return METRES_PER_DEGREE
    return float(known.axis_info[0].unit_conversion_factor) if known.axis_info else 1.0


def level_of(ratio: float) -> int:
    """The level that cells read which are `ratio` times as wide as native ones."""
    return max(int(np.floor(np.log2(ratio * (1 + CLOSE)))), 0)


def coarser(transform: Affine, level: int) -> Affine:
    """The transform of a level, from that of the native pixels."""
    return transform * Affine.scale(2**level)


def shape_at(shape: tuple[int, int], level: int) -> tuple[int, int]:
    """Rows and columns of a level: blocks over the edge of the image count."""
    height, width = shape
    return -(-height // 2**level), -(-width // 2**level)


def raised(values: Values, mask: NDArray[Any], levels: int, policy: Policy) -> tuple[Values, Shares]:
    """Values and masks (y, x) that many levels up; both sides must be multiples of 2 to the power of `levels`.

    Means are not rounded on the way.
    """
    shares = mask.astype(np.float64)
    if policy == "SAMPLE":
        return values[:: 2**levels, :: 2**levels], shares[:: 2**levels, :: 2**levels]
    for _ in range(levels):
        values, shares = _halved(values, shares, policy)
    return values, shares


def _halved(values: Values, shares: Shares, policy: Policy) -> tuple[Values, Shares]:
    """One level up: the mask is the mean of the four masks."""
    four, weights = _blocks(values), _blocks(shares)
    total = weights.sum(axis=0)
    if policy == "MEAN":
        return np.divide((four * weights).sum(axis=0), total, out=np.zeros(total.shape), where=total > 0), total / 4
    if policy == "MODE":
        return _commonest(four, weights), total / 4
    low, high = _limits(values.dtype)
    counted = np.where(weights > 0, four, low if policy == "MAX" else high)
    extreme = counted.max(axis=0) if policy == "MAX" else counted.min(axis=0)
    return np.where(total > 0, extreme, 0).astype(values.dtype), total / 4


def _blocks(values: Values) -> Values:
    """The four pixels (4, y, x) of each block of 2 × 2, the upper row first."""
    return np.stack([values[row::2, column::2] for row in (0, 1) for column in (0, 1)])


def _commonest(four: Values, weights: Shares) -> Values:
    """The value with the largest weight of each block, the lowest of equals; 0 where nothing counts."""
    best = np.zeros(four.shape[1:], four.dtype)
    commonest(four.reshape(4, -1), weights.reshape(4, -1), best.ravel())
    return best


@njit(cache=True, nogil=True)
def commonest(four: Values, weights: Shares, best: Values) -> None:  # pragma: no cover - compiled
    """`_commonest` of blocks (4, n), written into `best` (n)."""
    for block in range(best.size):
        most = 0.0
        for this in range(4):
            if weights[this, block] == 0:
                continue
            weight = 0.0
            for other in range(4):
                if four[other, block] == four[this, block]:
                    weight += weights[other, block]
            if weight > most or (weight == most and four[this, block] < best[block]):
                best[block], most = four[this, block], weight


def _limits(dtype: np.dtype[Any]) -> tuple[float, float]:
    if dtype.kind == "f":
        return -np.inf, np.inf
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)
