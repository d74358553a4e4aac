"""p-values of tests of no break: limit distributions, formulas and published tables.

* OLS-CUSUM: the largest |Brownian bridge|, P = 1 − Σ (−1)^i exp(−2 i² x²) over all i (Kolmogorov).
* Recursive CUSUM: Brownian motion over the line λ(1 + 2t) (Brown, Durbin & Evans 1975).
* OLS-MOSUM: critical values of Chu, Hornik & Kuan (1995), Table 1, interpolated in h and p; below 0.01 and above the
  10 % value only bounds are known: p is 0.01 at least, and runs linearly to 1 at a statistic of 0.
* sup, ave and exp F: the response surfaces of Hansen (1997) for 1 … 40 regressors, in `tables/hansen1997.csv`.
* Monitoring: critical values of Zeileis, Leisch, Kleiber & Hornik (2005), simulated by the authors of R's
  strucchange, in `tables/monitoring_mosum.csv`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import chdtrc, kolmogorov, ndtr

from indicators.errors import IndicatorError

Functional = Literal["sup", "ave", "exp"]

MOSUM_LEVELS = np.array([0.1, 0.05, 0.025, 0.01])
#: Critical values of the largest |OLS-MOSUM| at those levels, for windows h = 0.05, 0.10, … 0.50.
MOSUM_CRITICAL = np.array(
    [
        [0.7552, 0.8017, 0.8444, 0.8977],
        [0.9809, 1.0483, 1.1119, 1.1888],
        [1.1211, 1.2059, 1.2845, 1.3767],
        [1.2170, 1.3158, 1.4053, 1.5131],
        [1.2811, 1.3920, 1.4917, 1.6118],
        [1.3258, 1.4448, 1.5548, 1.6863],
        [1.3514, 1.4789, 1.5946, 1.7339],
        [1.3628, 1.4956, 1.6152, 1.7572],
        [1.3610, 1.4976, 1.6210, 1.7676],
        [1.3751, 1.5115, 1.6341, 1.7808],
    ]
)
MOSUM_WINDOWS = 0.05 * np.arange(1, 11)


def cusum_p(statistic: Any) -> Any:
    """p of the largest |OLS-CUSUM|."""
    return kolmogorov(np.asarray(statistic, float))


def recursive_cusum_p(statistic: Any) -> Any:
    """p of the largest |recursive CUSUM| / (1 + 2t)."""
    x = np.asarray(statistic, float)
    p = 2 * (ndtr(-3 * x) + np.exp(-4 * x**2) * (ndtr(x) + ndtr(5 * x) - 1) - np.exp(-16 * x**2) * ndtr(-x))
    return np.where(x < 0.3, 1 - 0.1465 * x, p)


@cache
def recursive_cusum_critical(level: float) -> float:
    """λ of the line that the recursive CUSUM crosses with the probability `level`."""
    return float(brentq(lambda x: float(recursive_cusum_p(x)) - level, 0.31, 10.0))


def mosum_critical(h: float) -> np.ndarray:
    """Critical values at 10, 5, 2.5 and 1 % for a window of the share h; the table ends at 0.05 and 0.50."""
    return np.array([np.interp(h, MOSUM_WINDOWS, column) for column in MOSUM_CRITICAL.T])


def mosum_p(statistic: Any, h: float) -> Any:
    """p of the largest |OLS-MOSUM|; 0.01 means 0.01 or less."""
    x = np.asarray(statistic, float)
    p = np.interp(x, np.r_[0.0, mosum_critical(h)], np.r_[1.0, MOSUM_LEVELS])
    return np.where(np.isnan(x), np.nan, p)


@cache
def _table(name: str) -> pd.DataFrame:
    with (files("indicators.breaks") / "tables" / f"{name}.csv").open() as lines:
        return pd.read_csv(lines)


@cache
def _hansen(functional: Functional, regressors: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of the surfaces (trim, 4), degrees of freedom, and the statistic up to which each rises."""
    table = _table("hansen1997")
    own = table[(table["functional"] == functional) & (table["regressors"] == regressors)]
    b = own[["b0", "b1", "b2", "b3"]].fillna(0.0).to_numpy(float)
    top = np.full(len(b), np.inf)
    for i, (_, b1, b2, b3) in enumerate(b):
        extrema = np.roots([3 * b3, 2 * b2, b1])
        tops = [float(r.real) for r in extrema if abs(r.imag) < 1e-12 and r.real > 0 and 6 * b3 * r.real + 2 * b2 < 0]
        top[i] = min(tops, default=np.inf)
    return b, own["df"].to_numpy(float), top


def f_p(statistic: Any, functional: Functional, regressors: int, trim: float) -> Any:
    """p of the supremum, mean or exponential mean of F (times k) over the dates from the share `trim` to 1 − trim.

    Raises IndicatorError above 40 regressors, where the table ends.
    """
    if not 1 <= regressors <= 40:
        raise IndicatorError(f"F tests have p-values for 1 to 40 regressors, not {regressors}; use fewer")
    x = np.asarray(statistic, float)
    if trim >= 0.5:
        return chdtrc(regressors, x)
    if trim <= 0.01:
        return _surface(x, functional, regressors, 24)
    if trim >= 0.49:
        alone = chdtrc(regressors, x)
        return ((0.5 - trim) * _surface(x, functional, regressors, 0) + (trim - 0.49) * alone) * 100
    position = (0.51 - trim) * 50
    row = int(np.floor(position))
    near = _surface(x, functional, regressors, row - 1)
    return (row + 1 - position) * near + (position - row) * _surface(x, functional, regressors, row)


def _surface(x: np.ndarray, functional: Functional, regressors: int, row: int) -> Any:
    """p on the surface of one trim, 0.49, 0.47, … 0.01 by row."""
    b, df, top = _hansen(functional, regressors)
    # above its maximum a surface falls again, and a huge statistic would have a p of 1
    at = np.minimum(x, min(top[row], 1e9))
    rising = b[row, 0] + at * (b[row, 1] + at * (b[row, 2] + at * b[row, 3]))
    return chdtrc(df[row], np.maximum(rising, 0.0))


@cache
def monitoring_critical(h: float, period: float, level: float) -> float:
    """Critical value of OLS-MOSUM monitoring over `period` times the history with windows of the share h of it.

    Raises IndicatorError outside the table: h 0.25, 0.5, 1; period 2, 4, 6, 8, 10; level 0.001 … 0.05.
    """
    table = _table("monitoring_mosum")
    own = table[(table["h"] == h) & (table["period"] == period)].sort_values("level")
    if own.empty or not own["level"].min() <= level <= own["level"].max():
        raise IndicatorError(
            f"monitoring has critical values for h 0.25, 0.5, 1, periods 2, 4, 6, 8, 10 and levels 0.001 to 0.05; "
            f"not for h={h}, period={period}, level={level}"
        )
    return float(np.interp(level, own["level"], own["critical"]))
