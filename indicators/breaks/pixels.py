"""Breaks of a cube: the same tests, partitions and monitoring for every pixel as for one series.

Compiled code computes the pixels of a block, with one factorisation for all pixels with the same gaps; dask distributes
the blocks, which must contain the whole time. The result of a pixel is that of its series.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks import p_values
from indicators.breaks.axis import RegularAxis, axis_of, season_trend
from indicators.breaks.fluctuation import trimming
from indicators.breaks.kernels import kernel_monitor, kernel_partitions, kernel_tests
from indicators.breaks.kernels.gap_classes import classes
from indicators.breaks.monitoring import History, check, decimal
from indicators.breaks.partitions import Criterion, check_most, penalty, shortest_segment
from indicators.breaks.pixel_blocks import at_rows, core_dim, interval_rows, over_pixels, rows_after, well_scaled
from indicators.errors import IndicatorError


def by_pixel(y: xr.DataArray, X: Any, h: float, test: str, dim: str | None = None) -> xr.Dataset:
    """`statistic` and `p` of OLS-MOSUM (`mosum`), OLS-CUSUM (`cusum`), sup F (`sup`) or mean F (`ave`) by pixel.

    F tests add `date`, the first observation after the break for which F is largest. NaN where a series is too short.
    """
    name = core_dim(y, dim)
    if not 0 < h < np.inf or (test == "mosum" and h >= 1):
        raise IndicatorError(f"{test} by pixel: h={h} is not a share of the series; give one such as 0.15")
    x = well_scaled(X, y.sizes[name])
    k = x.shape[1]

    def sums(values: np.ndarray) -> tuple[np.ndarray, ...]:
        out = np.empty((2, values.shape[1]))
        kernel_tests.residual_sums(values, x, *classes(values), h, out)
        return (out[0 if test == "cusum" else 1],)

    def f_test(values: np.ndarray) -> tuple[np.ndarray, ...]:
        out = np.empty((2, values.shape[1]))
        place = np.empty(values.shape[1], np.int64)
        kernel_tests.sup_f(values, x, *classes(values), h, out, place)
        statistic, valid = out[0 if test == "sup" else 1], np.isfinite(values)
        return statistic, f_p_of_pixels(statistic, valid.sum(0), test, k, h), rows_after(valid, place)

    if test in ("mosum", "cusum"):
        (statistic,) = over_pixels(sums, y, name, [float])
        p = xr.apply_ufunc(
            lambda s: p_values.cusum_p(s) if test == "cusum" else p_values.mosum_p(s, h),
            statistic,
            dask="parallelized",
            output_dtypes=[float],
        )
        return xr.Dataset({"statistic": statistic, "p": p}, attrs={"test": test, "h": h})
    statistic, p, place = over_pixels(f_test, y, name, [float, float, np.int64])
    return xr.Dataset(
        {"statistic": statistic, "p": p, "date": at_rows(place, y[name])}, attrs={"test": f"{test} F", "h": h}
    )


def f_p_of_pixels(statistic: np.ndarray, counts: np.ndarray, functional: Any, k: int, h: float) -> np.ndarray:
    """p of F statistics by pixel; `counts`: values of each; NaN where the statistic is."""
    p = np.full(statistic.shape, np.nan)
    known = ~np.isnan(statistic)  # it is infinite where the parts fit exactly
    for m in np.unique(counts[known]):
        first = max(int(np.floor(h * m)) if h < 1 else int(h), k + 1)
        own = (counts == m) & known
        p[own] = p_values.f_p(statistic[own], functional, k, trimming(int(m), first))
    return p


def breakpoints_pixels(
    y: xr.DataArray,
    X: Any = None,
    h: float = 0.15,
    max_breaks: int | None = 5,
    criterion: Criterion = "bic",
    *,
    dim: str | None = None,
) -> xr.Dataset:
    """Bai–Perron breaks by pixel: `breaks` (number, −1 where the series is too short), and along `break`: `date`
    (first observation after it), `low`, `high` (95 % interval of that date), `magnitude` (step of the fit there).

    Arguments as in `breakpoints`; gaps are left out pixel by pixel.
    """
    name = core_dim(y, dim)
    n = y.sizes[name]
    x = well_scaled(X, n)
    penalty(n, criterion)
    shortest = shortest_segment(n, x.shape[1], h)
    check_most(max_breaks, 1)
    most = max(1, -(-n // shortest) - 2) if max_breaks is None else min(max_breaks, n // shortest - 1)

    def work(values: np.ndarray) -> tuple[np.ndarray, ...]:
        grouped = classes(values)
        places = np.empty((most, values.shape[1]), np.int64)
        rss = np.empty((most + 1, values.shape[1]))
        kernel_partitions.partitions(values, x, grouped, h, most, criterion == "lwz", (places, rss))
        sizes = np.empty((5, most, values.shape[1]))
        kernel_partitions.break_sizes(values, x, *grouped, places, sizes)
        count = np.where(np.isnan(rss[0]), -1, (places >= 0).sum(0))
        valid = np.isfinite(values)
        ends = (rows_after(valid, row) for rows in (places, *interval_rows(values, places, sizes)) for row in rows)
        return (count, *ends, *sizes[0])

    dtypes = [np.int64] * (1 + 3 * most) + [float] * most
    count, *rest = over_pixels(work, y, name, dtypes)
    parts = [rest[i * most : (i + 1) * most] for i in range(4)]
    number = xr.DataArray(np.arange(1, most + 1), dims="break", name="break")
    rows = [xr.concat(part, number) for part in parts]
    return xr.Dataset(
        {
            "breaks": count.astype(np.int8),
            "date": at_rows(rows[0], y[name]),
            "low": at_rows(rows[1], y[name]),
            "high": at_rows(rows[2], y[name]),
            "magnitude": rows[3].assign_attrs(units=str(y.attrs.get("units", "1"))),
        },
        attrs={"h": h, "criterion": criterion},
    )


def monitor_pixels(
    y: xr.DataArray,
    start: Any,
    order: int = 3,
    h: float = 0.25,
    history: History = "roc",
    level: float | tuple[float, float] = 0.05,
    *,
    X: Any = None,
    correlated: bool = False,
    period: float = 10,
    frequency: int | None = None,
    dim: str | None = None,
) -> xr.Dataset:
    """Monitoring by pixel; arguments as in `monitor`.

    `break_time`: time of the first alarm (NaT or NaN without); `magnitude`: median of observed − predicted since the
    start; `strength`: largest |process| over its boundary; `delay`: values from the start to the alarm (0 without);
    `observations` since the start; `history_start`, `history_observations`: the stable history, −1 values and no
    start where there are too few.
    """
    name = core_dim(y, dim)
    critical, line, _ = check(history, h, level, period)
    place, axis = _places(y[name], frequency)
    design = season_trend(axis, order)[place]
    if X is not None:
        design = np.column_stack([design, np.asarray(X, float).reshape(len(X), -1)])
    x = well_scaled(design, len(place))
    past_rows = int((axis.time[place] < decimal(start, axis) - 1e-9).sum())
    settings = np.array([h, critical, line if history == "roc" else 0.0, axis.frequency if correlated else 0.0])

    def work(values: np.ndarray) -> tuple[np.ndarray, ...]:
        pixels = values.shape[1]
        stable = np.zeros(pixels, np.int64)
        if history == "bp":
            stable = last_breaks(values[:past_rows], x[:past_rows])
        out = np.empty((5, pixels), np.int64)
        sizes = np.empty((2, pixels))
        kernel_monitor.monitor(values, x, classes(values), past_rows, settings, stable, (out, sizes))
        return (*out, *sizes)

    alarm, begin, delay, since, past, magnitude, strength = over_pixels(work, y, name, [np.int64] * 5 + [float] * 2)
    return xr.Dataset(
        {
            "break_time": at_rows(alarm, y[name]),
            "magnitude": magnitude.assign_attrs(units=str(y.attrs.get("units", "1"))),
            "strength": strength,
            "delay": delay.astype(np.int32),
            "observations": since.astype(np.int32),
            "history_start": at_rows(begin, y[name]),
            "history_observations": past.astype(np.int32),
        },
        attrs={"start": str(start), "order": order, "h": h, "history": history, "level": str(level)},
    )


def _places(times: xr.DataArray, frequency: int | None) -> tuple[np.ndarray, RegularAxis]:
    """The row of each time on a regular axis, and the axis. Raises IndicatorError for two times in one period."""
    row, axis = axis_of(pd.Index(times.to_numpy()), frequency)
    if len(np.unique(row)) < len(row) or not (np.diff(row) > 0).all():
        raise IndicatorError(
            f"monitor: several values of {times.name!r} fall into one of {axis.frequency} periods a year, or are not "
            f"in order; sort them, average them, or give another `frequency`"
        )
    return row, axis


def last_breaks(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Row after the last Bai–Perron break of each pixel; 0 without. Segments have six values for each regressor."""
    k = x.shape[1]
    # pixels without values are in no gap class
    most = max(1, -(-len(values) // (6 * k)) - 2)
    places = np.empty((most, values.shape[1]), np.int64)
    rss = np.empty((most + 1, values.shape[1]))
    kernel_partitions.partitions(values, x, classes(values), float(6 * k), most, False, (places, rss))
    return places.max(axis=0) + 1
