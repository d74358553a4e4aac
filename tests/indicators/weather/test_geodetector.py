"""The geographical detector: by hand, its laws, and the published study of Inner Mongolia."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from checkout import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import IndicatorError
from indicators.weather.geodetector import best_strata, factors, interactions

DATA = SHARED / "inner-mongolia-drivers"


def test_q_by_hand() -> None:
    """y = 1 3 | 5 7: variance inside 1 + 1, in all 5; q = 1 − (2·1 + 2·1)/(4·5) = 0.8."""
    found = factors([1, 3, 5, 7], pd.DataFrame({"zone": list("aabb")}))
    assert found.loc["zone", "q"] == pytest.approx(0.8)
    assert found.loc["zone", "strata"] == 2


def test_lone_members_and_gaps_are_left_out() -> None:
    labels = pd.DataFrame({"zone": ["a", "a", "b", "b", "c", None]})
    assert factors([1, 3, 5, 7, 99, 99], labels).loc["zone", "q"] == pytest.approx(0.8)
    assert factors([1, 3, 5, 7, 99, np.nan], labels.fillna("c")).loc["zone", "q"] == pytest.approx(0.8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_laws(seed: int, count: int) -> None:
    """q is a share, does not see names, units or order; a finer division never explains less."""
    rng = np.random.default_rng(seed)
    y, zone = rng.normal(size=60), np.repeat(np.arange(count), -(-60 // count))[:60]
    half = np.tile([0, 1], 30)
    table = pd.DataFrame({"zone": zone, "half": half})
    found = factors(y, table)
    assert ((found["q"] >= 0) & (found["q"] <= 1)).all()
    shuffled = rng.permutation(60)
    renamed = table.iloc[shuffled].assign(zone=lambda t: "z" + t["zone"].astype(str)).reset_index(drop=True)
    np.testing.assert_allclose(factors(3 - 2 * y[shuffled], renamed)["q"], found["q"])
    both = interactions(y, table).iloc[0]
    assert both["q_both"] >= max(found["q"]) - 1e-9


def test_p_is_not_small_without_association() -> None:
    """Random strata: about 5 % of p below 0.05. The noncentrality is that of the sample means, which makes p large."""
    rng = np.random.default_rng(4)
    p = [factors(rng.normal(size=200), pd.DataFrame({"z": rng.integers(0, 4, 200)})).loc["z", "p"] for _ in range(200)]
    assert np.mean(np.array(p) < 0.05) <= 0.08
    assert (
        factors(np.repeat([0.0, 5.0], 50) + rng.normal(size=100), pd.DataFrame({"z": np.repeat([0, 1], 50)})).loc[
            "z", "p"
        ]
        < 1e-3
    )


def test_kinds_of_interaction() -> None:
    one, other = np.repeat([0, 1], 40), np.tile([0, 1], 40)
    table = pd.DataFrame({"one": one, "other": other})
    rng = np.random.default_rng(6)
    assert interactions(one * other + 0.1 * rng.normal(size=80), table).loc[0, "kind"].startswith("enhanced")
    assert interactions((one ^ other) + 0.1 * rng.normal(size=80), table).loc[0, "kind"] == "enhanced, nonlinear"
    # the same division twice cannot explain more than once
    twice = interactions(one + 0.1 * rng.normal(size=80), table.assign(other=one)).loc[0]
    assert twice["q_both"] == pytest.approx(twice["q_factor"])


def test_the_division_that_explains_most_is_found() -> None:
    """A step at the 0.8 quantile: five intervals with equally many values have a bound there."""
    x = np.random.default_rng(7).exponential(size=500)
    y = (x > np.quantile(x, 0.8)) + 0.01 * np.random.default_rng(8).normal(size=500)
    strata, method, count = best_strata(y, x)
    assert (method, count) == ("quantile", 5)
    assert factors(y, pd.DataFrame({"x": strata})).loc["x", "q"] > 0.99
    with pytest.raises(IndicatorError, match="'jenks' is unknown; use equal, quantile, geometric, sd"):
        best_strata(y, x, methods=["jenks"])


@pytest.mark.parametrize(
    ("y", "labels", "words"),
    [
        ([1, 1, 1, 1], list("aabb"), "does not vary"),
        ([1, 2, 3, 4], list("abcd"), "fewer than two strata"),
        ([1, 2, 3], list("aabb"), "4 labels for 3 values"),
    ],
)
def test_what_has_no_answer_is_refused(y: list[float], labels: list[str], words: str) -> None:
    with pytest.raises(IndicatorError, match=words):
        factors(y, pd.DataFrame({"zone": labels}))


@pytest.mark.skipif(not DATA.is_dir(), reason="shared/data/inner-mongolia-drivers is not there")
def test_inner_mongolia_as_published() -> None:
    """NDVI change 2010–2014. Published for cells of 40 km: climate zone 0.8218, mining 0.1411, both 0.8345 (R package
    GD 10.9, the data of Song et al. 2020); cells of 20 and 50 km must lie on either side."""
    found = {}
    for size in (20, 50):
        table = pd.read_csv(DATA / f"ndvi_{size}.csv")
        zones = table[["Climatezone", "Mining"]]
        q = factors(table["NDVIchange"], zones)
        both = interactions(table["NDVIchange"], zones).iloc[0]
        assert (q["p"] < 1e-9).all()
        assert both["kind"] == "enhanced, by two"
        found[size] = [*q["q"], both["q_both"]]
    for low, published, high in zip(found[20], [0.8218, 0.1411, 0.8345], found[50], strict=True):
        assert low < published < high
