"""TSS-RESTREND: has the land changed more than rain explains, gradually or abruptly? (Burrell, Evans & Liu 2017)

Vegetation on rain (VPR), over months and over years. BFAST finds dates in the monthly residuals; Chow tests decide
which of them is significant in the yearly residuals, and whether the VPR itself broke there. Then:

| yearly VPR | break of residuals | break of VPR | method |
|---|---|---|---|
| p ≤ 0.05 | none, p > 0.05 | – | RESTREND: residual ~ year |
| p ≤ 0.05 | p ≤ 0.05 | p > 0.05 | segmented RESTREND: residual ~ (year − break)·side |
| p ≤ 0.05 | p ≤ 0.05 | p ≤ 0.05 | segmented VPR: vegetation ~ rain·side, its residuals as above |
| p > 0.05 | – | p ≤ 0.05 | segmented VPR |
| p > 0.05 | – | none | indeterminate |

Trends and steps with p ≥ 0.10 count as zero. In a segmented VPR, rain is standardised, and each side has its own
window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks.axis import check_size
from indicators.breaks.decomposition import Decomposition, bfast
from indicators.breaks.drawing import lines, marks
from indicators.breaks.fluctuation import chow
from indicators.breaks.rain import RainFit, RainWindow, accumulate, best_pair, best_window, fit
from indicators.errors import IndicatorError

Method = Literal["restrend", "segmented_restrend", "segmented_vpr", "indeterminate", "negative_rain", "invalid"]
Turn = Literal["package", "own"]
#: Trends and steps with a larger p count as no change.
COUNTS_BELOW = 0.10


@dataclass(frozen=True)
class ResidualTrend:
    """The outcome for one series.

    `method` as in the table above; `negative_rain` where vegetation falls with rain and no temperature is given,
    `invalid` where the change exceeds the range of the series (then `total_change` is NaN). `total_change` is
    `residual_change` + `height_change`, each where its p (`residual_p`, `height_p`) is below 0.10. `break_year` is
    the first year after the break, `break_low` … `break_high` its 95 % interval, None without; `break_p` that of the
    Chow test of the residuals (NaN where the yearly VPR has p > level), `vpr_break_p` of the VPR. `before`, `at`,
    `after`: change of the fit up to, at and from the break on; `before_p`, `after_p`: of the slope of each part alone
    (without a break of the whole, and NaN). `explained_by_rain`: vegetation follows rain, and the
    residuals have no trend.
    `vpr_slope`, `vpr_p`, `vpr_r2`: the yearly VPR; `offset`, `months`: its window; `sides`: those before and after the
    break of a segmented VPR, else None.
    `annual`: by year `vegetation`, `rain`, `residual`, `fitted`; `candidates`: every date that was tried.
    """

    method: Method
    total_change: float
    residual_change: float
    height_change: float
    residual_p: float
    height_p: float
    break_year: int | None
    break_low: int | None
    break_high: int | None
    break_p: float
    vpr_break_p: float
    before: float
    at: float
    after: float
    before_p: float
    after_p: float
    explained_by_rain: bool
    vpr_slope: float
    vpr_p: float
    vpr_r2: float
    offset: int
    months: int
    sides: tuple[tuple[int, int], tuple[int, int]] | None
    annual: pd.DataFrame
    candidates: pd.DataFrame

    def plot(self, ax: Any = None, *, unit: str = "") -> Any:
        """Draw yearly residuals, their fit, and the break with its interval; returns the axes."""
        ax = lines(self.annual[["residual", "fitted"]], ax, title=self.method.replace("_", " "), unit=unit)
        if self.break_year is None:
            return ax
        ends = {"low": [self.break_low], "date": [self.break_year], "high": [self.break_high]}
        return marks(ax, pd.DataFrame(ends))


@dataclass(frozen=True)
class _Climate:
    """Windows of rain (and of temperature, where given) by month."""

    rain: list[RainWindow]
    warmth: list[RainWindow] | None
    allow_negative: bool

    def choose(self, y: np.ndarray, at: np.ndarray) -> tuple[RainWindow, RainWindow | None]:
        """The best windows for the values y at the months `at`."""
        rain = [RainWindow(w.offset, w.months, w.values[at]) for w in self.rain]
        if self.warmth is not None:
            pair = best_pair(y, rain, [RainWindow(w.offset, w.months, w.values[at]) for w in self.warmth])
            if pair is not None:
                return pair
        return best_window(y, rain, allow_negative=self.allow_negative), None


def tss_restrend_of_series(
    vi: Any,
    rain: Any,
    temperature: Any = None,
    *,
    longest: int = 12,
    offsets: int = 4,
    h: float = 0.15,
    level: float = 0.05,
    exclude: Iterable[Any] = (),
    turn: Turn = "package",
) -> ResidualTrend:
    """`breaks.tss_restrend` of one monthly series."""
    green = monthly(vi, "vegetation")
    if green.isna().any() or len(green) < 60:
        raise IndicatorError(
            f"tss_restrend needs five years of months without gaps; vegetation has {len(green)} months, "
            f"{int(green.isna().sum())} of them empty: fill them, or use tss_restrend_annual"
        )
    months = pd.PeriodIndex(green.index)
    warmth = None if temperature is None else accumulate(monthly(temperature, "temperature"), months, longest, offsets)
    climate = _Climate(accumulate(monthly(rain, "rain"), months, longest, offsets), warmth, temperature is not None)
    decomposition = _monthly_breaks(green, climate, h, level)
    excluded = {pd.Period(each, "M") for each in exclude}
    kept = np.array([pd.Period(date, "M") not in excluded for date in decomposition.trend_breaks["date"]], bool)
    tried = decomposition.trend_breaks[kept]
    peaks = annual_peaks(green, turn)
    return _decide(peaks, tried, climate, level)


def monthly(series: Any, name: str) -> pd.Series:
    """A series by month; several values in a month are averaged, months without are NaN."""
    whole = series.to_series() if isinstance(series, xr.DataArray) else pd.Series(series, dtype=float)
    if not isinstance(whole.index, (pd.DatetimeIndex, pd.PeriodIndex)):
        raise IndicatorError(f"{name} has an index of {whole.index.dtype}, not of dates; give it dates or months")
    if whole.empty:
        raise IndicatorError(f"{name} has no months; check the selected dates")
    whole = whole.astype(float).where(np.isfinite(whole.to_numpy(float)))
    check_size(whole.dropna().to_numpy())
    dated = whole.index
    index = dated if isinstance(dated, pd.PeriodIndex) else pd.DatetimeIndex(dated).tz_localize(None).to_period("M")
    means = whole.groupby(index.asfreq("M")).mean()
    return means.reindex(pd.period_range(means.index.min(), means.index.max(), freq="M"))


def annual_peaks(green: pd.Series, turn: Turn = "package") -> pd.DataFrame:
    """Largest value of each calendar year: `year`, `value`, `place` (from 0) in the series.

    A season that peaks in November or December of one year and January or February of the next is one: its peak
    counts for the first year. The next year then has its own largest value from March on (`turn` "own"), or, as
    TSS.RESTREND 0.3.2 has it, the value that the year after it reaches from February on ("package").
    """
    months = pd.PeriodIndex(green.index)
    first = months[0].year
    table = np.full((months[-1].year - first + 1, 12), -np.inf)
    table[months.year - first, months.month - 1] = green.to_numpy()
    month = table.argmax(axis=1)
    value = table.max(axis=1)
    for row in range(len(table) - 1):
        if month[row] in (10, 11) and month[row + 1] in (0, 1):
            winter = np.r_[table[row, 10:], table[row + 1, :2]]
            month[row], value[row] = 10 + winter.argmax(), winter.max()
            if turn == "own":
                month[row + 1], value[row + 1] = 2 + table[row + 1, 2:].argmax(), table[row + 1, 2:].max()
            elif row + 2 < len(table):
                later = table[row + 2, 1:]
                month[row + 1], value[row + 1] = 2 + later.argmax(), later.max()
    place = 12 * np.arange(len(table)) + month - (months[0].month - 1)
    return pd.DataFrame({"year": first + np.arange(len(table)), "value": value, "place": place})


def _monthly_breaks(green: pd.Series, climate: _Climate, h: float, level: float) -> Decomposition:
    """BFAST of the residuals of the monthly VPR; of the vegetation itself where rain explains nothing, or inversely."""
    y = green.to_numpy()
    rain, warmth = climate.choose(y, np.arange(len(y)))
    monthly_vpr = fit(y, rain.values) if warmth is None else fit(y, rain.values, warmth.values)
    if monthly_vpr.p > level or (monthly_vpr.beta[1] < 0 and not climate.allow_negative):
        return bfast(green, "harmonic", h, level, 3)
    return bfast(pd.Series(monthly_vpr.residuals, index=green.index), None, h, level, 3)


def _decide(peaks: pd.DataFrame, tried: pd.DataFrame, climate: _Climate, level: float) -> ResidualTrend:
    y, at = peaks["value"].to_numpy(), peaks["place"].to_numpy()
    rain, warmth = climate.choose(y, at)
    columns = (rain.values,) if warmth is None else (rain.values, warmth.values)
    vpr = fit(y, *columns)
    years = peaks["year"].to_numpy(float)
    # a break belongs to the yearly peak just before it; one before the first or after the last peak has none
    candidates = tried.assign(place=np.searchsorted(at + 1, tried["index"].to_numpy(int), side="right"))
    candidates = candidates[(candidates["place"] > 0) & (candidates["place"] < len(y))]
    significant = vpr.p <= level
    chow_y, chow_x = (vpr.residuals, years) if significant else (y, rain.values)
    place, p, row = strongest(chow_y, chow_x, candidates["place"].to_numpy(int))
    vpr_p = chow(y, np.column_stack([np.ones(len(y)), *columns]), place) if place else float("nan")
    broken = place > 0 and p <= level
    method: Method
    if broken and (not significant or vpr_p <= level):
        method, parts = "segmented_vpr", _segmented_vpr(y, years, place, climate, at)
    elif broken:
        method, parts = "segmented_restrend", _segmented(vpr.residuals, years, place)
    else:
        method, parts = "restrend", _unsegmented(vpr.residuals, years)
        if not significant:
            method = "indeterminate"
        elif vpr.beta[1] < 0 and not climate.allow_negative:
            method = "negative_rain"
    total = parts.total
    if abs(total) > np.ptp(y):
        method, total = "invalid", float("nan")
    chosen = candidates.iloc[row] if broken else None
    return ResidualTrend(
        method=method,
        total_change=total,
        residual_change=parts.residual,
        height_change=parts.height,
        residual_p=parts.residual_p,
        height_p=parts.height_p,
        break_year=int(years[place]) if broken else None,
        break_low=None if chosen is None else _year_after(years, at, int(chosen["low_index"])),
        break_high=None if chosen is None else _year_after(years, at, int(chosen["high_index"])),
        break_p=p if significant and place else float("nan"),
        vpr_break_p=vpr_p,
        before=parts.before,
        at=parts.at,
        after=parts.after,
        before_p=parts.before_p,
        after_p=parts.after_p,
        explained_by_rain=bool(significant and vpr.beta[1] > 0 and not broken and parts.residual_p >= COUNTS_BELOW),
        vpr_slope=float(vpr.beta[1]),
        vpr_p=vpr.p,
        vpr_r2=vpr.r2,
        offset=rain.offset,
        months=rain.months,
        sides=parts.sides,
        annual=pd.DataFrame(
            {"vegetation": y, "rain": rain.values, "residual": vpr.residuals, "fitted": parts.fitted},
            index=pd.Index(peaks["year"], name="year"),
        ),
        candidates=candidates.reset_index(drop=True),
    )


def _year_after(years: np.ndarray, at: np.ndarray, index: int) -> int:
    """Year of the first peak (at the months `at`) after the month with 1-based `index`, at most the last year."""
    return int(years[min(int(np.searchsorted(at + 1, index, side="right")), len(years) - 1)])


def strongest(y: np.ndarray, x: np.ndarray, places: np.ndarray) -> tuple[int, float, int]:
    """The strongest break: its place (number of values before it, 0 for none), its Chow p, and its row in `places`.

    Each break is tested between its neighbours, and the one with the largest p is removed, until one is left, which is
    tested on the whole series. A break with too few values on a side is removed first.
    """
    left = list(range(len(places)))
    design = np.column_stack([np.ones(len(y)), x])
    while left:
        edges = [1, *(int(places[i]) for i in left), len(y)]
        p = []
        for before, here, after in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
            part = slice(before - 1, after)
            p.append(chow(y[part], design[part], here - before + 1))
        p = [1.0 if np.isnan(each) else each for each in p]
        if len(left) == 1:
            return int(places[left[0]]), p[0], left[0]
        left.pop(int(np.argmax(p)))
    return 0, float("nan"), -1


@dataclass(frozen=True)
class _Parts:
    """Changes of one fitted model over the record."""

    residual: float
    residual_p: float
    height: float
    height_p: float
    before: float
    at: float
    after: float
    before_p: float
    after_p: float
    fitted: np.ndarray
    sides: tuple[tuple[int, int], tuple[int, int]] | None = None

    @property
    def total(self) -> float:
        slow = self.residual if self.residual_p < COUNTS_BELOW else 0.0
        return slow + (self.height if self.height_p < COUNTS_BELOW else 0.0)


def _unsegmented(residuals: np.ndarray, years: np.ndarray) -> _Parts:
    trend = fit(residuals, years)
    change = float(trend.fitted[-1] - trend.fitted[0])
    return _Parts(change, trend.p, 0.0, float("nan"), change, 0.0, 0.0, trend.p, float("nan"), trend.fitted)


def _segmented(residuals: np.ndarray, years: np.ndarray, place: int) -> _Parts:
    trend = _side_trends(residuals, years, place)
    f = trend.fitted
    change = float(f[-1] - f[0])
    parts = float(f[place - 1] - f[0]), float(f[place] - f[place - 1]), float(f[-1] - f[place])
    return _Parts(change, trend.p, 0.0, float("nan"), *parts, *_side_p(residuals, years, place), trend.fitted)


def _side_p(residuals: np.ndarray, years: np.ndarray, place: int) -> tuple[float, float]:
    """p of the slope before and after a break, each part alone (de Jong et al. 2013); NaN with two values or fewer."""
    parts = ((residuals[each], years[each]) for each in (slice(place), slice(place, None)))
    before, after = (fit(y, t).p if len(y) > 2 else float("nan") for y, t in parts)
    return before, after


def _side_trends(residuals: np.ndarray, years: np.ndarray, place: int) -> RainFit:
    side = (np.arange(len(years)) >= place).astype(float)
    since = years - (years[place - 1] + 0.5)
    return fit(residuals, since, side, since * side)


def _segmented_vpr(y: np.ndarray, years: np.ndarray, place: int, climate: _Climate, at: np.ndarray) -> _Parts:
    """Vegetation on standardised rain, each side of the break with its best window."""
    rain, sides = _sides(y, place, climate.rain, at, allow_negative=climate.allow_negative)
    side = (np.arange(len(y)) >= place).astype(float)
    vpr = fit(y, rain, side, rain * side)
    trend = _side_trends(vpr.residuals, years, place)
    height = float(vpr.beta[2])
    f = trend.fitted
    before_p, after_p = _side_p(vpr.residuals, years, place)
    return _Parts(
        residual=float(f[-1] - f[0]),
        residual_p=trend.p,
        height=height,
        height_p=float(vpr.p_beta[2]),
        before=float(f[place - 1] - f[0]),
        at=float(f[place] - f[place - 1]) + height,
        after=float(f[-1] - f[place]),
        before_p=before_p,
        after_p=after_p,
        fitted=f,
        sides=sides,
    )


def _sides(
    y: np.ndarray, place: int, windows: list[RainWindow], at: np.ndarray, *, allow_negative: bool
) -> tuple[np.ndarray, tuple[tuple[int, int], tuple[int, int]]]:
    """Rain in units of its standard deviation, from one window before the break and from another after it."""
    yearly = [RainWindow(w.offset, w.months, w.values[at]) for w in windows]
    cut = [
        [RainWindow(w.offset, w.months, w.values[part]) for w in yearly] for part in (slice(place), slice(place, None))
    ]
    # a positive response to rain is required on both sides or on neither
    either = allow_negative or min(_positive(y[:place], cut[0]), _positive(y[place:], cut[1])) <= 2
    chosen = []
    for part, own in ((y[:place], cut[0]), (y[place:], cut[1])):
        best = best_window(part, own, allow_negative=either)
        chosen.append(next(w for w in yearly if (w.offset, w.months) == (best.offset, best.months)))
    z = [(w.values - w.values.mean()) / w.values.std(ddof=1) for w in chosen]
    first, second = ((w.offset, w.months) for w in chosen)
    return np.r_[z[0][:place], z[1][place:]], (first, second)


def _positive(y: np.ndarray, windows: list[RainWindow]) -> int:
    """Number of windows to which the vegetation responds positively."""
    return sum(float((w.values - w.values.mean()) @ y) > 0 for w in windows)
