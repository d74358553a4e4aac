"""A series on a regular axis: every period of a year has a row, and a period without observation is NaN.

Periods are counted as producers of composites count them: months; 16 or 8 days from 1 January (23, 46 a year);
dekads and half months (36, 24); years. Decimal time of a row is year + (period − 1)/frequency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.errors import IndicatorError

#: Longest median step, days, of each number of periods a year.
LONGEST_STEP = {46: 9.0, 36: 11.5, 24: 15.4, 23: 17.0, 12: 31.0, 4: 92.0, 1: 366.0}


#: Limits of values whose squares, and sums of squares, fit in a double.
SMALLEST, LARGEST = 1e-130, 1e130


def check_size(values: np.ndarray) -> None:
    """Raises IndicatorError for values whose squares a double cannot hold."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest > LARGEST or 0 < largest < SMALLEST:
        raise IndicatorError(
            f"the largest value is {largest:.3g}, outside {SMALLEST:g} to {LARGEST:g}, whose squares can be computed; "
            f"set no-data values to NaN, or use another unit"
        )


def check_order(index: pd.Index) -> None:
    """Raises IndicatorError if the times or numbers of an index do not increase."""
    ordered = isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex)) or pd.api.types.is_numeric_dtype(index.dtype)
    if ordered and not (index.is_monotonic_increasing and index.is_unique):
        raise IndicatorError(
            "the times of the series do not increase; sort them, and keep one of several values with the same time, or "
            "average them"
        )


@dataclass(frozen=True)
class RegularAxis:
    """A regular axis: decimal `time`, `labels` (dates, years), `frequency` (periods a year), `cycle` 1 … frequency."""

    time: np.ndarray
    labels: pd.Index
    frequency: int
    cycle: np.ndarray


def harmonics(axis: RegularAxis, order: int) -> np.ndarray:
    """cos and sin of 1 … `order` waves a year as columns (n, 2·order), up to the highest that the frequency allows."""
    waves = np.arange(1, min(order, axis.frequency) + 1)
    angles = 2 * np.pi * axis.time[:, None] * waves
    columns = np.column_stack([np.cos(angles), np.sin(angles)])
    # with an even frequency, the sine of the highest wave is zero everywhere
    return columns[:, :-1] if 2 * len(waves) == axis.frequency else columns


def dummies(axis: RegularAxis) -> np.ndarray:
    """Seasonal dummies as contrasts that add up to zero (n, frequency − 1): the last period of a year is −1 in all."""
    columns = (axis.cycle[:, None] == np.arange(1, axis.frequency)).astype(float)
    columns[axis.cycle == axis.frequency] = -1.0
    return columns


def season_trend(axis: RegularAxis, order: int) -> np.ndarray:
    """Constant, place number 1 … n, and harmonics of `order` (none where 0 or at one period a year), as columns."""
    place = np.arange(1, len(axis.time) + 1, dtype=float)
    parts = [np.ones_like(place), place]
    if order > 0 and axis.frequency > 1:
        parts.append(harmonics(axis, order))
    return np.column_stack(parts)


def regular(series: Any, frequency: int | None = None) -> tuple[np.ndarray, RegularAxis]:
    """Values (NaN where not observed) and axis of a pandas series or a one-dimensional DataArray.

    The index has dates, periods, or numbers: years, with decimals for several values a year, or row numbers.
    `frequency` None is determined from the median step. Values in the same period are averaged. Raises
    IndicatorError if the index is not a time or the series has fewer than three values.
    """
    whole = series.to_series() if isinstance(series, xr.DataArray) else pd.Series(series, dtype=float)
    whole = whole.astype(float).where(np.isfinite(whole.to_numpy(float)))
    if whole.notna().sum() < 3:
        raise IndicatorError(f"the series has {int(whole.notna().sum())} values; at least 3 are needed")
    check_size(whole.dropna().to_numpy())
    position, axis = axis_of(whole.index, frequency)
    sums = np.zeros(len(axis.time))
    counts = np.zeros(len(axis.time))
    known = whole.notna().to_numpy()
    np.add.at(sums, position[known], whole.to_numpy(float)[known])
    np.add.at(counts, position[known], 1.0)
    with np.errstate(invalid="ignore"):
        return np.where(counts > 0, sums / counts, np.nan), axis


def axis_of(index: pd.Index, frequency: int | None = None) -> tuple[np.ndarray, RegularAxis]:
    """The row of each entry of a time index on the axis, and the axis from the first to the last entry."""
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, pd.MultiIndex) and index.hasnans:
        raise IndicatorError(f"{int(np.asarray(index.isna()).sum())} entries of the index have no time; drop them")
    if frequency is None and index.nunique() < 2:
        raise IndicatorError("the frequency cannot be determined from a single time; give `frequency`")
    if isinstance(index, pd.DatetimeIndex):
        return _of_dates(index.tz_localize(None), frequency)  # local time counts
    if not pd.api.types.is_numeric_dtype(index.dtype):
        raise IndicatorError(f"an index of {index.dtype} is not a time; use dates, or years as numbers")
    return _of_numbers(index, frequency)


def _of_dates(index: pd.DatetimeIndex, frequency: int | None) -> tuple[np.ndarray, RegularAxis]:
    if frequency is None:
        step = float(np.median(np.diff(index.unique().sort_values().to_numpy())) / np.timedelta64(1, "D"))
        frequency = next((f for f, longest in LONGEST_STEP.items() if step <= longest), None)
        if frequency is None or step < 7:
            raise IndicatorError(
                f"a median step of {step:.1f} days is not that of composites, months or years; give `frequency`, or "
                f"average to months first"
            )
    place = index.year.to_numpy() * frequency + _period(index, frequency)
    first = int(place.min())
    places = np.arange(first, int(place.max()) + 1)
    labels = _starts(places // frequency, places % frequency, frequency).to_numpy().copy()
    labels[place - first] = index.to_numpy()
    return place - first, _axis(places, frequency, pd.DatetimeIndex(labels, name=index.name))


def _period(index: pd.DatetimeIndex, frequency: int) -> np.ndarray:
    """Number of the period of each date in its year, from 0."""
    if frequency in (1, 4, 12):
        return (index.month.to_numpy() - 1) * frequency // 12
    if frequency in (24, 36):
        per_month = frequency // 12
        part = np.minimum((index.day.to_numpy() - 1) // (30 // per_month), per_month - 1)
        return (index.month.to_numpy() - 1) * per_month + part
    days = {23: 16.0, 46: 8.0}.get(frequency, 366 / frequency)
    return np.minimum((index.day_of_year.to_numpy() - 1) // days, frequency - 1).astype(int)


def _starts(year: np.ndarray, period: np.ndarray, frequency: int) -> pd.DatetimeIndex:
    """First day of each period."""
    if frequency in (1, 4, 12, 24, 36):
        per_month = max(frequency // 12, 1)
        month = (period // per_month) * (12 * per_month // frequency) + 1
        day = (period % per_month) * (30 // per_month) + 1
        return pd.DatetimeIndex(pd.to_datetime({"year": year, "month": month, "day": day}))
    days = {23: 16.0, 46: 8.0}.get(frequency, 366 / frequency)
    starts = pd.to_datetime({"year": year, "month": np.ones_like(year), "day": np.ones_like(year)})
    return pd.DatetimeIndex(starts + pd.to_timedelta(np.ceil(period * days), unit="D"))


def _of_numbers(index: pd.Index, frequency: int | None) -> tuple[np.ndarray, RegularAxis]:
    numbers = index.to_numpy(float)
    if frequency is None:
        step = float(np.median(np.diff(np.unique(numbers))))
        frequency = max(round(1 / step), 1) if step > 0 else 1
    place = np.rint(numbers * frequency).astype(int)
    if np.abs(numbers * frequency - place).max() > 0.3:
        raise IndicatorError(f"the times do not fit {frequency} periods a year; give another `frequency`")
    first = int(place.min())
    places = np.arange(first, int(place.max()) + 1)
    if frequency == 1:
        labels: pd.Index = pd.Index(places, name=index.name)
    else:
        values = places / frequency
        values[place - first] = numbers
        labels = pd.Index(values, name=index.name)
    return place - first, _axis(places, frequency, labels)


def _axis(places: np.ndarray, frequency: int, labels: pd.Index) -> RegularAxis:
    return RegularAxis(places / frequency, labels, frequency, places % frequency + 1)
