"""Winters are whole ones, named by their January."""

from __future__ import annotations

import pandas as pd
import pytest

from indicators.weather import winter_means


def test_a_winter_is_five_months_of_two_years() -> None:
    months = pd.date_range("2009-01-01", "2012-02-01", freq="MS")
    series = pd.Series([100.0 * day.year + day.month for day in months], months)
    found = winter_means(series)
    assert found.index.tolist() == [2010, 2011]  # that of 2009 has no beginning, that of 2012 no end
    assert found[2010] == pytest.approx((200911 + 200912 + 201001 + 201002 + 201003) / 5)


def test_a_winter_with_a_gap_has_no_mean() -> None:
    months = pd.date_range("2009-11-01", "2011-03-01", freq="MS")
    series = pd.Series(1.0, months)
    series["2010-01-01"] = float("nan")
    assert winter_means(series).index.tolist() == [2011]
    assert winter_means(series.iloc[:0]).empty
