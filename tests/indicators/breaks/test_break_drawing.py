"""Results draw themselves: the lines, the breaks and their intervals stand where the tables say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from break_series import seasonal

from indicators.breaks import bfast, bfast01, breakpoints, monitor, mosum, sup_f, tss_restrend

mpl.use("Agg")


def dated() -> pd.Series:
    """Ten years of months with a step after the sixth."""
    series = seasonal(120, 12, steps={72: -0.2})
    return series.set_axis(pd.date_range("2001-01-01", periods=120, freq="MS"))


def driven() -> Any:
    """Two series in which rain drives greenness, which falls after twelve years."""
    months = pd.period_range("1988-01", periods=12 * 26, freq="M")
    rng = np.random.default_rng(7)
    rain = pd.Series(rng.gamma(2, 20, len(months)), index=months)
    green = 0.2 + 0.001 * rain.rolling(3).sum()[24:] + rng.normal(0, 0.006, 288)
    green.iloc[144:] -= 0.12
    return tss_restrend(green, rain)


@pytest.mark.parametrize(
    ("result", "columns", "breaks"),
    [
        (lambda: bfast(dated()), 2, 1),
        (lambda: bfast(seasonal()), 2, 0),
        (lambda: bfast01(dated(), order=1), 2, 1),
        (lambda: bfast01(seasonal(seed=3)), 2, 0),
        (lambda: breakpoints(dated()), 2, 1),
        (lambda: monitor(dated(), "2006-01-01", order=1), 2, 1),
        (lambda: mosum(dated()), 1, 2),
        (lambda: sup_f(dated()), 1, 1),
        (driven, 2, 1),
    ],
    ids=[
        "bfast",
        "bfast quiet",
        "bfast01",
        "bfast01 quiet",
        "breakpoints",
        "monitor",
        "mosum",
        "sup_f",
        "tss_restrend",
    ],
)
def test_a_result_draws_its_lines_and_breaks(result: Callable[[], Any], columns: int, breaks: int) -> None:
    from matplotlib import pyplot

    ax = result().plot()
    assert len(ax.get_lines()) == columns + breaks
    dashed = [line for line in ax.get_lines() if line.get_linestyle() == "--"]
    assert len(dashed) == breaks
    pyplot.close(ax.figure)


def test_a_break_is_drawn_at_the_first_date_after_it_in_the_axes_given() -> None:
    from matplotlib import pyplot
    from matplotlib.dates import date2num

    found = bfast(dated())
    figure, ax = pyplot.subplots()
    assert found.plot(ax, unit="NDVI") is ax
    at = ax.get_lines()[-1].get_xdata()[0]
    assert float(date2num(at) if not isinstance(at, float) else at) == date2num(
        dated().index[found.trend_breaks["index"].iloc[0]]
    )
    assert ax.get_ylabel() == "NDVI"
    assert len(ax.patches) == 1
    pyplot.close(figure)
