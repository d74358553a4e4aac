"""Figures that say how series of vegetation behave, whatever the series are: real ones, or those of a world.

`real_series.measured` computes them of real series, `simulated_series.simulated` of the simulated landscape. `SPREADS`
says within which limits the real figures lie, and where they come from, so that a world can be judged without the data.

All series are logarithms of annual values without their linear trend, unless something else is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]

#: Limits of rings around a cell, km: of half-degree cells, and of pixels.
FAR = ((30, 60), (60, 100), (100, 150), (150, 250), (250, 400), (400, 600))
NEAR = ((0.2, 0.3), (0.6, 1.1), (1.6, 2.5))
KM = 111.2
#: Steppe and desert steppe in which leaves are looked at: west, south, east, north.
BOXES = {
    "eastern Mongolia": (105, 44, 120, 50), "Inner Mongolia": (106, 39.5, 120, 45),
    "western Mongolia": (90, 45, 103, 51), "all": (90, 36, 122, 50),
}  # fmt: skip
#: Mean LAI of dry land.
DRY_LEAVES = (0.1, 1.0)


@dataclass(frozen=True)
class Spread:
    """Limits between which a figure of real series lies, and where they come from."""

    low: float
    high: float
    origin: str


_LEAVES = "MODIS LAI of dry land in four boxes of North-East Asia, 2001-2020"
_FINE = "MODIS of 250 m in Chile (forest, desert), GPP of 463 m in Assaba"
_MAP = "MCD12Q1 in Assaba, 2010-2023; a third on either side, because it is one region"

#: Least and largest value of `measured`, rounded outwards to 0.01; of the map of one region two and four thirds of it.
SPREADS: dict[str, Spread] = {
    "deviation of a pixel": Spread(0.09, 0.31, "Portal (4 sensors), Kruger, Chile, Atacama, Australia"),
    "memory of a pixel": Spread(-0.30, 0.20, "the same, and two mountains in Africa"),
    "rain share of a pixel": Spread(
        0.26, 0.59, "Portal, Australia, Assaba; LAI of cells in two aimags of Mongolia and SPEI-3 of the summer"
    ),
    "rain share of a region": Spread(0.38, 0.87, "Assaba; LAI of Mongolia and two of its aimags, and SPEI-3"),
    "deviation of leaves": Spread(0.11, 0.18, _LEAVES),
    "memory of leaves": Spread(-0.22, 0.34, f"{_LEAVES}: middle 80 % of cells"),
    "trend of leaves, % a decade": Spread(5.94, 32.06, f"{_LEAVES}: middle 80 % of cells"),
    "correlation at 30 to 60 km": Spread(0.81, 0.87, _LEAVES),
    "correlation at 60 to 100 km": Spread(0.70, 0.76, _LEAVES),
    "correlation at 100 to 150 km": Spread(0.56, 0.63, _LEAVES),
    "correlation at 150 to 250 km": Spread(0.41, 0.49, _LEAVES),
    "correlation at 250 to 400 km": Spread(0.26, 0.35, _LEAVES),
    "correlation at 400 to 600 km": Spread(0.13, 0.25, _LEAVES),
    "correlation at 0.2 to 0.3 km": Spread(0.92, 0.97, _FINE),
    "correlation at 0.6 to 1.1 km": Spread(0.77, 0.95, _FINE),
    "correlation at 1.6 to 2.5 km": Spread(0.62, 0.93, _FINE),
    "noise of a composite": Spread(0.03, 0.11, "MOD13A1 at ten sites; MODIS of 250 m in Chile"),
    "land cover: changes a year": Spread(0.013, 0.027, _MAP),
    "land cover: ever changed": Spread(0.077, 0.155, _MAP),
    "land cover: excursions of one year": Spread(0.25, 0.51, _MAP),
    "land cover: excursions of more than three years": Spread(0.20, 0.41, _MAP),
}


def detrended(series: Floats) -> Floats:
    """Series [year, …] less their mean and linear trend."""
    years = np.arange(len(series)) - (len(series) - 1) / 2
    slope = np.tensordot(years, series, 1) / (years**2).sum()
    trend: Floats = series.mean(0) + years.reshape(-1, *[1] * (series.ndim - 1)) * slope
    return series - trend


def deviation(series: Floats) -> Floats:
    """Standard deviation from year to year."""
    rest = detrended(series)
    return np.sqrt((rest**2).sum(0) / (len(series) - 2))


def memory(series: Floats) -> Floats:
    """Correlation with the year before."""
    rest = detrended(series)
    return np.asarray((rest[1:] * rest[:-1]).sum(0) / (rest**2).sum(0))


def trend(series: Floats) -> Floats:
    """Per cent a decade."""
    years = np.arange(len(series)) - (len(series) - 1) / 2
    return np.asarray(100 * (np.exp(10 * np.tensordot(years, series, 1) / (years**2).sum()) - 1))


def rain_share(series: Floats, months: Floats, last: Sequence[int]) -> Floats:
    """Share of the variance that the best sum of rain explains, of 1 to 12 months that end 0 to 3 months earlier.

    `months` is rain [month, …], and `last` the index in it of the last month of each year's season.
    """
    sums = np.concatenate([np.zeros((1, *months.shape[1:])), np.cumsum(months, 0)])
    rest = detrended(series)
    best = np.zeros(series.shape[1:])
    for offset in range(4):
        ends = np.asarray(last) + 1 - offset
        for length in range(1, 13):
            rain = detrended(sums[ends] - sums[ends - length])
            both = (rest * rain).sum(0)
            share = both**2 / np.maximum((rest**2).sum(0) * (rain**2).sum(0), 1e-30)
            best = np.fmax(best, np.where(both > 0, share, 0))
    return best


def correlations(series: Floats, x: Floats, y: Floats, rings: Sequence[tuple[float, float]]) -> list[float]:
    """Mean correlation of series [year, place] with those of places in rings around theirs; x and y in km."""
    rest = detrended(series)
    unit = rest / np.sqrt((rest**2).sum(0))
    together = unit.T @ unit
    apart = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    return [float(together[(apart >= low) & (apart < high)].mean()) for low, high in rings]


def composite_noise(composites: Floats, inside: Floats) -> Floats:
    """Noise of a composite [time, …], fraction of the mean: its distance from the mean of the two beside it.

    `inside` says which composites lie in the growing season. What curves in a month counts as noise, too.
    """
    distance = composites[1:-1] - (composites[2:] + composites[:-2]) / 2
    chosen = inside[1:-1]
    noise = np.nanstd(distance[chosen], 0) / np.sqrt(1.5)
    return np.asarray(noise / np.nanmean(composites[1:-1][chosen], 0))


def cover_changes(classes: Floats) -> dict[str, float]:
    """How restless a yearly map [year, pixel] is: changes, pixels that ever change, and how long excursions last."""
    changed = classes[1:] != classes[:-1]
    lengths: Counter[int] = Counter()
    for pixel in np.flatnonzero(changed.any(0)):
        runs = [(key, len(list(run))) for key, run in groupby(classes[:, pixel])]
        for (before, _), ((_, length), (after, _)) in zip(runs, pairwise(runs[1:]), strict=False):
            lengths[length] += before == after
    excursions = max(lengths.total(), 1)
    return {
        "changes a year": float(changed.mean()),
        "ever changed": float(changed.any(0).mean()),
        "excursions of one year": lengths[1] / excursions,
        "excursions of more than three years": sum(n for length, n in lengths.items() if length > 3) / excursions,
    }


def leaf_figures(
    lai: Floats, lon: Floats, lat: Floats, box: tuple[float, ...], name: str
) -> Iterator[tuple[str, float, str]]:
    west, south, east, north = box
    inside = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    low, high = DRY_LEAVES
    inside &= np.isfinite(lai).all(0) & (lai.min(0) > 0) & (lai.mean(0) > low) & (lai.mean(0) < high)
    series = np.log(lai[:, inside])
    yield "deviation of leaves", float(np.median(deviation(series))), name
    for part in (10, 50, 90):
        yield "memory of leaves", float(np.percentile(memory(series), part)), f"{name}, {part} % of the cells"
        yield "trend of leaves, % a decade", float(np.percentile(trend(series), part)), f"{name}, {part} % of the cells"
    x, y = lon[inside] * KM * np.cos(np.deg2rad((south + north) / 2)), lat[inside] * KM
    for ring, value in zip(FAR, correlations(series, x, y, FAR), strict=True):
        yield ring_name(ring), value, name


def ring_name(ring: tuple[float, float]) -> str:
    """The figure of a ring."""
    return f"correlation at {ring[0]:g} to {ring[1]:g} km"


def pixel_figures(series: Floats, name: str) -> Iterator[tuple[str, float, str]]:
    yield "deviation of a pixel", float(np.median(deviation(series))), name
    yield "memory of a pixel", float(np.median(memory(series))), name
