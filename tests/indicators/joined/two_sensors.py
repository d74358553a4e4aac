"""A small region seen by two sensors, 2001 to 2030, and by one that never ends: what a joined record is compared with.

The old sensor ends in 2026 and drifts from 2020 on. The new one begins in 2012, answers with a gain and an offset that
depend on the land cover, and has noise of its own. What a year adds to all pixels is other for each sensor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

YEARS = np.arange(2001, 2031)
#: Overlap, end of the old sensor, and the first year in which it drifts.
FIRST_OF_NEW, LAST_OF_OLD, ONSET = 2012, 2026, 2020
NAMES = ("MODIS", "VIIRS")
#: NDVI, offset and gain by stratum.
LEVELS, OFFSETS, GAINS = (0.15, 0.3, 0.45), (0.01, 0.02, -0.01), (1.05, 1.1, 0.95)
#: Standard deviations: weather of the region; of each sensor, what a year adds to all pixels, noise of a pixel and
#: year, and what a pixel differs by in all years because footprints differ.
WEATHER, YEARLY, PIXEL, FOOTPRINT = 0.015, 0.002, 0.01, 0.004
MEMORY = 0.4


@dataclass(frozen=True, eq=False)
class TwoSensors:
    """`seamless`: the old sensor if it neither drifted nor ended; `lost` (y, x): pixels that lost more than 10 %."""

    seamless: xr.DataArray
    old: xr.DataArray
    new: xr.DataArray
    strata: xr.DataArray
    lost: np.ndarray
    trend: float


def remembering(rng: np.random.Generator, memory: float, years: int) -> np.ndarray:
    """Noise of deviation 1 with a memory from year to year."""
    drawn = rng.standard_normal(years + 50)
    noise = np.zeros(years + 50)
    for t in range(1, years + 50):
        noise[t] = memory * noise[t - 1] + np.sqrt(1 - memory**2) * drawn[t]
    return noise[50:]


def two_sensors(
    seed: int,
    *,
    drift: float = -0.003,
    drift_of_new: float = 0.0,
    losses: int = 0,
    shape: tuple[int, int] = (24, 30),
    trend: float = 0.0005,
) -> TwoSensors:
    """The region of a seed. `drift`: of the old sensor from 2020 on, NDVI a year; `losses`: patches of lost land."""
    rng = np.random.default_rng(seed)
    strata = np.repeat(np.arange(3), shape[1] // 3)[None, :] * np.ones((shape[0], 1), int)
    time = YEARS - YEARS.mean()
    base = np.array(LEVELS)[strata] * np.exp(0.2 * rng.standard_normal(shape))
    answer = np.exp(0.2 * rng.standard_normal(shape))
    course = WEATHER * remembering(rng, MEMORY, YEARS.size) + trend * time
    land = base + course[:, None, None] * answer / answer.mean()
    change = np.ones(land.shape)
    for _ in range(losses):
        y, x = rng.integers(0, shape[0] - 5), rng.integers(0, shape[1] - 5)
        size, year = rng.uniform(0.15, 0.4), rng.integers(2005, 2027)
        change[year <= YEARS, y : y + rng.integers(3, 6), x : x + rng.integers(3, 6)] = 1 - size
    land *= change

    def sensor(pixel: float) -> np.ndarray:
        yearly = YEARLY * rng.standard_normal((YEARS.size, 1, 1))
        return yearly + pixel * rng.standard_normal(land.shape) + FOOTPRINT * rng.standard_normal(shape)

    seamless = land + sensor(PIXEL)
    old = seamless + drift * np.maximum(YEARS - ONSET + 1, 0)[:, None, None]
    seen = land + drift_of_new * (YEARS - 2015.5)[:, None, None] + sensor(1.2 * PIXEL)
    new = np.array(OFFSETS)[strata] + np.array(GAINS)[strata] * seen
    y, x = 45 + np.arange(shape[0]) / 60, 110 + np.arange(shape[1]) / 60

    def cube(values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values, {"year": YEARS, "y": y, "x": x}, ("year", "y", "x"), attrs={"units": "1"})

    return TwoSensors(
        seamless=cube(seamless),
        old=cube(old).sel(year=slice(None, LAST_OF_OLD)),
        new=cube(new).sel(year=slice(FIRST_OF_NEW, None)),
        strata=xr.DataArray(strata, {"y": y, "x": x}, ("y", "x")),
        lost=change[-1] < 0.9,
        trend=trend,
    )
