"""One break or none, and what kind of change it is (de Jong et al. 2013; drylands: Bernardino et al. 2020).

A season-trend model of the whole record against one in two parts; the date makes F largest, tests decide.
The type is read off the slopes of the two parts and the step between them; a part counts by the p of its slope
in the series without season, and by its yearly percentage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtr

from indicators.breaks import p_values
from indicators.breaks.axis import RegularAxis, regular, season_trend
from indicators.breaks.drawing import lines, marks
from indicators.breaks.fluctuation import f_statistics, first_place, mosum_of_rows, scaled_residuals, trimming
from indicators.breaks.kernels.rotations import rounding
from indicators.breaks.partitions import (
    Partition,
    date_intervals,
    dated,
    first_after,
    penalty,
    segment_bounds,
    segment_fits,
)
from indicators.errors import IndicatorError

Test = Literal["mosum", "cusum", "sup_f", "ave_f", "exp_f", "bic"]
TYPES = (
    "monotonic increase",
    "monotonic decrease",
    "monotonic increase with positive break",
    "monotonic decrease with negative break",
    "interruption: increase with negative break",
    "interruption: decrease with positive break",
    "reversal: increase to decrease",
    "reversal: decrease to increase",
)
DRYLAND_TYPES = (
    "no change",
    "monotonic increase",
    "monotonic decrease",
    "non-monotonic increase",
    "non-monotonic decrease",
    "reversal: increase to decrease",
    "reversal: decrease to increase",
)
SUBTYPES = ("slowing down", "accelerating", "transition", "complete")
SIGNIFICANCE = ("all parts", "first part only", "second part only", "no part")


@dataclass(frozen=True)
class OneBreak:
    """The model with one break or none.

    `breaks` is 0 or 1, `tests` the decision of each test. `candidate` is the best date whatever the tests say:
    `index` (1-based, last observation before, gaps not counted), `date`, 95 % interval as dates and indices.
    `segments`: of the chosen model, `first`, `last`, `slope` (a place of the axis), `p` of the slope, `percent`
    (change a year), `start` and `end` of the trend. `magnitude` is the step of the trend, 0 without a break.
    `components`: `observed`, `fitted`, `trend`, `season`, `remainder` by date, NaN in gaps.
    """

    breaks: int
    tests: dict[str, bool]
    candidate: pd.Series
    segments: pd.DataFrame
    magnitude: float
    components: pd.DataFrame

    def plot(self, ax: Any = None, *, unit: str = "") -> Any:
        """Observed values, trend, and the first date after the break if there is one; the axes they were drawn in."""
        ax = lines(self.components[["observed", "trend"]], ax, unit=unit)
        if not self.breaks:
            return ax
        return marks(ax, first_after(self.candidate.to_frame().T, self.components["observed"].dropna().index))


def bfast01(
    series: Any,
    order: int = 3,
    test: Test | Sequence[Test] = "mosum",
    level: float = 0.05,
    *,
    aggregate: Callable[[Iterable[bool]], bool] = all,
    bandwidth: float = 0.15,
    frequency: int | None = None,
) -> OneBreak:
    """One break or none in a pandas series or one-dimensional DataArray with a time index; gaps left out.

    Either part has at least five values for each regressor (constant, trend, harmonics of `order`). `test` is one
    or several, put together by `aggregate`; `bandwidth` is the window of MOSUM. Raises IndicatorError where the
    series is too short.
    """
    values, axis = regular(series, frequency)
    x = season_trend(axis, order)
    known = np.isfinite(values)
    y, design, n = values[known], x[known], int(known.sum())
    k = design.shape[1]
    first = 5 * k
    if 2 * first > n:
        raise IndicatorError(
            f"bfast01: {n} values for {k} regressors; each part needs {first}, so take a lower order or a longer series"
        )
    f = f_statistics(y, design, first)
    place = int(f.argmax()) + first - 1
    names = (test,) if isinstance(test, str) else tuple(test)
    decisions: dict[str, bool] = {str(name): _decides(name, y, design, f, level, bandwidth) for name in names}
    breaks = int(aggregate(list(decisions.values())))
    beta, fitted = segment_fits(y, design, [place])
    both = Partition([place], np.array([]), np.array([]), beta, fitted)
    bounds = date_intervals(y, design, both, level=1 - level)[0]
    candidate = pd.Series(dated(axis.labels[known], place, bounds))
    places = [place] if breaks else []
    components = _components(values, x, axis, places)
    segments = _segments(components[known], axis, known, places, segment_fits(y, design, places)[0])
    trend = components["trend"].to_numpy()[known]
    step = float(trend[place + 1] - trend[place]) if breaks else 0.0
    return OneBreak(breaks, decisions, candidate, segments, step, components)


def _decides(name: str, y: np.ndarray, x: np.ndarray, f: np.ndarray, level: float, bandwidth: float) -> bool:
    n, k = x.shape
    first = first_place(n, k, 5 * k)
    if name == "mosum":
        return mosum_of_rows(y, x, bandwidth, pd.RangeIndex(n)).p < level
    if name == "cusum":
        statistic = np.abs(scaled_residuals(y, x).cumsum()).max()
        return bool(p_values.cusum_p(statistic) < level)
    if name == "bic":
        gain = n * np.log1p(f.max() / (n - 2 * k))
        return bool(gain > penalty(n, "bic") * (k + 1))
    statistics = {
        "sup_f": float(f.max()),
        "ave_f": float(f.mean()),
        "exp_f": float(np.logaddexp.reduce(f / 2) - np.log(len(f))),
    }
    if name not in statistics:
        raise IndicatorError(f"test {name!r} is unknown; use mosum, cusum, sup_f, ave_f, exp_f or bic")
    functional: Any = name.removesuffix("_f")
    return bool(p_values.f_p(statistics[name], functional, k, trimming(n, first)) < level)


def _components(values: np.ndarray, x: np.ndarray, axis: RegularAxis, places: list[int]) -> pd.DataFrame:
    known = np.isfinite(values)
    beta, fitted = segment_fits(values[known], x[known], places)
    bounds = segment_bounds(places, int(known.sum()))
    trend = np.concatenate([x[known][a:b, :2] @ each[:2] for (a, b), each in zip(bounds, beta, strict=True)])
    table = pd.DataFrame({"observed": values, "fitted": np.nan, "trend": np.nan}, index=axis.labels)
    table.loc[known, "fitted"] = fitted
    table.loc[known, "trend"] = trend
    return table.assign(season=table["fitted"] - table["trend"], remainder=table["observed"] - table["fitted"])


def _segments(
    components: pd.DataFrame, axis: RegularAxis, known: np.ndarray, places: list[int], beta: np.ndarray
) -> pd.DataFrame:
    time, dates = axis.time[known], axis.labels[known]
    rest = (components["observed"] - components["season"]).to_numpy()
    trend = components["trend"].to_numpy()
    table = []
    for (first, end), each in zip(segment_bounds(places, len(rest)), beta, strict=True):
        start, last = trend[first], trend[end - 1]
        table.append(
            {
                "first": dates[first],
                "last": dates[end - 1],
                "slope": each[1],
                "p": slope_p(rest[first:end], time[first:end], beta.shape[-1]),
                "percent": _percent(start, last, time[end - 1] - time[first]),
                "start": start,
                "end": last,
            }
        )
    return pd.DataFrame(table)


def slope_p(y: np.ndarray, t: np.ndarray, regressors: int = 2) -> float:
    """Two-sided p of the least-squares slope of y on t; 1 where y does not vary, 0 where the line meets all of it.

    `regressors`: how many the fit had that y comes from; its rounding is that of all of them.
    """
    n = len(y)
    centred = t - t.mean()
    slope = (centred @ y) / (centred @ centred)
    rest = y - y.mean() - slope * centred
    nothing = rounding(float(np.abs(y).max()), n, regressors)
    if np.ptp(y) <= nothing:
        return 1.0
    if np.abs(rest).max() <= nothing:
        return 0.0
    error = np.sqrt((rest @ rest) / (n - 2) / (centred @ centred))
    return float(2 * stdtr(n - 2, -abs(slope / error)))


def _percent(start: float, end: float, years: float) -> float:
    """Yearly percentage from start to end; where the sign changes, both are first lifted above zero alike.

    Infinite from zero on, 0 where nothing changes.
    """
    if start == end:
        return 0.0
    if start == 0:
        return float(np.copysign(np.inf, end))
    if end / start <= 0:
        lift = 2 * abs(start if start < end else end)
        start, end = start + lift, end + lift
    return float(((end / start) ** (1 / years) - 1) * 100)


def classify(found: OneBreak, level: float = 0.05, percent_stable: float | None = None) -> pd.Series:
    """The type of change, 1 … 8 as in `TYPES` (0 where slopes or step are exactly zero).

    `significance`: which parts have a significant slope, place in `SIGNIFICANCE`; `stability`: the same for parts
    that change by more than `percent_stable` a year (NaN without it); `p_1`, `p_2`, `percent_1`, `percent_2` by part.
    """
    parts = found.segments
    up = parts["slope"].to_numpy() > 0
    down = parts["slope"].to_numpy() < 0
    step = found.magnitude
    rules = (
        [(1, up[0]), (2, down[0])]
        if found.breaks == 0
        else [
            (3, up.all() and step > 0),
            (4, down.all() and step < 0),
            (5, up.all() and step < 0),
            (6, down.all() and step > 0),
            (7, up[0] and down[1]),
            (8, down[0] and up[1]),
        ]
    )
    kind = next((number for number, holds in rules if holds), 0)
    stable = np.nan if percent_stable is None else _which(parts["percent"].abs() > percent_stable)
    return pd.Series(
        {
            "type": kind,
            "meaning": TYPES[kind - 1] if kind else "none",
            "significance": _which(parts["p"] <= level),
            "stability": stable,
            **{f"p_{i + 1}": p for i, p in enumerate(parts["p"])},
            **{f"percent_{i + 1}": p for i, p in enumerate(parts["percent"])},
        }
    )


def classify_dryland(found: OneBreak, level: float = 0.05) -> pd.Series:
    """The dryland typology: `type` 0 … 6 as in `DRYLAND_TYPES`, `subtype` 1 … 4 as in `SUBTYPES` (0: none)."""
    parts = found.segments
    significant = (parts["p"] <= level).to_numpy()
    slopes = parts["slope"].to_numpy()
    kind = subtype = 0
    if significant.any():
        if found.breaks == 0:
            kind = 1 if slopes[0] > 0 else 2
        elif slopes[0] * slopes[1] > 0:
            kind = 3 if slopes[0] > 0 else 4
            subtype = 1 if abs(slopes[0]) > abs(slopes[1]) else 2
        else:
            kind = 5 if slopes[0] > 0 else 6
            subtype = 4 if significant.all() else 3
    return pd.Series(
        {
            "type": kind,
            "subtype": subtype,
            "meaning": DRYLAND_TYPES[kind],
            "submeaning": SUBTYPES[subtype - 1] if subtype else "none",
            "significance": _which(parts["p"] <= level),
        }
    )


def _which(holds: pd.Series) -> int:
    """0 all parts, 1 the first only, 2 the second only, 3 none."""
    if holds.all():
        return 0
    if not holds.any():
        return 3
    return 1 if holds.iloc[0] else 2
