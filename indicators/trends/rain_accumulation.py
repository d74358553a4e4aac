"""The sum of months of rain that explains annual vegetation best, for each climate cell.

Annual vegetation is regressed on rain summed over 1 … 12 months that end 0 … 3 months before the measurement. The sum
that explains most is chosen for each climate cell: for single pixels, noise would choose. Sums with a positive response
are preferred; where at most two sums have one, every sum may be chosen. Sources: Evans & Geerken (2004); Burrell et al.
(2017) and their package TSS.RESTREND.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import NODATA, attributes
from indicators.errors import IndicatorError
from indicators.kernel.compiling import compiled
from indicators.months import consecutive_months
from indicators.trends.theil_sen import Annual

LONGEST, OFFSETS = 12, (0, 1, 2, 3)
SOURCES = "Evans & Geerken (2004); Burrell et al. (2017)"
#: Fewest years for a choice among 48 sums.
FEWEST_YEARS = 8
#: Fewer positive responses than this are attributed to chance.
FEWEST_POSITIVE = 3


@compiled
def _choose(vi: Any, rain: Any, last: Any, longest: int, offsets: Any, result: Any) -> None:
    """Fill `result` (accumulation, offset, R², slope, then the chosen rain of each year) of `vi` (years, cells).

    `rain` (months, cells); `last` is the index of the month in which the vegetation of each year is measured.
    """
    n = len(vi)
    total, kept = np.empty(n), np.empty((len(offsets) * longest, n))
    score, slope = np.empty(len(kept)), np.empty(len(kept))
    for cell in range(vi.shape[1]):
        positive, row = 0, 0
        for offset in offsets:
            total[:] = 0
            for length in range(longest):
                for year in range(n):
                    month = last[year] - offset - length
                    total[year] += rain[month, cell] if 0 <= month < len(rain) else np.nan
                kept[row] = total
                score[row], slope[row] = _fit(vi[:, cell], total)
                positive += slope[row] > 0
                row += 1
        best = -1
        for row in range(len(kept)):
            allowed = slope[row] > 0 or positive < FEWEST_POSITIVE
            if allowed and score[row] == score[row] and (best < 0 or score[row] > score[best]):
                best = row
        result[:, cell] = np.nan
        if best >= 0:
            result[0, cell], result[1, cell] = best % longest + 1, offsets[best // longest]
            result[2, cell], result[3, cell] = score[best], slope[best]
            result[4:, cell] = kept[best]


@compiled
def _fit(y: Any, x: Any) -> tuple[float, float]:
    """R² and slope of y on x; NaN with too few years."""
    n, mean_y, mean_x = 0, 0.0, 0.0
    for i in range(len(y)):
        if np.isfinite(y[i]) and np.isfinite(x[i]):
            n += 1
            mean_y += y[i]
            mean_x += x[i]
    if n < FEWEST_YEARS:
        return np.nan, np.nan
    mean_y, mean_x = mean_y / n, mean_x / n
    yy, xx, xy = 0.0, 0.0, 0.0
    for i in range(len(y)):
        if np.isfinite(y[i]) and np.isfinite(x[i]):
            yy += (y[i] - mean_y) ** 2
            xx += (x[i] - mean_x) ** 2
            xy += (y[i] - mean_y) * (x[i] - mean_x)
    if not (xx > 0 and yy > 0):
        return np.nan, np.nan
    return xy * xy / xx / yy, xy / xx


def best_accumulation(
    vi: Annual, monthly_rain: Annual, *, month: int = 8, longest: int = LONGEST, offsets: Sequence[int] = OFFSETS
) -> xr.Dataset:
    """The sum of months of rain that explains annual vegetation best, for each cell of the rain's grid.

    Parameters
    ----------
    vi
        Annual vegetation: pandas series by year, or DataArray (year, ...). A map on a finer grid than the rain is
        averaged over the pixels nearest to each rain cell first.
    monthly_rain
        Monthly rain, mm (time or month, ...), without missing months. It should begin `longest` + max(`offsets`) months
        before the first measurement of `vi`; years that it does not reach take no part.
    month
        Calendar month in which `vi` is measured: its seasonal peak, or the last month of the season that it is a mean
        of.
    longest
        Sums of 1 to `longest` months are tried.
    offsets
        Months between the last month of a sum and the measurement that are tried.

    Returns
    -------
    xarray.Dataset
        By rain cell: `accumulation` and `offset` (months), `r2`, `slope` (units of `vi` per mm), and `rain` (year,
        ...): the chosen sums, mm. NaN with fewer than 8 years.

    Raises
    ------
    IndicatorError
        Months are missing or out of order, or `month`, `longest` or `offsets` is not allowed.

    References
    ----------
    Evans & Geerken (2004), doi:10.1016/j.jaridenv.2003.03.001; Burrell et al. (2017), doi:10.1016/j.rse.2017.05.018.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.date_range("1999-01-01", "2015-12-01", freq="MS")
    >>> rain = pd.Series(np.random.default_rng(0).gamma(2.0, 20.0, len(months)), index=months)
    >>> summer = rain.rolling(3).sum()
    >>> ndvi = pd.Series({year: 0.1 + 0.001 * summer[f"{year}-08-01"] for year in range(2001, 2016)})
    >>> best = best_accumulation(ndvi, rain)
    >>> int(best["accumulation"]), int(best["offset"])
    (3, 0)
    """
    rain, dim = consecutive_months(monthly_rain)
    data = vi if isinstance(vi, xr.DataArray) else xr.DataArray(vi.to_numpy(float), {"year": vi.index}, "year")
    if not (1 <= month <= 12 and 1 <= longest <= 60 and min(offsets) >= 0):
        raise IndicatorError(
            f"best sum of rain: month {month}, longest {longest}, offsets {tuple(offsets)}; use a month of 1-12, "
            f"longest of 1-60 and offsets of 0 or more"
        )
    if set(rain.dims) - {dim} and not _same_grid(data, rain):
        data = on_climate_cells(data, rain)
    months = rain[dim].values.astype("datetime64[M]").astype(int)
    last = (data["year"].values.astype(int) - 1970) * 12 + month - 1 - months[0]
    core = [each.chunk(dict.fromkeys({dim, "year"} & set(each.dims), -1)) if each.chunks is not None else each
            for each in (data, rain)]  # fmt: skip
    layers = xr.apply_ufunc(
        _chosen,
        *core,
        input_core_dims=[["year"], [dim]],
        output_core_dims=[["layer"]],
        kwargs={"last": last, "longest": longest, "offsets": np.array(offsets)},
        dask="parallelized",
        dask_gufunc_kwargs={"output_sizes": {"layer": 4 + len(last)}},
        output_dtypes=[float],
    )
    units = rain.attrs.get("units", "mm")
    words = {
        "accumulation": ("months summed", "month"),
        "offset": ("months between the last one summed and the measurement", "month"),
        "r2": ("coefficient of determination", "1"),
        "slope": ("response of vegetation to rain", f"{data.attrs.get('units', '1')} per {units}"),
    }
    result = xr.Dataset(
        {
            name: layers.isel(layer=k).assign_attrs(long_name=long_name, units=unit)
            for k, (name, (long_name, unit)) in enumerate(words.items())
        }
    )
    sums = layers.isel(layer=slice(4, None)).rename(layer="year").assign_coords(year=data["year"])
    result["rain"] = sums.transpose("year", ...).assign_attrs(long_name="rain of the months chosen", units=units)
    return result


def legend_of_sums(chosen: xr.Dataset) -> dict[str, xr.DataArray]:
    """`accumulation`, `offset` and `r2` of `best_accumulation` (y, x) as layers for a map, with legends in the attrs.

    `months_summed` and `months_before` are int8 classes with `NODATA`; `r2` is float32 with NaN.
    """
    summed = {count: f"{count} month{'s' if count > 1 else ''}" for count in range(1, LONGEST + 1)}
    before = {count: f"ends {count} months before the measurement" for count in OFFSETS}
    before |= {0: "ends in the month measured", 1: "ends 1 month before the measurement"}
    wanted = {
        "months_summed": ("accumulation", "months of rain summed, the sum that explains vegetation best", summed),
        "months_before": ("offset", "months between the last one summed and the measurement", before),
    }
    layers = {
        name: chosen[own].fillna(NODATA).astype(np.int8).drop_attrs().assign_attrs(attributes(text, meanings, SOURCES))
        for name, (own, text, meanings) in wanted.items()
    }
    r2 = chosen["r2"].astype(np.float32).drop_attrs()
    text = "share of vegetation's variance between years that the sum of rain explains"
    return {**layers, "r2": r2.assign_attrs(long_name=text, units="1", references=SOURCES)}


def chosen_sums(chosen: xr.Dataset, monthly_rain: Any, years: Sequence[int], *, month: int = 8) -> xr.DataArray:
    """Rain (year, ...) of other `years`, summed over the months that `best_accumulation` chose.

    NaN where nothing was chosen, or the rain does not reach.
    """
    rain, dim = consecutive_months(monthly_rain)
    months = rain[dim].values.astype("datetime64[M]").astype(int)
    last = (np.asarray(years) - 1970) * 12 + month - 1 - months[0]
    cells = chosen["offset"].dims
    values = np.asarray(rain.transpose(dim, *cells), float)
    sums = np.full((len(last), *values.shape[1:]), np.nan)
    offsets, lengths = (chosen[name].values for name in ("offset", "accumulation"))
    for offset, length in np.unique(np.column_stack([offsets.ravel(), lengths.ravel()]), axis=0):
        if np.isnan(offset):
            continue
        here = (offsets == offset) & (lengths == length)
        rows = (last - int(offset))[:, None] - np.arange(int(length))
        reached = ((rows >= 0) & (rows < len(months))).all(axis=1)
        own = values[np.where(reached[:, None], rows, 0)][..., here].sum(axis=1)
        sums[:, here] = np.where(reached[:, None], own, np.nan)
    words = {"long_name": "rain of the months chosen", "units": rain.attrs.get("units", "mm")}
    return xr.DataArray(sums, {"year": list(years), **{c: rain[c] for c in cells}}, ("year", *cells), attrs=words)


def _chosen(vi: np.ndarray, rain: np.ndarray, last: np.ndarray, longest: int, offsets: np.ndarray) -> np.ndarray:
    cells = np.broadcast_shapes(vi.shape[:-1], rain.shape[:-1])
    flat = [np.broadcast_to(each, (*cells, each.shape[-1])).reshape(-1, each.shape[-1]).T for each in (vi, rain)]
    result = np.empty((4 + len(last), flat[0].shape[1]))
    years, months = (np.ascontiguousarray(each, float) for each in flat)
    _choose(years, months, last, longest, offsets, result)
    return result.T.reshape(*cells, -1)


def _same_grid(data: xr.DataArray, rain: xr.DataArray) -> bool:
    return all(name not in data.dims or data[name].equals(rain[name]) for name in ("y", "x") if name in rain.dims)


def on_climate_cells(data: xr.DataArray, cells: xr.DataArray) -> xr.DataArray:
    """Mean of `data` (year, y, x) over the pixels nearest to each of `cells` (y, x); NaN where there are none."""
    rows, columns = (
        pd.Index(cells[name].values).get_indexer(data[name].values, method="nearest") for name in ("y", "x")
    )
    cell = (rows[:, None] * cells.sizes["x"] + columns[None, :]).ravel()
    size = cells.sizes["y"] * cells.sizes["x"]
    means = np.full((data.sizes["year"], size), np.nan)
    for number in range(data.sizes["year"]):
        values = np.asarray(data.isel(year=number).transpose("y", "x"), float).ravel()
        known = np.isfinite(values)
        count = np.bincount(cell[known], minlength=size)
        total = np.bincount(cell[known], values[known], size)
        means[number] = np.divide(total, count, out=means[number], where=count > 0)
    shape = (data.sizes["year"], cells.sizes["y"], cells.sizes["x"])
    coords = {"year": data["year"], "y": cells["y"], "x": cells["x"]}
    return xr.DataArray(means.reshape(shape), coords, ("year", "y", "x"), attrs=data.attrs)
