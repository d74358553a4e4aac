"""Two yearly series that go together are found, two that merely have a memory or a trend are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from indicators.causes import goes_with
from indicators.errors import IndicatorError

SEEDS = 250


def remembering(rng: np.random.Generator, years: int, memory: float) -> pd.Series:
    """A series with a memory (AR(1))."""
    values = rng.standard_normal(years + 50)
    for year in range(1, len(values)):
        values[year] += memory * values[year - 1]
    return pd.Series(values[50:], index=range(2000, 2000 + years))


@pytest.mark.parametrize(("years", "memory"), [(14, 0.6), (33, 0.0), (33, 0.6), (55, 0.8)])
def test_unrelated_series_with_a_memory_and_trends_are_seldom_called_related(years: int, memory: float) -> None:
    alarms = []
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, years])
        line = pd.Series(np.arange(years), index=range(2000, 2000 + years))
        one, other = remembering(rng, years, memory) + 0.3 * line, remembering(rng, years, memory) - line
        alarms.append(goes_with(one, other).p < 0.05)
    assert np.mean(alarms) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / SEEDS)


@pytest.mark.parametrize("years", [14, 33])
def test_what_is_called_likely_missed_is_missed(years: int) -> None:
    """A relation as large as `least` of independent years is found in about 80 % of cases."""
    hits, least = [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, 1])
        other = remembering(rng, years, 0)
        size = 0.78 if years == 14 else 0.53
        one = size * other + np.sqrt(1 - size**2) * remembering(rng, years, 0)
        found = goes_with(one, other)
        hits.append(found.p < 0.05)
        least.append(found.least)
    # Spearman's r of normal values is a little below Pearson's
    assert np.median(least) == pytest.approx(6 / np.pi * np.arcsin(size / 2), abs=0.06)
    assert 0.7 < np.mean(hits) < 0.97


def test_the_year_before_is_found_by_its_lag() -> None:
    rng = np.random.default_rng(2)
    cause = remembering(rng, 40, 0)
    effect = (cause.set_axis(cause.index + 1) + 0.3 * remembering(rng, 41, 0).loc[2001:]).dropna()
    assert goes_with(effect, cause, lag=1).p < 1e-6
    assert goes_with(effect, cause).p > 0.05
    said = goes_with(effect, cause, lag=1).sentence("loss", "rain")
    assert said.startswith("More rain goes with more loss (r 0.9")
    assert "p < 0.001" in said
    assert "less loss" in goes_with(-effect, cause, lag=1).sentence("loss", "rain")
    nothing = goes_with(effect, cause).sentence("loss", "rain")
    assert nothing.startswith("Nothing can be said of loss and rain")
    assert "is likely missed in so few years" in nothing


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(8, 40), st.floats(0.01, 100))
def test_order_units_and_names_do_not_matter(seed: int, years: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    one, other = remembering(rng, years, 0.3), remembering(rng, years, 0.3)
    found = goes_with(one, other, detrend=False)
    assert found.r == pytest.approx(spearmanr(one, other)[0])
    assert found.low <= found.r <= found.high
    turned = goes_with(other, one.sample(frac=1, random_state=seed), detrend=False)
    assert (turned.r, turned.p) == pytest.approx((found.r, found.p))
    bent = goes_with(np.exp(one / 3) * scale, other, detrend=False)
    assert (bent.r, bent.p) == pytest.approx((found.r, found.p))
    assert goes_with(-one, other, detrend=False).r == pytest.approx(-found.r)
    assert 5 <= found.effective <= years


def test_gaps_shorten_the_record_and_short_records_are_refused() -> None:
    rng = np.random.default_rng(5)
    one, other = remembering(rng, 20, 0.5), remembering(rng, 20, 0.5)
    holed = one.where(one.index % 4 > 0)
    assert goes_with(holed, other).years == 15
    with pytest.raises(IndicatorError, match="7 common years are too few"):
        goes_with(one.iloc[:7], other)
    with pytest.raises(IndicatorError, match="year 2000 twice"):
        goes_with(pd.concat([one, one.iloc[:1]]), other)
    with pytest.raises(IndicatorError, match="does not vary"):
        goes_with(one * 0 + 3, other)
