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

from indicators.breaks.decomposition import Decomposition, bfast
from indicators.breaks.drawing import lines, marks
from indicators.breaks.fluctuation import chow
from indicators.breaks.residuals.annual_peaks import Turn, annual_peaks, monthly
from indicators.breaks.residuals.rain import accumulate, fit
from indicators.breaks.residuals.segmented import COUNTS_BELOW, ClimateWindows, segmented, segmented_vpr, unsegmented
from indicators.errors import IndicatorError

Method = Literal["restrend", "segmented_restrend", "segmented_vpr", "indeterminate", "negative_rain", "invalid"]


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
    climate = ClimateWindows(
        accumulate(monthly(rain, "rain"), months, longest, offsets), warmth, temperature is not None
    )
    decomposition = _monthly_breaks(green, climate, h, level)
    excluded = {pd.Period(each, "M") for each in exclude}
    kept = np.array([pd.Period(date, "M") not in excluded for date in decomposition.trend_breaks["date"]], bool)
    tried = decomposition.trend_breaks[kept]
    peaks = annual_peaks(green, turn)
    return _decide(peaks, tried, climate, level)


def _monthly_breaks(green: pd.Series, climate: ClimateWindows, h: float, level: float) -> Decomposition:
    """BFAST of the residuals of the monthly VPR; of the vegetation itself where rain explains nothing, or inversely."""
    y = green.to_numpy()
    rain, warmth = climate.choose(y, np.arange(len(y)))
    monthly_vpr = fit(y, rain.values) if warmth is None else fit(y, rain.values, warmth.values)
    if monthly_vpr.p > level or (monthly_vpr.beta[1] < 0 and not climate.allow_negative):
        return bfast(green, "harmonic", h, level, 3)
    return bfast(pd.Series(monthly_vpr.residuals, index=green.index), None, h, level, 3)


def _decide(peaks: pd.DataFrame, tried: pd.DataFrame, climate: ClimateWindows, level: float) -> ResidualTrend:
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
        method, parts = "segmented_vpr", segmented_vpr(y, years, place, climate, at)
    elif broken:
        method, parts = "segmented_restrend", segmented(vpr.residuals, years, place)
    else:
        method, parts = "restrend", unsegmented(vpr.residuals, years)
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
