"""Drivers: what a trend of productivity is associated with.

    y_t = a + Σ_j b_j x_jt + e_t

For a set S of drivers, R²(S) is the variance that their least-squares fit explains and T(S) the trend of that fit. The
share of a driver is what it adds to R² (or to T) when it enters, averaged over all orders in which the drivers can
enter (Lindeman, Merenda & Gold 1980; Grömping 2006, doi:10.18637/jss.v017.i01), so that correlated drivers share what
they explain together. What no driver explains is the residual: human pressure, and everything not measured. Intervals
come from a bootstrap of blocks of years (Künsch 1989). A driver is called "associated with" the trend, never its cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from indicators.breaks.axis import check_size
from indicators.errors import IndicatorError

Floats = NDArray[np.float64]
RESIDUAL = "residual"
#: 2^k fits are needed for k drivers.
MOST_DRIVERS = 8
#: Degrees of freedom that must be left for the errors.
SPARE_YEARS = 4


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are computed: resamples, years in a block, confidence level, seed of the random numbers."""

    repeats: int = 999
    block: int = 3
    level: float = 0.95
    seed: int = 0


def attribute(vi: pd.Series | xr.DataArray, drivers: pd.DataFrame, bootstrap: Bootstrap = Bootstrap()) -> pd.DataFrame:
    """Share of each driver in the variance and in the trend of a series, with intervals.

    Parameters
    ----------
    vi
        Annual vegetation: pandas series by year, or DataArray (year), any units.
    drivers
        One column for each driver, by year, such as rain (mm) and temperature (°C). Years with a gap in `vi` or in a
        driver are left out.
    bootstrap
        How the intervals are computed.

    Returns
    -------
    pandas.DataFrame
        One row for each driver, then `residual`. `variance_share` (they add up to 1); `trend` (units of `vi` per year;
        they add up to the least-squares trend); `trend_share` (of that trend; NaN where it is zero); each with `_low`
        and `_high`. `coefficient`, `std_error` and `p` of the full regression, with errors by Newey & West (1987).
        `attrs`: `years`, `trend`, `r2`, `wording`.

    Raises
    ------
    IndicatorError
        Too few years, too many drivers, the same year twice, or a driver that does not vary or depends on the others.

    References
    ----------
    Lindeman, Merenda & Gold (1980); Grömping (2006), doi:10.18637/jss.v017.i01; Künsch (1989),
    doi:10.1214/aos/1176347265; Newey & West (1987), doi:10.2307/1913610.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> drivers = pd.DataFrame({"rain": rng.normal(250, 40, 20)}, index=range(2001, 2021))
    >>> ndvi = 0.1 + 0.001 * drivers["rain"] + rng.normal(0, 0.01, 20)
    >>> shares = attribute(ndvi, drivers)
    >>> bool(shares.loc["rain", "variance_share"] > 0.8)
    True
    """
    series = vi.to_series() if isinstance(vi, xr.DataArray) else pd.Series(vi, dtype=float)
    for name, index in (("vi", series.index), ("the drivers", drivers.index)):
        if not index.is_unique:
            raise IndicatorError(
                f"attribute: {name} have the year {index[index.duplicated()][0]} twice; keep one value"
            )
    # neighbouring years belong to one block of the bootstrap
    table = pd.concat([series.rename("vi"), drivers.astype(float)], axis=1, join="inner").dropna().sort_index()
    _check(table, list(drivers.columns))
    values = np.column_stack([table["vi"], np.asarray(table.index, float), table[list(drivers.columns)]])
    whole = _shares(_moments(values[None]))[0]
    samples = _shares(_moments(values[_blocks(len(values), bootstrap)]))
    tails = [(1 - bootstrap.level) / 2, (1 + bootstrap.level) / 2]
    low, high = np.nanquantile(samples, tails, axis=0)
    columns = ("variance_share", "trend", "trend_share")
    shares = pd.DataFrame(
        {
            name + ending: part[i]
            for i, name in enumerate(columns)
            for ending, part in (("", whole), ("_low", low), ("_high", high))
        },
        index=pd.Index([*drivers.columns, RESIDUAL], name="driver"),
    )
    fit = _newey_west(table["vi"], table[list(drivers.columns)])
    shares = shares.join(fit)
    shares.attrs = {
        "years": len(table),
        "trend": float(whole[1].sum()),
        "r2": float(1 - whole[0, -1]),
        "wording": "associated with; not caused by",
    }
    return shares


def seasonal(monthly: pd.Series, season: tuple[int, int], how: Literal["mean", "sum"]) -> pd.Series:
    """A monthly series (by first of the month) over the months of a season, by the year in which the season ends.

    Years with a missing month are left out.
    """
    first, last = season
    index = pd.DatetimeIndex(monthly.index)
    length = (last - first) % 12 + 1
    inside = (index.month - first) % 12 < length
    year = index.year + ((first > last) & (index.month >= first))
    grouped = monthly[inside].groupby(year[inside])
    whole = grouped.count() == length
    return (grouped.mean() if how == "mean" else grouped.sum())[whole].rename_axis("year")


def _check(table: pd.DataFrame, names: list[str]) -> None:
    if not names or len(names) > MOST_DRIVERS:
        raise IndicatorError(f"attribute: {len(names)} drivers; give 1 to {MOST_DRIVERS}")
    if len(set(names)) < len(names) or "vi" in names or RESIDUAL in names:
        raise IndicatorError(f"attribute: drivers are named {names}; give each its own name, not 'vi' or '{RESIDUAL}'")
    needed = len(names) + 1 + SPARE_YEARS
    if len(table) < needed:
        raise IndicatorError(
            f"attribute: {len(table)} years have a value and all of {', '.join(names)}; {needed} are needed; use "
            f"fewer drivers or a longer series"
        )
    for name in ["vi", *names]:
        if not np.isfinite(table[name]).all() or np.ptp(table[name]) == 0:
            raise IndicatorError(f"attribute: {name} does not vary, or has infinite values; leave it out")
        check_size(table[name].to_numpy())
    scaled = (table[names] - table[names].mean()) / table[names].std()
    if np.linalg.matrix_rank(scaled.to_numpy(), tol=1e-8 * len(table)) < len(names):
        raise IndicatorError(
            f"attribute: one of {', '.join(names)} is a linear combination of the others; leave it out"
        )


def _blocks(n: int, bootstrap: Bootstrap) -> NDArray[np.intp]:
    """Rows of every resample (repeat, year): blocks of neighbouring years, drawn with replacement."""
    random = np.random.default_rng(bootstrap.seed)
    length = max(1, min(bootstrap.block, n))
    starts = random.integers(0, n - length + 1, (bootstrap.repeats, -(-n // length)))
    return (starts[..., None] + np.arange(length)).reshape(bootstrap.repeats, -1)[:, :n]


def _moments(values: Floats) -> Floats:
    """Covariances (sample, column, column) of series, year and drivers."""
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(np.einsum("sni,snj->sij", centred, centred) / values.shape[1])


def _shares(moments: Floats) -> Floats:
    """Shares (sample, measure, driver and residual); measures: variance share, trend, trend share."""
    samples, size = len(moments), moments.shape[1] - 2
    variance, time = moments[:, 0, 0], moments[:, 1, 1]
    explained = np.zeros((2, 1 << size, samples))
    for subset in range(1, 1 << size):
        members = [2 + j for j in range(size) if subset >> j & 1]
        gram = moments[np.ix_(range(samples), members, members)]
        # a resample in which a driver hardly varies has no unique fit; the one with the smallest coefficients is taken
        fit = np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ moments[:, members, 0][..., None]
        explained[0, subset] = (fit[..., 0] * moments[:, members, 0]).sum(1) / variance
        explained[1, subset] = (fit[..., 0] * moments[:, members, 1]).sum(1) / time
    total = np.stack([np.ones(samples), moments[:, 0, 1] / time])
    added = np.zeros((2, size, samples))
    for j in range(size):
        for subset in range(1 << size):
            if subset >> j & 1:
                continue
            before = subset.bit_count()
            weight = factorial(before) * factorial(size - before - 1) / factorial(size)
            added[:, j] += weight * (explained[:, subset | 1 << j] - explained[:, subset])
    rest = total - added.sum(axis=1)
    parts = np.concatenate([added, rest[:, None]], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_trend = np.where(total[1] != 0, parts[1] / total[1], np.nan)
    return np.moveaxis(np.stack([parts[0], parts[1], of_trend]), -1, 0)


def _newey_west(y: pd.Series, drivers: pd.DataFrame) -> pd.DataFrame:
    """Coefficients of the full regression, with errors that allow for autocorrelation (Newey & West 1987)."""
    import statsmodels.api as sm

    lags = int(np.floor(4 * (len(y) / 100) ** (2 / 9)))
    # standardised, or drivers that are small or far from zero would be treated as rounding errors
    size = drivers.std().to_numpy()
    scaled = (drivers - drivers.mean()).to_numpy() / size
    level = float(y.std())
    model = sm.OLS((y - y.mean()).to_numpy() / level, sm.add_constant(scaled, has_constant="add"))
    fit = model.fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    unit = level / size
    columns = {"coefficient": fit.params[1:] * unit, "std_error": fit.bse[1:] * unit, "p": fit.pvalues[1:]}
    return pd.DataFrame(columns, index=drivers.columns)
