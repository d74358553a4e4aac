"""All that a pixel of a region needs to be judged: its references, their noise, and what the whole region did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indicators.change.common import Common, common_changes
from indicators.change.lattice import Lattice
from indicators.change.noise import noise_of
from indicators.change.reference import FIRST_SHARE, LocalReference, local_reference, residuals

Floats = NDArray[np.float64]

#: Smallest share of unchanged pixels, and fewest pixels, with which neighbours can be a reference.
LEAST_UNCHANGED, FEWEST_NEIGHBOURS = 0.25, 100
#: Fewest pixels of a model; a region with fewer is not judged by it.
FEWEST_PIXELS = 12
#: What a pixel is compared with.
NEIGHBOURS, WEATHER = 1, 2
EVIDENCE = {NEIGHBOURS: "unchanged neighbours", WEATHER: "rain and temperature"}
Window = tuple[int, int]


@dataclass(frozen=True, eq=False)
class ChangeModel:
    """The model of change of a region over its `years`.

    `evidence`: what pixels are compared with, a key of `EVIDENCE`. `common`: change of the whole region by window
    (first and last year).
    """

    years: tuple[int, ...]
    reference: LocalReference
    evidence: int
    common: dict[Window, Common]

    def indices(self, window: Window) -> Window:
        """Indices of the first and last year of a window, those of the record where it reaches beyond."""
        first, last = np.searchsorted(self.years, window[0]), np.searchsorted(self.years, window[1], "right") - 1
        return int(first), int(last)


def logarithms(values: NDArray[np.floating]) -> Floats:
    """Logarithms of annual values, NaN where there is no positive value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs: Floats = np.log(np.where(values > 0, values, np.nan).astype(float))
    return logs


def standardised(series: Sequence[NDArray[np.floating]], years: int) -> Floats:
    """Series by year with mean 0 and deviation 1 (variable, year); gaps have the mean, constants are left out."""
    rows = [np.asarray(each, float) for each in series]
    rows = [np.where(np.isfinite(row), row, np.nan) for row in rows]
    known = [row for row in rows if np.isfinite(row).any() and np.nanstd(row) > 0]
    return np.array([np.nan_to_num((row - np.nanmean(row)) / np.nanstd(row)) for row in known]).reshape(-1, years)


def change_model(
    values: Floats,
    y: Floats,
    x: Floats,
    years: Sequence[int],
    weather: Floats,
    windows: Sequence[Window],
    join: Floats | None = None,
) -> ChangeModel:
    """The model of a region from a sample of its pixels.

    Parameters
    ----------
    values
        Logarithms of annual values (pixel, year); NaN in gaps.
    y, x
        Latitude and longitude of the pixels, degrees.
    years
        The years of the record, without a gap.
    weather
        What the weather of the region was (variable, year): best sum of rain, temperature of the season; standardised
        or not. It explains the region's mean, and takes the place of neighbours where there are too few.
    windows
        First and last year of each window in which change is judged.
    join
        Covariance (year, year) of the error that a record joined from several sensors has in common, in squared
        logarithms (`indicators.joined`). Neighbours have it, too, so it counts only for what is compared with the
        weather: the course of the region, and pixels without neighbours.
    """
    reference = local_reference(values, y, x)
    evidence = NEIGHBOURS
    if len(values) < FEWEST_NEIGHBOURS or reference.unchanged < LEAST_UNCHANGED:
        reference, evidence = by_weather(values, y, x, weather, join), WEATHER
    model = ChangeModel(tuple(years), reference, evidence, {})
    if evidence == WEATHER:
        return model  # what happened everywhere is in every pixel already
    course = reference.nodes[:, 0].mean(axis=0)
    found = common_changes(course, weather, [model.indices(window) for window in windows], join)
    return replace(model, common=dict(zip(windows, found, strict=True)))


def by_weather(values: Floats, y: Floats, x: Floats, weather: Floats, join: Floats | None) -> LocalReference:
    """The region's weather as the reference of all pixels, which has a slope of its own for each."""
    lattice = Lattice.over(y, x, 1e6)
    anomalies = values - np.nanmean(values, axis=1, keepdims=True)
    noise = noise_of(
        residuals(anomalies, np.broadcast_to(weather, (len(values), *weather.shape))), fitted=1 + len(weather)
    )
    odds = float(np.log(FIRST_SHARE / (1 - FIRST_SHARE)))
    return LocalReference(lattice, np.tile(weather, (lattice.size, 1, 1)), replace(noise, join=join), odds, 0.0)
