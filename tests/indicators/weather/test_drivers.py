"""Shares of drivers: against all orders written out, known shares, planted causes; errors."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import IndicatorError
from indicators.weather.drivers import RESIDUAL, Bootstrap, attribute, seasonal

YEARS = np.arange(2001, 2025)
FEW = Bootstrap(repeats=20)


def panel(seed: int, size: int = 3) -> tuple[pd.Series, pd.DataFrame]:
    """A series that follows correlated drivers, and noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(24, size)) @ rng.normal(size=(size, size))
    y = x @ rng.normal(size=size) + rng.normal(size=24) + 0.1 * np.arange(24)
    return pd.Series(y, YEARS), pd.DataFrame(x, YEARS, [f"x{j}" for j in range(size)])


def by_all_orders(y: pd.Series, x: pd.DataFrame) -> np.ndarray:
    """Mean gain of R² and of the fit's trend over every order of entry, each fit by least squares."""

    def fitted(names: tuple[str, ...]) -> tuple[float, float]:
        design = np.column_stack([np.ones(len(y)), x[list(names)]])
        fit = design @ np.linalg.lstsq(design, y.to_numpy(), rcond=None)[0]
        return float(np.var(fit) / np.var(y)), float(np.polyfit(YEARS - 2001, fit, 1)[0])

    gains = {name: np.zeros(2) for name in x}
    orders = list(permutations(x))
    for order in orders:
        for place, name in enumerate(order):
            gains[name] += np.subtract(fitted(order[: place + 1]), fitted(order[:place]))
    return np.array([gains[name] / len(orders) for name in x])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_shares_are_the_mean_over_all_orders_and_add_up(seed: int) -> None:
    y, x = panel(seed)
    found = attribute(y, x, FEW)
    np.testing.assert_allclose(found.loc[list(x), ["variance_share", "trend"]], by_all_orders(y, x), atol=1e-9)
    assert found["variance_share"].sum() == pytest.approx(1)
    assert found["trend"].sum() == pytest.approx(np.polyfit(YEARS, y, 1)[0])
    assert found["trend_share"].sum() == pytest.approx(1)
    assert (found["variance_share"] >= -1e-12).all()


def test_drivers_that_have_nothing_in_common_explain_their_squared_correlation() -> None:
    """With orthogonal regressors every order gives the same: r² of each (Grömping 2006, section 2)."""
    q, _ = np.linalg.qr(np.column_stack([np.ones(24), np.random.default_rng(2).normal(size=(24, 2))]))
    x = pd.DataFrame(q[:, 1:], YEARS, ["rain", "heat"])
    y = pd.Series(3 * x["rain"] + x["heat"] + np.random.default_rng(3).normal(0, 0.1, 24), YEARS)
    found = attribute(y, x, FEW)
    for name in x:
        assert found.loc[name, "variance_share"] == pytest.approx(np.corrcoef(x[name], y)[0, 1] ** 2)


def test_a_planted_decline_is_left_to_the_residual_and_a_trend_of_rain_to_rain() -> None:
    rng = np.random.default_rng(5)
    wetter = pd.DataFrame({"rain": 200 + 4 * np.arange(24) + rng.normal(0, 20, 24)}, YEARS)
    greening = attribute(0.001 * wetter["rain"] + rng.normal(0, 0.005, 24), wetter)
    assert greening.loc["rain", "trend_share_low"] > 0.6
    assert greening.loc[RESIDUAL, "trend_low"] < 0 < greening.loc[RESIDUAL, "trend_high"] + 0.001

    steady = pd.DataFrame({"rain": rng.normal(200, 40, 24)}, YEARS)
    ploughed = attribute(0.0005 * steady["rain"] - 0.004 * np.arange(24) + rng.normal(0, 0.005, 24), steady)
    assert ploughed.loc[RESIDUAL, "trend_high"] < -0.003
    assert ploughed.loc[RESIDUAL, "trend_share_low"] > 0.5


def test_intervals_hold_what_was_planted() -> None:
    """95 % intervals of the residual trend: 200 panels of 40 years; a block bootstrap is somewhat too narrow."""
    rng = np.random.default_rng(11)
    years = np.arange(1981, 2021)
    held = 0
    for _ in range(200):
        rain = pd.DataFrame({"rain": rng.normal(size=40)}, years)
        y = rain["rain"] + 0.05 * (years - 1981) + rng.normal(size=40)
        row = attribute(y, rain, Bootstrap(repeats=199)).loc[RESIDUAL]
        held += row["trend_low"] <= 0.05 <= row["trend_high"]
    assert 0.80 <= held / 200 <= 0.99


def test_coefficients_are_those_of_least_squares_and_gaps_are_left_out() -> None:
    y, x = panel(8)
    y[2005], x.loc[2010, "x1"] = np.nan, np.nan
    found = attribute(y, x, FEW)
    assert found.attrs["years"] == 22
    kept = ~YEARS.__eq__(2005) & ~YEARS.__eq__(2010)
    design = np.column_stack([np.ones(22), x[kept]])
    np.testing.assert_allclose(found.loc[list(x), "coefficient"], np.linalg.lstsq(design, y[kept], rcond=None)[0][1:])
    assert np.isnan(found.loc[RESIDUAL, "coefficient"])


def test_the_same_seed_gives_the_same_interval() -> None:
    y, x = panel(9)
    pd.testing.assert_frame_equal(attribute(y, x, FEW), attribute(y, x, FEW))
    assert not attribute(y, x, FEW).equals(attribute(y, x, Bootstrap(repeats=20, seed=1)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y, x: (y[:6], x), "6 years have a value and all of x0, x1, x2; 8 are needed"),
        (lambda y, x: (y, x.assign(x1=1.0)), "x1 does not vary"),
        (lambda y, x: (y, x.assign(x2=2 * x["x0"] - x["x1"])), "is a linear combination of the others"),
        (lambda y, x: (y, pd.concat([x.add_suffix(str(i)) for i in range(3)], axis=1)), "9 drivers; give 1 to 8"),
        (lambda y, x: (y, x.rename(columns={"x0": "residual"})), "not 'vi' or 'residual'"),
    ],
)
def test_what_cannot_be_attributed_is_refused(change: object, words: str) -> None:
    y, x = panel(1)
    with pytest.raises(IndicatorError, match=words):
        attribute(*change(y, x))  # type: ignore[operator]


def test_a_season_belongs_to_the_year_it_ends_in_and_needs_all_its_months() -> None:
    months = pd.date_range("2001-01-01", "2003-12-01", freq="MS")
    series = pd.Series(np.arange(36.0), months)
    assert seasonal(series, (5, 9), "sum").to_dict() == {2001: 30, 2002: 90, 2003: 150}
    winter = seasonal(series, (11, 2), "mean")
    assert winter.to_dict() == {2002: 11.5, 2003: 23.5}
    series.iloc[6] = np.nan
    assert 2001 not in seasonal(series, (5, 9), "mean")
