"""Placebo in space: the same shape moved to places where nothing was done, judged in the same way.

If the practice did nothing, its site is one more place of many, and the rank of its statistic among theirs is a
p-value: (1 + number at least as large) / (1 + number of places). Sources: Abadie, Diamond & Hainmueller (2010),
doi:10.1198/jasa.2009.ap08746; with t statistics, MacKinnon & Webb (2020), doi:10.1016/j.jeconom.2020.04.024.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import fftconvolve

Array = np.ndarray[Any, Any]

#: Share of the cells under a moved shape that must be usable.
FILLED = 0.8


def shifts(shape: Array, usable: Array, forbidden: Array, *, count: int, seed: int) -> Array:
    """Places to move a shape to: (place, 2), rows down and columns across, at most `count` of them, drawn at random.

    All masks (y, x) bool. The moved shape stays on the grid, touches no forbidden cell, and at least 80 % of its cells
    are usable.
    """
    rows, columns = np.nonzero(shape)
    if len(rows) == 0:
        return np.empty((0, 2), int)
    top, left = rows.min(), columns.min()
    small = shape[top : rows.max() + 1, left : columns.max() + 1].astype(float)
    if small.shape[0] > usable.shape[0] or small.shape[1] > usable.shape[1]:
        return np.empty((0, 2), int)
    blocked = fftconvolve(forbidden.astype(float), small[::-1, ::-1], mode="valid")
    filled = fftconvolve(usable.astype(float), small[::-1, ::-1], mode="valid")
    free = (blocked < 0.5) & (filled > FILLED * small.sum() - 0.5)
    places = np.argwhere(free) - (top, left)
    places = places[(places != 0).any(axis=1)]
    if len(places) <= count:
        return places
    return np.asarray(places[np.sort(np.random.default_rng(seed).choice(len(places), count, replace=False))])


def moved(cells: Array, shift: Array, grid: tuple[int, int]) -> Array:
    """Cells (numbers on the grid) moved by rows and columns; those that fall off the grid are left out."""
    row, column = np.divmod(cells, grid[1])
    row, column = row + shift[0], column + shift[1]
    on = (row >= 0) & (row < grid[0]) & (column >= 0) & (column < grid[1])
    return np.asarray(row[on] * grid[1] + column[on])


def p_value(statistic: float, placebos: Array) -> float:
    """Rank p-value of a statistic among those of the placebos, two-sided.

    Parameters
    ----------
    statistic : float
        Statistic of the site.
    placebos : array (place)
        The same statistic of the shapes that were moved.

    Returns
    -------
    float
        (1 + number of absolute values at least as large) / (1 + number of places); NaN without placebos.

    Examples
    --------
    >>> p_value(3.0, np.array([1.0, -2.0, 4.0]))
    0.5
    """
    if len(placebos) == 0 or not np.isfinite(statistic):
        return float("nan")
    # Values that differ in the last digits only are ties, which count against the effect.
    larger = np.abs(placebos) >= abs(statistic) * (1 - 1e-12)
    return float((1 + larger.sum()) / (1 + len(placebos)))


def critical_value(placebos: Array, level: float = 0.05) -> float:
    """The absolute statistic above which the p-value is at most `level`; infinite where there are too few placebos."""
    ranked = np.sort(np.abs(placebos))[::-1]
    # p = (1 + larger) / (1 + n) <= level
    larger = int(np.floor(level * (1 + len(ranked)) + 1e-9)) - 1
    return float(ranked[larger]) if larger >= 0 else float("inf")
