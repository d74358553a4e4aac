"""One region, all periods, by one profile or several: the sub-indicators, their combination, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from indicators.chance.false_discovery import counted, largest_discovery
from indicators.change import FEWEST_PIXELS, FEWEST_YEARS, change_model, logarithms, standardised
from indicators.profiles import Profile
from indicators.sdg15.cover_in_time import rates_of
from indicators.sdg15.findings import Whole, find
from indicators.sdg15.measures import Located, Measured, PixelInputs, measure
from indicators.sdg15.performance import best, levels
from indicators.sdg15.periods import Period

#: Pixels from which the rates of confusion of a region's land cover are estimated, at least.
SAMPLE = 20_000


def assess_together(
    inputs: PixelInputs,
    *,
    periods: Sequence[Period],
    profiles: Sequence[Profile],
    region_mask: xr.DataArray | None = None,
) -> dict[str, xr.Dataset]:
    """SDG 15.3.1 of one region in memory for each of `periods`, by several profiles on one set of pixels.

    Parameters
    ----------
    inputs
        Data of the pixels, on one grid. Missing data give undetermined land.
    periods, profiles
        What is assessed, and how.
    region_mask
        Pixels of the region (y, x), which are also its reference area; None takes all.

    Returns
    -------
    dict of xarray.Dataset
        By profile, the layers of `find` (period, y, x). Class rasters are int8 with `NODATA`; water is `WATER` in every
        one.

    Notes
    -----
    Regions that do not fit in memory are measured block by block, with the same result (`flows.region.results`).
    """
    known = with_change(_with_rates(inputs, profiles, region_mask), periods, profiles, region_mask)
    measured = measure(known, periods, profiles)
    whole = whole_of(measured, profiles, region_mask)
    return {each.name: find(measured, whole, periods, each) for each in profiles}


def with_change(
    inputs: PixelInputs, periods: Sequence[Period], profiles: Sequence[Profile], within: xr.DataArray | None
) -> PixelInputs:
    """The inputs with a model of change for each kind of annual value that a profile wants one of, made of all pixels.

    Models that are there stay. The weather is the mean rain sum and the temperature, where they are given.
    """
    kinds = {each.annual for each in profiles if each.productivity == "posterior"} - set(inputs.change)
    windows = list(dict.fromkeys(period.trajectory for period in periods))
    found = dict(inputs.change)
    for kind in sorted(kinds):
        vi = inputs.vi[kind].transpose("year", "y", "x")
        y, x = vi["y"].values.astype(float), vi["x"].values.astype(float)
        values = logarithms(vi.values).reshape(len(vi), -1).T
        known = np.isfinite(values).sum(axis=1) >= FEWEST_YEARS
        if within is not None:
            known &= within.transpose("y", "x").values.ravel() > 0
        rows, columns = (each.ravel()[known] for each in np.meshgrid(y, x, indexing="ij"))
        rain = inputs.rain_sums.get(kind)
        series = [] if rain is None else [np.log(rain.mean(("y", "x")).values)]
        series += [inputs.temperature[kind].values] if kind in inputs.temperature else []
        if known.sum() >= FEWEST_PIXELS:
            years = [int(year) for year in vi["year"].values]
            model = change_model(values[known], rows, columns, years, standardised(series, len(vi)), windows)
            found[kind] = Located(model, y, x)
    return replace(inputs, change=found)


def _with_rates(inputs: PixelInputs, profiles: Sequence[Profile], within: xr.DataArray | None) -> PixelInputs:
    """The same data with the rates of confusion of the region's land cover, if a profile needs them."""
    needed = any(each.cover_filter != "none" for each in profiles)
    if not needed or inputs.land_cover is None or inputs.cover_rates is not None:
        return inputs
    inside = inputs.land_cover.stack(pixel=("y", "x"), create_index=False)
    if within is not None:
        inside = inside.isel(pixel=np.flatnonzero(within.transpose("y", "x").values))
    some = inside.isel(pixel=slice(None, None, max(inside.sizes["pixel"] // SAMPLE, 1)))
    return replace(inputs, cover_rates=rates_of(some, inputs.cover_product))


def whole_of(measured: Measured, profiles: Sequence[Profile], within: xr.DataArray | None) -> Whole:
    """The results of the whole region, from all of its pixels in memory."""
    inside = True if within is None else within.values
    thresholds: dict[tuple[str, int, str], float] = {}
    for profile, number, suffix, p in p_values(measured, profiles):
        assert profile.trajectory.fdr is not None
        thresholds[profile.name, number, suffix] = largest_discovery(counted(p, inside), profile.trajectory.fdr)
    bests = {
        (kind, number): best(mean, levels(units), None if within is None else inside)
        for kind, number, mean, units in means(measured)
    }
    return Whole(thresholds, bests)


def p_values(measured: Measured, profiles: Sequence[Profile]) -> list[tuple[Profile, int, str, np.ndarray]]:
    """Profile, number of the period, suffix and p-values of all tests that share a false discovery rate."""
    return [
        (profile, number, suffix, trend["p" + suffix].values)
        for profile in profiles
        if profile.trajectory.fdr is not None
        for number, trend in enumerate(measured.methods[profile.name])
        for suffix in ("", "_adjusted")
        if "p" + suffix in trend
    ]


def means(measured: Measured) -> list[tuple[str, int, np.ndarray, np.ndarray]]:
    """Kind of annual value, number of the period, means and units, from which the best of each unit are computed."""
    return [
        (str(name).removeprefix("mean_"), number, layer.values, land["units"].values)
        for number, land in enumerate(measured.land)
        for name, layer in land.items()
        if str(name).startswith("mean_")
    ]
