"""Series whose winters are never seen: breaks of the trend are found all the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from indicators.breaks import bfast
from indicators.errors import IndicatorError

MONTHS = pd.date_range("2001-01-01", "2024-12-01", freq="MS")


def steppe(step: float) -> pd.Series:
    """NDVI of a steppe that loses `step` in June 2012."""
    month = MONTHS.month.to_numpy()
    season = 0.25 * np.exp(-(((month - 7) / 2.0) ** 2))
    loss = np.where(MONTHS >= "2012-06-01", -step, 0.0)
    noise = np.random.default_rng(1).normal(0, 0.01, len(MONTHS))
    return pd.Series(0.15 + season + loss + noise, MONTHS)


def test_a_break_is_dated_without_winters() -> None:
    whole = steppe(0.08)
    seen = whole.where(MONTHS.month.isin(range(4, 11)))
    for series in (whole, seen):
        (found,) = bfast(series).trend_breaks.itertuples()
        assert abs((found.date.to_period("M") - pd.Period("2012-06")).n) <= 1
        assert found.magnitude == pytest.approx(-0.08, abs=0.02)
    assert bfast(steppe(0.0).where(seen.notna())).trend_breaks.empty


def test_too_little_of_the_year_is_refused() -> None:
    few = steppe(0.0).where(MONTHS.month.isin((6, 7, 8)))
    with pytest.raises(IndicatorError, match="half of the 12 a year, not in 3"):
        bfast(few)
