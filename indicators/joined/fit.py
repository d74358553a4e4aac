"""Fit the relation of the annual values of two sensors to the years in which both were in orbit.

The gain comes from pixels, which are many and differ (`indicators.joined.gains`), the offset from the mean difference
of each year (`indicators.joined.differences`). Only years are used in which the kept sensor is trusted: a drift inside
the overlap would make offset and gain wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.chance import holm, p_words
from indicators.errors import IndicatorError
from indicators.joined.differences import (
    LEVEL,
    Drift,
    drift_of,
    footprints_of,
    hinge,
    level_error,
    onset_of,
    yearly,
)
from indicators.joined.gains import Gain, gain_of, pulled
from indicators.joined.relation import JoinRules, Relation, Relations

Floats = NDArray[np.float64]

#: Largest standard error of a gain with which values can be converted.
GAIN_ERROR = 0.1
#: Smallest part of the pixels of its best year that a stratum must have in a year that counts.
FEWEST_SEEN = 0.5


def relate(
    kept: xr.DataArray,
    converted: xr.DataArray,
    strata: xr.DataArray,
    names: tuple[str, str],
    rules: JoinRules | None = None,
) -> Relations:
    """The relation of two sensors in every stratum.

    Parameters
    ----------
    kept, converted
        Annual values (year, y, x) of the sensor whose units are kept and of the other, on one grid, NaN in gaps.
    strata
        Number of the stratum (y, x): land cover and region, say; negative numbers belong to none.
    names
        Names of the kept and the converted sensor.
    rules
        What is known, and what is asked of a stratum.

    Returns
    -------
    Relations
        Strata that cannot be joined are in it, too, with the reason.

    Raises
    ------
    IndicatorError
        For other grids, equal names, or no stratum.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> land = 0.3 + 0.05 * rng.standard_normal((1, 9, 9)) + 0.02 * rng.standard_normal((8, 1, 1))
    >>> old = xr.DataArray(land, {"year": range(2012, 2020)}, ("year", "y", "x"))
    >>> new = 0.01 + 1.1 * old
    >>> found = relate(old, new, xr.zeros_like(old[0], int), ("MODIS", "VIIRS")).of(0)
    >>> round(found.offset, 6), round(found.gain, 6), found.stable
    (0.01, 1.1, True)
    """
    rules = rules or JoinRules()
    _checked(kept, converted, strata, names)
    common = np.intersect1d(kept["year"].values, converted["year"].values)
    x, y = (each.transpose("year", "y", "x").sel(year=common).values.astype(float) for each in (kept, converted))
    numbers = strata.transpose("y", "x").values
    members = {int(number): numbers == number for number in np.unique(numbers[numbers >= 0])}
    if not members:
        raise IndicatorError(f"join of {names[0]} and {names[1]}: no stratum has a number from 0 up")
    series = {number: (x[:, own], y[:, own]) for number, own in members.items()}
    known = {number: _known(*each) for number, each in series.items()}
    until = _until(series, known, common, rules)
    sound = np.ones(common.size, bool) if until is None else common < until
    used = {number: flags & sound for number, flags in known.items()}
    gains = _gains(series, used, rules)
    pooled = _pooled(series, gains, common)
    fitted = {number: _fitted(number, series[number], used[number], common, gains[number], rules) for number in members}
    footprints = np.zeros(numbers.shape)
    for number, own in members.items():
        footprints[own] = fitted[number][2]
    return Relations(
        *names,
        strata=tuple(_stable_or_not([relation for relation, _, _ in fitted.values()], rules)),
        years=tuple(int(year) for year in common),
        rest=np.array([rest for _, rest, _ in fitted.values()]),
        footprints=footprints,
        until=until,
        departure=None if until is None else hinge(*pooled, until),
    )


def _checked(kept: xr.DataArray, converted: xr.DataArray, strata: xr.DataArray, names: tuple[str, str]) -> None:
    for name, each, dims in (
        (names[0], kept, {"year", "y", "x"}),
        (names[1], converted, {"year", "y", "x"}),
        ("strata", strata, {"y", "x"}),
    ):
        if set(each.dims) != dims:
            raise IndicatorError(f"join: {name} has dimensions {each.dims}; give {sorted(dims)}")
        for dim in ("y", "x"):
            if each.sizes[dim] != kept.sizes[dim] or not np.allclose(each[dim].values, kept[dim].values, atol=1e-9):
                raise IndicatorError(f"join: {name} has another {dim} than {names[0]}; put both on one grid first")
    if names[0] == names[1]:
        raise IndicatorError(f"join: both sensors are named {names[0]!r}; give each its own name")


def _known(kept: Floats, converted: Floats) -> NDArray[np.bool_]:
    """Years (year) that count: with half as many pixels as the best, or a cloudy year weighs as much as a clear one."""
    pixels = (np.isfinite(kept) & np.isfinite(converted)).sum(axis=1)
    enough: NDArray[np.bool_] = pixels >= max(1.0, FEWEST_SEEN * pixels.max(initial=0))
    return enough


def _gains(
    series: Mapping[int, tuple[Floats, Floats]], used: Mapping[int, NDArray[np.bool_]], rules: JoinRules
) -> dict[int, Gain]:
    if rules.gain is not None:
        return {number: Gain(rules.gain, 0.0) for number in series}
    own = [gain_of(x[used[number]], y[used[number]]) for number, (x, y) in series.items()]
    return dict(zip(series, pulled(own), strict=True))


def _until(
    series: Mapping[int, tuple[Floats, Floats]],
    known: Mapping[int, NDArray[np.bool_]],
    years: NDArray[np.int64],
    rules: JoinRules,
) -> int | None:
    """The first year in which the kept sensor is not trusted."""
    if not isinstance(rules.onset, str):
        return rules.onset
    found = onset_of(*_pooled(series, _gains(series, known, rules), years), rules.fewest_years)
    return None if found is None or found.p >= LEVEL else found.earliest


def _pooled(
    series: Mapping[int, tuple[Floats, Floats]], gains: Mapping[int, Gain], years: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Differences (year) of all strata about their means, in units of the kept sensor, and their years."""
    total, weight = np.zeros(years.size), np.zeros(years.size)
    for number, (x, y) in series.items():
        values = yearly(y / gains[number].value - x)
        there = np.isfinite(values)
        if there.any():
            total[there] += x.shape[1] * (values - np.nanmean(values))[there]
            weight[there] += x.shape[1]
    there = weight > 0
    return total[there] / weight[there], years[there].astype(float)


def _fitted(
    number: int,
    series: tuple[Floats, Floats],
    used: NDArray[np.bool_],
    years: NDArray[np.int64],
    gain: Gain,
    rules: JoinRules,
) -> tuple[Relation, Floats, Floats]:
    """The relation of a stratum, what the yearly differences leave over (year), and footprints of its pixels."""
    x, y = series
    nothing = np.full(years.size, np.nan), np.zeros(x.shape[1])
    both = np.isfinite(x) & np.isfinite(y) & used[:, None]
    pixels = int(both.any(axis=0).sum())
    own = tuple(int(year) for year in years[used])
    refused = Relation(
        number, np.nan, gain.value, gain.error, np.nan, own, pixels, np.nan, np.nan, np.nan, np.nan,
        Drift(np.nan, np.nan, 1.0), rules.drift_limit, False,
    )  # fmt: skip
    if len(own) < rules.fewest_years:
        spent = "" if rules.onset is None else " before the kept sensor drifts"
        return replace(
            refused,
            reason=f"overlap of {len(own)} years{spent} ({_span(own)}); at least {rules.fewest_years} are needed",
        ), *nothing
    if pixels < rules.fewest_pixels:
        return replace(refused, reason=f"{pixels} pixels; at least {rules.fewest_pixels} are needed"), *nothing
    if not np.isfinite(gain.value) or not gain.error <= GAIN_ERROR:
        return replace(
            refused,
            reason=f"pixels are too alike to find the gain ({gain.value:.2f} ± {gain.error:.2f}; the error may be "
            f"{GAIN_ERROR} at most): give one, or join wider strata",
        ), *nothing
    differences = np.where(both, y - gain.value * x, np.nan)
    values = yearly(differences)
    offset = float(np.nanmean(values))
    rest = (values - offset) / gain.value
    annual, error = level_error(rest[used])
    left = (differences - values[:, None]) / gain.value
    lasting, spread, noise = footprints_of(left)
    return replace(
        refused, offset=offset, centre=float(x[both].mean()), error=error, annual=annual,
        noise=noise, footprint=spread, drift=drift_of(rest[used], years[used].astype(float)),
    ), rest, lasting  # fmt: skip


def _stable_or_not(relations: list[Relation], rules: JoinRules) -> list[Relation]:
    """Say which relations are stable.

    A drift is significant by Holm's test over the strata. A stable relation has none, and a slope that is not beyond
    the limit by more than its standard error; or it has one that lies within the limit as a whole (by two errors).
    """
    tested = [each for each in relations if each.joined]
    adjusted = holm([each.drift.p for each in tested])
    significant = {each.stratum for each, p in zip(tested, adjusted, strict=True) if p < LEVEL}
    found = []
    for each in relations:
        size, error = abs(each.drift.slope), each.drift.error
        small = size + 2 * error <= rules.drift_limit
        if not each.joined:
            found.append(each)
        elif small or (each.stratum not in significant and size - error <= rules.drift_limit):
            found.append(replace(each, stable=True))
        else:
            reason = (
                f"not stable: the difference drifts by {each.drift.slope:+.4f} ± {error:.4f} a year "
                f"({p_words(each.drift.p)}) over {_span(each.years)}; {rules.drift_limit} is allowed"
            )
            found.append(replace(each, reason=reason))
    return found


def _span(years: tuple[int, ...]) -> str:
    return f"{years[0]}–{years[-1]}" if years else "none"
