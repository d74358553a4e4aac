"""Geographical detector: share of the spatial variance of a quantity that follows the strata of a factor.

    q = 1 − Σ_h N_h σ_h² / (N σ²)

over the strata h of a factor (Wang et al. 2010, doi:10.1080/13658810802443457; Wang, Zhang & Fu 2016,
doi:10.1016/j.ecolind.2016.02.052). q lies between 0 and 1. Under no association F = (N − L)/(L − 1) · q/(1 − q)
follows a noncentral F distribution. A continuous factor is cut into the strata that give the largest q (Song et al.
2020, doi:10.1080/15481603.2020.1760434).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ncf

from indicators.breaks.axis import check_size
from indicators.errors import IndicatorError


def factors(y: Any, strata: pd.DataFrame) -> pd.DataFrame:
    """Factor detector: share of the spatial variance of a quantity that follows each factor.

    Parameters
    ----------
    y
        The quantity, one value for each row of `strata`, any units; NaN is a gap. A pandas series with the labels of
        `strata` is aligned by label, anything else is taken in order.
    strata
        One column of stratum labels for each factor; missing labels are gaps.

    Returns
    -------
    pandas.DataFrame
        By factor: `q` (0 to 1), `p` and `strata` (number). Gaps are left out, and strata of one member, whose variance
        is unknown.

    Raises
    ------
    IndicatorError
        A factor has fewer than two strata of two values, `y` does not vary, or the lengths differ.

    References
    ----------
    Wang et al. (2010), doi:10.1080/13658810802443457; Wang, Zhang & Fu (2016), doi:10.1016/j.ecolind.2016.02.052.

    Examples
    --------
    >>> import pandas as pd
    >>> strata = pd.DataFrame({"soil": ["sand", "sand", "loam", "loam"], "aspect": ["N", "S", "N", "S"]})
    >>> factors([0.10, 0.12, 0.30, 0.32], strata)["q"].round(2).to_dict()
    {'soil': 0.99, 'aspect': 0.01}
    """
    values = _aligned(y, strata)
    rows = {name: _factor(values, strata[name], str(name)) for name in strata}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["q", "p", "strata"]).rename_axis("factor")


def _aligned(y: Any, strata: pd.DataFrame) -> np.ndarray:
    """The values of `y` in the order of the rows of `strata`, if both have the same labels; else in their own order."""
    values = pd.Series(y, dtype=float)
    labelled = isinstance(y, pd.Series) and y.index.is_unique and strata.index.is_unique
    if labelled and len(values) == len(strata) and values.index.isin(strata.index).all():
        values = values.reindex(strata.index)
    return values.to_numpy()


def _factor(y: np.ndarray, labels: pd.Series, name: str) -> tuple[float, float, int]:
    values, codes = _strata(y, labels, name)
    counts = np.bincount(codes)
    means = np.bincount(codes, values) / counts
    check_size(values)
    total = float(((values - values.mean()) ** 2).sum())
    if np.ptp(values) <= 1e-14 * np.abs(values).max():
        raise IndicatorError(
            f"factor {name}: the quantity does not vary; leave the factor out, or give another quantity"
        )
    q = 1 - float(((values - means[codes]) ** 2).sum()) / total
    return q, _p_value(q, len(values), means, counts, total / len(values)), len(counts)


def _p_value(q: float, n: int, means: np.ndarray, counts: np.ndarray, variance: float) -> float:
    """Probability of a q this large without association (Wang, Zhang & Fu 2016, equations 5 to 7)."""
    strata = len(counts)
    if n <= strata or q >= 1:
        return float("nan") if n <= strata else 0.0
    statistic = (n - strata) / (strata - 1) * q / (1 - q)
    noncentrality = float((means**2).sum() - (np.sqrt(counts) * means).sum() ** 2 / n) / variance
    return float(ncf.sf(statistic, strata - 1, n - strata, noncentrality))


def _strata(y: np.ndarray, labels: pd.Series, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Values and the codes 0 … of their strata, without gaps and without strata of one member."""
    if len(labels) != len(y):
        raise IndicatorError(f"factor {name}: {len(labels)} labels for {len(y)} values; give one for each")
    known = np.isfinite(y) & labels.notna().to_numpy()
    values, codes = y[known], pd.factorize(labels[known])[0]
    members = np.bincount(codes, minlength=1)[codes] if len(codes) else codes
    values, codes = values[members > 1], pd.factorize(codes[members > 1])[0]
    if len(set(codes.tolist())) < 2:
        raise IndicatorError(f"factor {name}: fewer than two strata with two or more values; choose other strata")
    return values, codes


def interactions(y: Any, strata: pd.DataFrame) -> pd.DataFrame:
    """Interaction detector: `q` of the overlay of two factors, `q` of each, and the kind of interaction.

    Kinds (Wang et al. 2010): the overlay explains less than either (`weakened, nonlinear`), less than the better one
    (`weakened, by one`), more than the better one (`enhanced, by two`), as much as their sum (`independent`) or more
    than it (`enhanced, nonlinear`).
    """
    alone = factors(y, strata)["q"]
    rows = []
    for first, second in combinations(strata.columns, 2):
        both = strata[[first, second]]
        overlay = pd.Series(list(both.itertuples(index=False, name=None)), index=both.index)
        overlay = overlay.where(both.notna().all(axis=1))
        q = _factor(_aligned(y, strata), overlay, f"{first} with {second}")[0]
        rows.append((first, second, alone[first], alone[second], q, _kind(alone[first], alone[second], q)))
    return pd.DataFrame(rows, columns=["factor", "with", "q_factor", "q_with", "q_both", "kind"])


def _kind(one: float, other: float, both: float) -> str:
    low, high = sorted((one, other))
    if both < low:
        return "weakened, nonlinear"
    if both < high:
        return "weakened, by one"
    if np.isclose(both, one + other, rtol=0, atol=1e-9):
        return "independent"
    return "enhanced, by two" if both < one + other else "enhanced, nonlinear"


def equal(values: np.ndarray, count: int) -> np.ndarray:
    """Bounds of intervals of equal width."""
    return np.linspace(values.min(), values.max(), count + 1)


def quantile(values: np.ndarray, count: int) -> np.ndarray:
    """Bounds of intervals with equally many values."""
    return np.quantile(values, np.linspace(0, 1, count + 1))


def geometric(values: np.ndarray, count: int) -> np.ndarray:
    """Bounds that grow by a constant factor; values that are not all positive are first shifted to begin at 1."""
    shift = 0.0 if values.min() > 0 else 1.0 - float(values.min())
    return np.geomspace(values.min() + shift, values.max() + shift, count + 1) - shift


def deviation(values: np.ndarray, count: int) -> np.ndarray:
    """Bounds at the mean and whole standard deviations from it, as many as fit into `count` intervals."""
    steps = np.arange(count - 1) - (count - 2) / 2
    inner = values.mean() + steps * values.std(ddof=1)
    return np.concatenate([[values.min()], inner[(inner > values.min()) & (inner < values.max())], [values.max()]])


METHODS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "equal": equal,
    "quantile": quantile,
    "geometric": geometric,
    "sd": deviation,
}


def best_strata(
    y: Any, values: Any, *, methods: Sequence[str] = tuple(METHODS), counts: Sequence[int] = (3, 4, 5, 6, 7)
) -> tuple[pd.Series, str, int]:
    """A continuous factor in the strata that give the largest q (Song et al. 2020): strata, method, count.

    Bounds belong to the lower interval, the smallest value to the first. More intervals never give a smaller best q,
    so `counts` should be small. Raises IndicatorError for an unknown method or values that cannot be divided.
    """
    unknown = sorted(set(methods) - set(METHODS))
    if unknown:
        raise IndicatorError(f"strata: method {unknown[0]!r} is unknown; use {', '.join(METHODS)}")
    series = pd.Series(values, dtype=float)
    known = series[np.isfinite(series)].to_numpy()
    best: tuple[float, pd.Series, str, int] | None = None
    for method in methods:
        for count in counts:
            bounds = np.unique(METHODS[method](known, count)) if len(known) else np.array([])
            if len(bounds) < 3:
                continue
            strata = pd.cut(series.clip(bounds[0], bounds[-1]), list(bounds), labels=False, include_lowest=True)
            try:
                q = _factor(pd.Series(y, dtype=float).to_numpy(), strata, method)[0]
            except IndicatorError:
                continue  # this division leaves fewer than two strata
            if best is None or q > best[0]:
                best = (q, strata, method, count)
    if best is None:
        raise IndicatorError("strata: no method gives two strata with two or more values; give more values")
    return best[1:]
