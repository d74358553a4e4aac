"""Models of the yearly values with one break or none: trends of residuals, and vegetation on rain by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indicators.breaks.residuals.rain import RainFit, RainWindow, best_pair, best_window, fit

#: Trends and steps with a larger p count as no change.
COUNTS_BELOW = 0.10


@dataclass(frozen=True)
class ClimateWindows:
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


@dataclass(frozen=True)
class FittedChange:
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


def unsegmented(residuals: np.ndarray, years: np.ndarray) -> FittedChange:
    trend = fit(residuals, years)
    change = float(trend.fitted[-1] - trend.fitted[0])
    return FittedChange(change, trend.p, 0.0, float("nan"), change, 0.0, 0.0, trend.p, float("nan"), trend.fitted)


def segmented(residuals: np.ndarray, years: np.ndarray, place: int) -> FittedChange:
    trend = _side_trends(residuals, years, place)
    f = trend.fitted
    change = float(f[-1] - f[0])
    parts = float(f[place - 1] - f[0]), float(f[place] - f[place - 1]), float(f[-1] - f[place])
    return FittedChange(change, trend.p, 0.0, float("nan"), *parts, *_side_p(residuals, years, place), trend.fitted)


def _side_p(residuals: np.ndarray, years: np.ndarray, place: int) -> tuple[float, float]:
    """p of the slope before and after a break, each part alone (de Jong et al. 2013); NaN with two values or fewer."""
    parts = ((residuals[each], years[each]) for each in (slice(place), slice(place, None)))
    before, after = (fit(y, t).p if len(y) > 2 else float("nan") for y, t in parts)
    return before, after


def _side_trends(residuals: np.ndarray, years: np.ndarray, place: int) -> RainFit:
    side = (np.arange(len(years)) >= place).astype(float)
    since = years - (years[place - 1] + 0.5)
    return fit(residuals, since, side, since * side)


def segmented_vpr(
    y: np.ndarray, years: np.ndarray, place: int, climate: ClimateWindows, at: np.ndarray
) -> FittedChange:
    """Vegetation on standardised rain, each side of the break with its best window."""
    rain, sides = _sides(y, place, climate.rain, at, allow_negative=climate.allow_negative)
    side = (np.arange(len(y)) >= place).astype(float)
    vpr = fit(y, rain, side, rain * side)
    trend = _side_trends(vpr.residuals, years, place)
    height = float(vpr.beta[2])
    f = trend.fitted
    before_p, after_p = _side_p(vpr.residuals, years, place)
    return FittedChange(
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
