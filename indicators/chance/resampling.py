"""Years put in another order: what significance and intervals are made of.

One order of years holds for every pixel of a map, so that whatever pixels have in common (a drought, a haze) stays
in common. A gap travels with its year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE
from indicators.profiles import Profile
from indicators.trends.theil_sen import theil_sen
from indicators.trends.trajectory import trajectory


def orders(years: int, count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """`count` random orders of that many years, each drawn evenly from all."""
    for _ in range(count):
        yield rng.permutation(years)


def signal(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Theil–Sen line of every pixel of values (year, pixel), in the years; NaN where there are fewer than two values.

    The line goes through the median of the series less its slope, so that the residuals' median is zero.
    """
    data = xr.DataArray(values, coords={"year": years}, dims=("year", "pixel"))
    found = theil_sen(data)
    return (found["intercept"] + found["slope"] * data["year"].astype(float)).transpose("year", "pixel").values


def residuals(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Values (year, pixel) less their Theil–Sen line; gaps stay gaps."""
    return values - signal(values, years)


def directions(values: np.ndarray, years: np.ndarray, profile: Profile, *, quantity: str = "ndvi") -> np.ndarray:
    """Trajectory (−1, 0, 1, or NODATA where it cannot be judged) of values (year, map, pixel) by a profile.

    Every map is judged on its own: where the profile holds a false discovery rate, it does so over the pixels of one
    map. The result (map, pixel) is int8 and that of `productivity.trajectory`, map by map.
    """
    data = xr.DataArray(values, coords={"year": years}, dims=("year", "map", "pixel"))
    found = trajectory(data, profile=alone(profile), quantity=quantity)
    way = found["direction"].transpose("map", "pixel").values
    result = np.where(np.isnan(way), NODATA, way).astype(np.int8)
    p = found["p"].transpose("map", "pixel").values
    valid = np.isfinite(values).sum(axis=0)
    return discovered(result, np.where(valid >= profile.trajectory.minimum_years, p, np.nan), profile)


def discovered(direction: np.ndarray, p: np.ndarray, profile: Profile) -> np.ndarray:
    """Directions (map, pixel) that the profile's false discovery rate over each map lets stand; others are stable."""
    rate = profile.trajectory.fdr
    if rate is None:
        return direction
    sure = p <= _largest_discoveries(p, rate)[:, None]
    trend = (direction == DEGRADED) | (direction == IMPROVED)
    return np.where(trend & ~sure, STABLE, direction).astype(direction.dtype)


def _largest_discoveries(p: np.ndarray, rate: float) -> np.ndarray:
    """The largest p (map, test) of each map that is a discovery at that rate, as `trend.false_discovery_rate`; or −1.

    NaN means that there is no test.
    """
    ordered = np.sort(p, axis=1)  # NaN last
    tests = np.isfinite(p).sum(axis=1)
    limits = rate * np.arange(1, p.shape[1] + 1) / np.maximum(tests, 1)[:, None]
    return np.where(ordered <= limits, ordered, -1.0).max(axis=1, initial=-1.0)


def alone(profile: Profile) -> Profile:
    """The profile without a false discovery rate: what it says of a single series."""
    return replace(profile, trajectory=replace(profile.trajectory, fdr=None))
