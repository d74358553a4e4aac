"""Panels of cells with known effects, for the tests of evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from practices.evidence.panel import Panel

YEARS = np.arange(2001, 2017)
START = 2009
SHAPE = (36, 40)


def panel(seed: int, *, noise: float = 0.02, shape: tuple[int, int] = SHAPE) -> Panel:
    """Cells of 1 km in two strata; productivity follows rain, a smooth pattern, and noise that is alike nearby."""
    rng = np.random.default_rng(seed)

    def smooth(wide: float) -> np.ndarray[Any, Any]:
        field = gaussian_filter(rng.standard_normal(shape), wide, mode="wrap")
        return field / field.std()

    pattern, wet = 0.3 + 0.04 * smooth(4), 250 + 30 * smooth(6)
    rain = np.stack([(wet * (1 + 0.2 * anomaly)).ravel() for anomaly in rng.standard_normal(len(YEARS))])
    series = np.stack([(pattern + noise * smooth(1.5)).ravel() for _ in YEARS]) + 4e-4 * (rain - rain.mean(axis=0))
    strata = (np.arange(shape[1])[None, :] >= shape[1] // 2).astype(int).repeat(shape[0], axis=0).ravel()
    covariates = {"rainfall": rain.mean(axis=0), "slope": np.abs(smooth(3)).ravel()}
    return Panel(YEARS, series, rain, strata, covariates, shape, (1.0, 1.0))


def disc(row: float, column: float, radius: float, shape: tuple[int, int] = SHAPE) -> np.ndarray[Any, Any]:
    """Cells within a radius (cells) of a place."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.asarray(np.hypot(rows - row, columns - column) <= radius).ravel()
