"""When a patch began to lose more than land that is like it: dated, with an honest interval, or said not to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from indicators.causes import LossOnset, loss_onset
from indicators.errors import IndicatorError

YEARS = np.arange(2001, 2025)


def series(seed: int, start: int, loss: float, years: int = 1, noise: float = 0.05) -> tuple[pd.Series, pd.Series]:
    """A patch that loses a part of its productivity from a year on, over some years, and land that does not."""
    rng = np.random.default_rng(seed)
    weather = np.exp(rng.normal(0, 0.2, len(YEARS)))
    course = 1 - loss * np.clip((YEARS - start + 1) / years, 0, 1)
    patch = 0.3 * weather * course * np.exp(rng.normal(0, noise, len(YEARS)))
    return pd.Series(patch, YEARS), pd.Series(0.35 * weather, YEARS)


def dated(start: int, loss: float, years: int, seeds: range) -> list[LossOnset]:
    return [loss_onset(*series(seed, start, loss, years)) for seed in seeds]


def test_a_step_is_dated_to_the_year() -> None:
    found = dated(2012, 0.3, 1, range(40))
    assert np.mean([each.year == 2012 for each in found]) > 0.9
    assert np.mean([each.loss for each in found]) == pytest.approx(0.3, abs=0.03)
    assert min(each.probability for each in found) > 0.95
    assert max(each.before for each in found) < 0.05


@pytest.mark.parametrize(("years", "start"), [(1, 2008), (4, 2010), (8, 2007), (15, 2006)])
def test_intervals_hold_the_first_year(years: int, start: int) -> None:
    found = dated(start, 0.35, years, range(100, 180))
    inside = np.mean([each.low <= start <= each.high for each in found])
    assert inside > 0.7  # 80 % are meant; courses of other lengths are in the mixture
    assert all(each.starts.sum() == pytest.approx(1) for each in found)
    assert all(each.low <= each.year <= each.high for each in found)


def test_land_that_kept_its_productivity_has_no_loss() -> None:
    found = dated(2012, 0.0, 1, range(200))
    assert np.mean([each.probability > 0.8 for each in found]) < 0.15
    gained = dated(2012, -0.3, 1, range(20))
    assert np.mean([each.probability > 0.8 for each in gained]) < 0.1


def test_a_loss_older_than_the_record_is_said_to_be() -> None:
    found = dated(1995, 0.4, 20, range(40))
    assert np.mean([each.before for each in found]) > 0.4
    late = dated(2015, 0.3, 1, range(40))
    assert max(each.before for each in late) < 0.05


def test_weather_that_both_have_does_not_matter_and_gaps_are_left_out() -> None:
    patch, matched = series(1, 2012, 0.3)
    drought = pd.Series(np.where(YEARS == 2006, 0.4, 1.0), YEARS)
    one, other = loss_onset(patch, matched), loss_onset(drought * patch, 10 * drought * matched)
    assert (one.year, one.low, one.high) == (other.year, other.low, other.high)
    assert one.loss == pytest.approx(other.loss)
    assert loss_onset(patch.drop([2003, 2018]), matched).year == 2012


@pytest.mark.parametrize(
    ("patch", "said"),
    [(pd.Series(0.3, YEARS[:8]), "8 years that both series have"), (pd.Series(0.0, YEARS), "0 or less")],
)
def test_what_cannot_be_used_is_refused(patch: pd.Series, said: str) -> None:
    with pytest.raises(IndicatorError, match=said):
        loss_onset(patch, pd.Series(0.3, YEARS))
