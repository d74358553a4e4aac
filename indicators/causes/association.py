"""Do two yearly series go together, and what could have been seen?

Spearman's rank correlation r of the common years, on request of the departures from straight lines, so that two
series that merely rise do not count as related. Neighbouring years are alike, so n years say less than n independent
values: n* = n / (1 + 2 Σ_j (1 − j/n) ρ_x(j) ρ_y(j)) (Pyper & Peterman 1998), with ρ the autocorrelations of the ranks.
p is that of t = r √((n* − 2) / (1 − r²)), the interval that of atanh r ± z √(1.06 / (n* − 3)) (Fieller et al. 1957);
both lines together cost one more year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm, rankdata
from scipy.stats import t as student

from indicators.chance import p_words
from indicators.errors import IndicatorError

Floats = NDArray[np.float64]
#: Fewest common years that are compared.
FEWEST = 8
#: Longest lag of autocorrelation, as a share of the years.
LONGEST_LAG = 0.2
#: Variance of atanh of a rank correlation, times n − 3.
FIELLER = 1.06


@dataclass(frozen=True)
class Association:
    """How two yearly series go together.

    `r` is Spearman's correlation with its interval; `p` two-sided; `years` the common years, `effective` what they are
    worth as independent ones; `least` the smallest |r| that so many years show with a chance of 80 %.
    """

    r: float
    low: float
    high: float
    p: float
    years: int
    effective: float
    least: float
    level: float = 0.05

    def sentence(self, one: str, other: str) -> str:
        """What can be said of the two, by their names; it never says that one causes the other."""
        size = f"r {self.r:.2f}, {self.low:.2f} to {self.high:.2f}, {p_words(self.p)}, {self.years} years"
        if self.p < self.level:
            way = "more" if self.r > 0 else "less"
            return f"More {other} goes with {way} {one} ({size})."
        return (
            f"Nothing can be said of {one} and {other} ({size}): a correlation weaker than ±{self.least:.2f} is "
            f"likely missed in so few years."
        )


def goes_with(
    one: pd.Series, other: pd.Series, *, lag: int = 0, detrend: bool = True, confidence: float = 0.95
) -> Association:
    """Rank correlation of two yearly series, with the p-value and interval of as many years as they are worth.

    Parameters
    ----------
    one, other
        Values by year (integers, each once); any units. NaN is a gap and its year is left out.
    lag
        Years by which `other` comes first: 1 compares `one` with `other` of the year before.
    detrend
        Compare departures from each series' own straight line over the common years.
    confidence
        Confidence of the interval; 1 less it is the level of sentences and of `least`.

    Returns
    -------
    Association
        r, interval, p, years, effective years, and the smallest correlation that would have been seen.

    Raises
    ------
    IndicatorError
        A year comes twice, fewer than 8 years are common, or a series does not vary in them.

    References
    ----------
    Pyper & Peterman (1998), doi:10.1139/f98-104; Fieller, Hartley & Pearson (1957), doi:10.1093/biomet/44.3-4.470.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> rain = pd.Series(rng.normal(250, 40, 25), index=range(2000, 2025))
    >>> growth = 0.1 + 0.001 * rain + rng.normal(0, 0.02, 25)
    >>> found = goes_with(growth, rain)
    >>> found.p < 0.001
    True
    >>> found.sentence("growth", "rain").split(" (")[0]
    'More rain goes with more growth'
    """
    for name, series in (("one", one), ("other", other)):
        if not series.index.is_unique:
            twice = series.index[series.index.duplicated()][0]
            raise IndicatorError(f"goes_with: {name} has the year {twice} twice; keep one value")
    earlier = other.set_axis(other.index + lag)
    both = pd.concat([one.astype(float), earlier.astype(float)], axis=1, join="inner").dropna().sort_index()
    if len(both) < FEWEST:
        raise IndicatorError(f"goes_with: {len(both)} common years are too few; give {FEWEST} or more")
    years = both.index.to_numpy(float)
    ranks = []
    for number in range(2):
        values = both.iloc[:, number].to_numpy()
        size = np.abs(values).max()
        if detrend:
            values = values - np.polyval(np.polyfit(years - years.mean(), values, 1), years - years.mean())
        if np.ptp(values) <= 1e-12 * size:
            raise IndicatorError("goes_with: a series does not vary in the common years; leave it out")
        ranks.append(rankdata(values))
    effective = _effective(ranks[0], ranks[1], both.index.to_numpy(int))
    return _association(ranks[0], ranks[1], effective - detrend, confidence)


def _association(one: Floats, other: Floats, effective: float, confidence: float) -> Association:
    n = len(one)
    r = float(np.clip(np.corrcoef(one, other)[0, 1], -1 + 1e-12, 1 - 1e-12))
    t = r * np.sqrt((effective - 2) / (1 - r**2))
    spread = np.sqrt(FIELLER / (effective - 3))
    half = float(norm.ppf((1 + confidence) / 2)) * spread
    low, high = np.tanh([np.arctanh(r) - half, np.arctanh(r) + half])
    least = float(np.tanh(half + float(norm.ppf(0.8)) * spread))
    p = float(2 * student.sf(abs(t), effective - 2))
    return Association(r, float(low), float(high), p, n, effective, least, round(1 - confidence, 12))


def _effective(one: Floats, other: Floats, years: NDArray[np.int_]) -> float:
    """Independent years that the common years are worth: at least 5, at most their number."""
    n = len(one)
    total = sum(
        (1 - lag / n) * _autocorrelation(one, years, lag) * _autocorrelation(other, years, lag)
        for lag in range(1, int(LONGEST_LAG * n) + 1)
    )
    return float(np.clip(n / max(1 + 2 * total, 1e-9), 5, n))


def _autocorrelation(values: Floats, years: NDArray[np.int_], lag: int) -> float:
    """Correlation of values that lie `lag` years apart, whatever years are missing between; less its usual bias."""
    centred = values - values.mean()
    _, earlier, later = np.intersect1d(years + lag, years, return_indices=True)
    if not len(earlier):
        return 0.0
    found = float((centred[earlier] * centred[later]).mean() / (centred**2).mean())
    return min(found + 1 / len(values), 1.0)
