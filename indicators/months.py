"""Is every month of monthly data there? Their dimension, and the number of each month."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from indicators.errors import IndicatorError

#: One series by month, or one for each pixel of a cube.
Monthly: TypeAlias = pd.Series | xr.DataArray


def consecutive_months(values: Monthly) -> tuple[xr.DataArray, str]:
    """Monthly data and the name of their dimension: dates of any calendar, those of climate models included.

    Raises IndicatorError if months are missing or out of order.
    """
    if isinstance(values, pd.Series):
        index = values.index.to_timestamp() if isinstance(values.index, pd.PeriodIndex) else values.index
        index = index.tz_localize(None) if isinstance(index, pd.DatetimeIndex) else index
        values = xr.DataArray(values.to_numpy(float), coords={"time": index}, dims="time")
    dim = next((name for name in ("time", "month") if name in values.dims), None)
    if dim is None:
        raise IndicatorError(f"monthly data need dates along `time` or `month`; these have dimensions {values.dims}")
    months = month_numbers(values, dim)
    gaps = np.flatnonzero(np.diff(months) != 1)
    if len(gaps):
        year, month = divmod(int(months[gaps[0]]), 12)
        raise IndicatorError(
            f"months are missing or out of order after {1970 + year}-{month + 1:02d}; give every month, "
            f"and NaN where a value is unknown"
        )
    return values, dim


def month_numbers(values: xr.DataArray, dim: str) -> np.ndarray:
    """Months since January 1970 of dates of any calendar. Raises IndicatorError if `dim` holds no dates."""
    dates = values[dim].values
    if np.issubdtype(dates.dtype, np.datetime64):
        return np.asarray(dates.astype("datetime64[M]").astype(int))
    if isinstance(values.indexes.get(dim), xr.CFTimeIndex):
        return np.array([12 * (date.year - 1970) + date.month - 1 for date in dates])
    raise IndicatorError(f"monthly data need dates along `{dim}`; its values are of type {dates.dtype}")
