"""Monthly series and the largest value of each calendar year."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks.axis import check_size
from indicators.errors import IndicatorError

Turn = Literal["package", "own"]


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
