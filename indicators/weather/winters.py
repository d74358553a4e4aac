"""Winters: the mean temperature of November to March, named by the year of its January.

A cold winter with much snow kills livestock (dzud).
"""

from __future__ import annotations

import pandas as pd

#: November and December count towards the next year.
WINTER = (11, 12, 1, 2, 3)


def winter_means(monthly: pd.Series) -> pd.Series:
    """Mean of the five winter months by year.

    Parameters
    ----------
    monthly : pd.Series
        One value a month, indexed by any day of it.

    Returns
    -------
    pd.Series
        The mean by year (of the winter's January), in the units of `monthly`; only winters of which all months are
        there.

    Examples
    --------
    >>> months = pd.Series([5.0, -1, -10, -14, -10, -5, 4], pd.date_range("2009-10-01", periods=7, freq="MS"))
    >>> winter_means(months).to_dict()
    {2010: -8.0}
    """
    when = pd.DatetimeIndex(monthly.index)
    cold = monthly[when.month.isin(WINTER)].dropna()
    days = pd.DatetimeIndex(cold.index)
    of = cold.groupby(days.year + (days.month > 6))
    return of.mean()[of.count() == len(WINTER)]
