"""What is a change of vegetation associated with? Carbon dioxide, land use, climate change and variability, the rest.

TSS-RESTREND's attribution (Burrell, Evans & De Kauwe 2020, doi:10.1038/s41467-020-17710-7), by year or by month:

| part | is |
|---|---|
| observed | Theil–Sen change of the vegetation |
| co2 | of what carbon dioxide adds to it since 1980 (`carbon_dioxide`) |
| land_use | total change that TSS-RESTREND finds without carbon dioxide |
| climate | of what rain says of the vegetation (the VPR, segmented where that broke) |
| climate_change | the same of the mean of rain over the last 20 years |
| climate_variability | of the difference of both |
| other | observed less the others |

All are changes from the first year to the last. p: Spearman's rank correlation with time; of land use that of the
residual trend, put together by Fisher's method with that of the break (both times two, Bonferroni) where the VPR broke.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import chdtrc, stdtr
from scipy.stats import rankdata

from indicators.breaks.pixel_blocks import core_dim, over_pixels
from indicators.breaks.residuals.annual_peaks import annual_peaks, monthly
from indicators.breaks.residuals.annual_tree import FIELDS, METHODS, _tree, regress
from indicators.breaks.residuals.carbon_dioxide import without_fertilisation
from indicators.breaks.residuals.rain import window_sums
from indicators.breaks.residuals.residual_trends import tss_restrend_of_series
from indicators.errors import IndicatorError
from indicators.trends.theil_sen import theil_sen_mann_kendall

PARTS = ("observed", "co2", "land_use", "climate", "climate_change", "climate_variability", "other")
#: Years whose mean rain stands for the climate.
CLIMATE_YEARS = 20
TESTED = tuple(f"{part}_p" for part in PARTS[:-1])
NAMES = (*PARTS, *TESTED, "method")
#: Fields of the tree that the parts need.
TREE_FIELDS = ("method", "break_year", "total_change", "residual_p", "vpr_break_p")


def attribute_change(
    vi: xr.DataArray,
    rain: xr.DataArray,
    *,
    co2: pd.Series | None = None,
    c4_fraction: float = 0.0,
    h: float = 0.2,
    level: float = 0.05,
    significance: bool = True,
    tree: xr.Dataset | None = None,
) -> xr.Dataset:
    """Parts of the change of annual vegetation: carbon dioxide, land use, climate and the rest, with a p of each.

    Parameters
    ----------
    vi
        Annual vegetation (year, ...), pixels or one series, any units.
    rain
        Annual rain, mm (year, ... or year alone), with the years of `vi`. `climate_change` and `climate_variability`
        also need the 19 years before; without these both are NaN, and `other` is what `climate` leaves.
    co2
        Carbon dioxide by year, ppm, such as `carbon_dioxide.GLOBAL_MEAN`; None: no response, and the part `co2` is 0.
    c4_fraction
        Share of the vegetation, 0 to 1, that does not respond to carbon dioxide.
    h, level
        As in `tss_restrend_annual`.
    significance
        Whether to compute the p, which take a third of the time.
    tree
        Result of `tss_restrend_annual` for the same vegetation and rain with the same `h` and `level`, if it is known;
        only without `co2`.

    Returns
    -------
    xarray.Dataset
        By pixel, in units of `vi`, from the first year to the last: `observed`, `co2`, `land_use`, `climate`,
        `climate_change`, `climate_variability`, `other`; `*_p` of each but the last. `method` as in
        `tss_restrend_annual`; −1 and NaN with too few years. `other_valid`: whether land use is determined.

    Raises
    ------
    IndicatorError
        Rain or carbon dioxide lacks a year, `tree` comes with `co2`, or an argument is not allowed.

    References
    ----------
    Burrell, Evans & De Kauwe (2020), doi:10.1038/s41467-020-17710-7.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> rng = np.random.default_rng(0)
    >>> rain = xr.DataArray(rng.normal(250, 40, (43, 1)), {"year": range(1982, 2025)}, ("year", "x"))
    >>> ndvi = 0.1 + 0.001 * rain + rng.normal(0, 0.005, (43, 1)) - 0.05 * (rain["year"] > 2012)
    >>> parts = attribute_change(ndvi.sel(year=slice(2001, None)), rain)
    >>> bool(abs(parts["land_use"][0] + 0.05) < 0.01)
    True
    """
    if tree is not None and co2 is not None:
        raise IndicatorError("attribute_change: `tree` was computed without the correction for carbon dioxide; leave "
                             "out `tree` or `co2`")  # fmt: skip
    name = core_dim(vi, None)
    years = vi[name].values
    if not np.isin(years, rain[name].values).all():
        raise IndicatorError(f"rain has {rain[name].values.min()}-{rain[name].values.max()}, not all {name}s of the "
                             f"vegetation ({years.min()}-{years.max()}); give all")  # fmt: skip
    free = vi if co2 is None else without_fertilisation(vi, years, co2, dim=name, c4_fraction=c4_fraction)
    wide = rain.broadcast_like(vi.isel({name: 0}, drop=True)) if rain.ndim < vi.ndim else rain
    layers = [vi, free, wide.sel({name: years}), usual(wide, name, years)]
    layers += [] if tree is None else [of_tree(tree, name, years)]
    stacked = xr.concat([each.drop_vars(name) for each in layers], name, join="override").transpose(*vi.dims)
    stacked = stacked.chunk({name: -1}) if stacked.chunks is not None else stacked
    n = len(years)

    def work(values: np.ndarray) -> tuple[np.ndarray, ...]:
        green, adjusted, wet, slow = (values[k * n : (k + 1) * n] for k in range(4))
        own = np.isfinite(green) & np.isfinite(wet)
        green, adjusted, wet, slow = (np.where(own, each, np.nan) for each in (green, adjusted, wet, slow))
        if tree is None:
            found = dict(zip(FIELDS, _tree(adjusted, wet, years.astype(float), h, level, "sup_f"), strict=True))
        else:
            found = dict(zip(TREE_FIELDS, values[4 * n :], strict=True))
        return _attributed((green, adjusted, wet, slow), found, years.astype(float), significance)

    names = [each for each in NAMES if significance or each not in TESTED]
    found = over_pixels(work, stacked, name, [*[float] * (len(names) - 1), np.int8])
    return _described(dict(zip(names, found, strict=True)), str(vi.attrs.get("units", "1")))


def of_tree(tree: xr.Dataset, dim: str, years: np.ndarray) -> xr.DataArray:
    """`TREE_FIELDS`, one in each row of `dim`; the break is given as the first row after it, −1 without."""
    year = tree["break_year"]
    row = xr.apply_ufunc(lambda found: np.searchsorted(years, found), year, dask="parallelized", output_dtypes=[int])
    fields = [tree[each].astype(float) for each in TREE_FIELDS]
    fields[TREE_FIELDS.index("break_year")] = row.where(year.notnull(), -1).astype(float)
    rows = [each.drop_attrs().expand_dims({dim: [number]}) for number, each in enumerate(fields)]
    return xr.concat(rows, dim)


def usual(rain: xr.DataArray, dim: str, years: np.ndarray) -> xr.DataArray:
    """Mean rain of the 20 years up to each of `years`; NaN where one of them is missing."""
    whole = np.arange(int(years.min()) - CLIMATE_YEARS + 1, int(years.max()) + 1)
    return rain.reindex({dim: whole}).rolling({dim: CLIMATE_YEARS}).mean().sel({dim: years})


def attribute_months(
    vi: Any, rain: Any, *, co2: pd.Series | None = None, c4_fraction: float = 0.0, longest: int = 12, offsets: int = 4
) -> xr.Dataset:
    """As `attribute_change` for one monthly series (pandas or xarray), with the rain windows of `tss_restrend`.

    Rain of the 19 years before is summed over the same windows, up to the month in which vegetation peaks most often.
    """
    green = monthly(vi, "vegetation")
    adjusted = green
    if co2 is not None:
        array = xr.DataArray(green.to_numpy(), dims="time")
        years = pd.PeriodIndex(green.index).year.to_numpy()
        free = without_fertilisation(array, years, co2, dim="time", c4_fraction=c4_fraction)
        adjusted = pd.Series(free.values, green.index)
    trend = tss_restrend_of_series(adjusted, rain, longest=longest, offsets=offsets)
    peaks = annual_peaks(adjusted)
    ends = pd.PeriodIndex(adjusted.index)[peaks["place"].to_numpy()]
    often = int(pd.Series(ends.month).mode().iloc[0])
    first = int(peaks["year"].iloc[0])
    before = [pd.Period(year=year, month=often, freq="M") for year in range(first - CLIMATE_YEARS + 1, first)]
    series = monthly(rain, "rain")
    windows = trend.sides or ((trend.offset, trend.months),) * 2
    sums = [window_sums(series, pd.PeriodIndex([*before, *ends]), *window) for window in windows]
    wet = [each[len(before) :, None] for each in sums]
    slow = [pd.Series(each).rolling(CLIMATE_YEARS).mean().to_numpy()[len(before) :, None] for each in sums]
    place = -1 if trend.break_year is None else int((peaks["year"] < trend.break_year).sum())
    broken = np.array([trend.method == "segmented_vpr"])
    free_of = peaks["value"].to_numpy()[:, None]
    climate, climate_change = climate_prediction(free_of, wet, slow, np.array([place]), broken)
    total = trend.total_change if np.isfinite(trend.total_change) else np.nan
    land = np.array([total]), land_p(np.array([trend.residual_p]), np.array([trend.vpr_break_p]), broken)
    seen = annual_peaks(green)["value"].to_numpy()[:, None]
    values = _parts(seen, free_of, (climate, climate_change), land, peaks["year"].to_numpy(float))
    scalars = {name: xr.DataArray(each[0]) for name, each in zip(NAMES[:-1], values, strict=True)}
    return _described({**scalars, "method": xr.DataArray(np.int8(METHODS.index(trend.method)))}, "1")


def _described(found: dict[str, xr.DataArray], units: str) -> xr.Dataset:
    result = xr.Dataset(found)
    for part in PARTS:
        result[part].attrs = {"long_name": f"change over the record, {part.replace('_', ' ')}", "units": units}
    determined = result["method"].isin([METHODS.index(n) for n in ("restrend", "segmented_restrend", "segmented_vpr")])
    return result.assign(other_valid=(result["land_use"] != 0) & result["land_use"].notnull() & determined)


def _attributed(
    series: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    tree: dict[str, np.ndarray],
    years: np.ndarray,
    significance: bool,
) -> tuple[np.ndarray, ...]:
    """The fields in the order of `NAMES` of pixels (rows, pixels), from their series whose gaps are the same."""
    green, adjusted, wet, slow = series
    judged = tree["method"] >= 0
    broken = tree["method"] == METHODS.index("segmented_vpr")
    climate = climate_prediction(adjusted, [wet, wet], [slow, slow], tree["break_year"].astype(int), broken)
    p = land_p(tree["residual_p"], tree["vpr_break_p"], broken) if significance else None
    parts = _parts(green, adjusted, climate, (tree["total_change"], p), years)
    return (*(np.where(judged, each, np.nan) for each in parts), tree["method"])


def climate_prediction(
    green: np.ndarray, wet: list[np.ndarray], slow: list[np.ndarray], row: np.ndarray, broken: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Vegetation that rain, and the mean rain of 20 years, predict by the VPR of each pixel (rows, pixels).

    `wet`, `slow`: rain of the window before the break and of that after it; `row`: first row after it. The step of a
    broken VPR is left out: it belongs to land use.
    """
    straight = regress(green, wet[0])
    rows = np.arange(len(green))[:, None]
    both = [straight.beta[0] + straight.beta[1] * each[0] for each in (wet, slow)]
    apart = np.flatnonzero(broken)
    if len(apart):
        side = np.where(rows >= row[apart], 1.0, 0.0)
        own = [each[:, apart] for each in (*wet, *slow)]
        middle = [np.nanmean(each, axis=0) for each in own[:2]]
        spread = [np.nanstd(each, axis=0, ddof=1) for each in own[:2]]
        scaled = [(each - middle[k % 2]) / spread[k % 2] for k, each in enumerate(own)]
        z, far = (np.where(side > 0, scaled[k + 1], scaled[k]) for k in (0, 2))
        filled = np.nan_to_num(z)
        parted = regress(green[:, apart], filled, side, filled * side)
        for fitted, each in zip(both, (z, far), strict=True):
            fitted[:, apart] = parted.beta[0] + (parted.beta[1] + parted.beta[3] * side) * each
    known = np.isfinite(green)
    return np.where(known, both[0], np.nan), np.where(known, both[1], np.nan)


def land_p(residual_p: np.ndarray, break_p: np.ndarray, broken: np.ndarray) -> np.ndarray:
    """p of the change by land use: of the residual trend, with that of the break of the VPR where it broke."""
    with np.errstate(invalid="ignore"):
        both = [np.clip(2 * np.clip(each, 1e-8, None), None, 1.0) for each in (residual_p, break_p)]
        joint = chdtrc(4, -2 * (np.log(both[0]) + np.log(both[1])))
    return np.where(broken, joint, residual_p)


def _parts(
    green: np.ndarray,
    adjusted: np.ndarray,
    climate: tuple[np.ndarray, np.ndarray],
    land: tuple[np.ndarray, np.ndarray | None],
    years: np.ndarray,
) -> list[np.ndarray]:
    """Changes in the order of `PARTS`, then their p where land use has one."""
    fitted, slow = climate
    # the climate is known in every year of the pixel or not at all
    whole = (np.isfinite(slow) == np.isfinite(fitted)).all(0) & np.isfinite(fitted).any(0)
    slow = np.where(whole, slow, np.nan)
    parts_by_year = (green, green - adjusted, fitted, slow, fitted - slow)
    seen, gas, all_, slow_, fast = (changed(each, years) for each in parts_by_year)
    of_climate = np.where(np.isfinite(slow_), slow_ + fast, all_)
    change, p = land
    parts = [seen, gas, change, all_, slow_, fast, seen - gas - change - of_climate]
    if p is None:
        return parts
    seen_p, gas_p, all_p, slow_p, fast_p = map(spearman_p, parts_by_year)
    return [*parts, seen_p, gas_p, p, all_p, slow_p, fast_p]


def changed(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Theil–Sen change from the first year to the last (rows, pixels)."""
    known = np.isfinite(values)
    if not values[known].any():  # no response to carbon dioxide, or an unknown climate
        return np.where(known.sum(0) > 1, 0.0, np.nan)
    data = xr.DataArray(values, dims=("year", "x"), coords={"year": years})
    slope: np.ndarray = theil_sen_mann_kendall(data)["slope"].values
    return slope * (years[-1] - years[0])


def spearman_p(values: np.ndarray) -> np.ndarray:
    """Two-sided p of the rank correlation of each column with time, by Student's t; gaps left out, ties averaged."""
    known = np.isfinite(values)
    n = known.sum(0)
    ranks = np.where(known, rankdata(np.where(known, values, np.inf), axis=0), 0.0)
    times = np.where(known, known.cumsum(0), 0.0)
    middle = (n + 1) / 2
    a, b = (np.where(known, each - middle, 0.0) for each in (ranks, times))
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.sqrt((a**2).sum(0) * (b**2).sum(0))
        rho = np.where(size > 0, (a * b).sum(0) / size, 0.0)
        t = np.abs(rho) * np.sqrt(np.maximum(n - 2, 0) / np.maximum(1 - rho**2, 1e-300))
        p = np.where(np.abs(rho) >= 1 - 1e-12, 0.0, 2 * stdtr(np.maximum(n - 2, 1), -t))
    return np.where(n > 2, p, np.nan)
