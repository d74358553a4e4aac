"""Patches whose loss has a known cause: most are decided, most of these rightly, people seldom blamed in vain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from generated_patches import YEARS, Patch, generated, judged

from indicators.causes import PatchVerdict, patch_verdict
from indicators.causes.drivers import CAUSES, HUMAN, SEVERAL, UNDETERMINED
from indicators.causes.verdict import DECIDED, PRIOR, probabilities
from indicators.errors import IndicatorError

TESTED = range(20_000, 20_500)
STARTS = pd.Series({2013: 0.25, 2014: 0.5, 2015: 0.25})


@pytest.fixture(scope="module")
def cases() -> list[tuple[Patch, PatchVerdict]]:
    patches = [generated(seed) for seed in TESTED]
    return [(each, judged(each)) for each in patches]


def test_causes_are_separable_where_truth_is_known(cases: list[tuple[Patch, PatchVerdict]]) -> None:
    decided = [(patch.truth, found.answer) for patch, found in cases if found.answer != UNDETERMINED]
    caused = [found.answer for patch, found in cases if patch.causes]
    assert np.mean([answer != UNDETERMINED for answer in caused]) >= 0.5
    assert np.mean([truth == answer for truth, answer in decided]) >= 0.8
    innocent = [found.answer for patch, found in cases if not set(patch.causes) & set(HUMAN)]
    assert len(innocent) > 200
    assert np.mean([answer in (*HUMAN, SEVERAL) for answer in innocent]) <= 0.05
    for cause in HUMAN:
        assert sum(answer == cause for truth, answer in decided if truth == cause) >= 15


def test_probabilities_mean_what_they_say(cases: list[tuple[Patch, PatchVerdict]]) -> None:
    """Of answers with a mean probability of q, a share of about q is right, or more."""
    best = [(float(found.probability.max()), found.probability.idxmax() == patch.truth) for patch, found in cases]
    chance, right = np.array(best, float).T
    for low, high in ((0.3, 0.6), (0.6, 0.8), (0.8, 1.01)):
        inside = (chance >= low) & (chance < high)
        assert inside.sum() > 60
        assert right[inside].mean() > chance[inside].mean() - 3 * np.sqrt(0.25 / inside.sum())
    assert all(found.probability.sum() == pytest.approx(1) for _, found in cases)


def made(seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    names = ["precipitation_annual", "herd_sheep_units_annual", "mine_bare_annual", "burned_annual"]
    level, spread = [250, 50, 0.2, 0.02], [40, 2, 0.01, 0.01]
    both = [pd.DataFrame(rng.normal(level, spread, (len(YEARS), 4)), YEARS, names) for _ in range(2)]
    return both[0], both[1]


def test_the_driver_is_named_with_its_year_and_size() -> None:
    patch, matched = made()
    patch.loc[2013:, "mine_bare_annual"] += 0.4
    found = patch_verdict(patch, matched, STARTS)
    assert found.answer == "mining"
    row = found.drivers.loc["mine_bare"]
    assert row["year"] == 2013
    assert row["change"] == pytest.approx(0.4, abs=0.02)
    assert row["bayes_factor"] > 20
    assert found.sentence.startswith("The loss since 2014 goes with mining (")
    assert "mine bare changed by +0.41 against matched land from 2013 on" in found.sentence
    assert "caus" not in found.sentence


def test_what_changes_everywhere_or_afterwards_or_little_or_for_the_better_is_no_explanation() -> None:
    patch, matched = made()
    everywhere = [each.copy() for each in (patch, matched)]
    for each in everywhere:
        each.loc[2013:, "herd_sheep_units_annual"] *= 2
    later, better, little = patch.copy(), patch.copy(), patch.copy()
    later.loc[2020:, "herd_sheep_units_annual"] *= 2
    better.loc[2013:, "herd_sheep_units_annual"] /= 2
    little.loc[2013:, "herd_sheep_units_annual"] *= 1.1
    for one, other in ((everywhere[0], everywhere[1]), (later, matched), (better, matched), (little, matched)):
        found = patch_verdict(one, other, STARTS)
        assert found.answer == UNDETERMINED
        assert found.drivers.loc["herd_sheep_units", "bayes_factor"] < 1
        assert found.sentence.startswith("What the loss since 2014 goes with cannot be determined")


def test_two_drivers_are_several() -> None:
    patch, matched = made()
    patch.loc[2013:, "herd_sheep_units_annual"] *= 4
    patch.loc[2013:, "mine_bare_annual"] += 0.4
    found = patch_verdict(patch, matched, STARTS)
    assert found.answer == SEVERAL
    assert "several drivers" in found.sentence
    assert "herd sheep units changed 3.8-fold" in found.sentence


def test_a_fire_counts_where_the_patch_seldom_burns() -> None:
    patch, matched = made()
    patch["burned_annual"] = np.where(YEARS == 2013, 0.8, 0.0)
    once = patch_verdict(patch, matched, STARTS)
    assert once.drivers.loc["burned", "year"] == 2013
    assert "80 % of it burned in 2013" in once.sentence or once.answer == UNDETERMINED
    patch["burned_annual"] = np.where(np.isin(YEARS, (2003, 2006, 2010, 2013, 2017, 2021)), 0.8, 0.0)
    often = patch_verdict(patch, matched, STARTS)
    assert often.drivers.loc["burned", "bayes_factor"] < once.drivers.loc["burned", "bayes_factor"] / 4


def test_a_drought_counts_by_how_bad_it_was() -> None:
    patch, matched = made()
    patch["precipitation_annual"] = 250 + 30 * np.sin(YEARS)
    factors = []
    for rain in (250, 190, 150):
        patch.loc[2013, "precipitation_annual"] = rain
        found = patch_verdict(patch, matched, STARTS)
        factors.append(found.drivers.loc["precipitation", "bayes_factor"])
    assert factors == sorted(factors)
    assert factors[0] < 1 < factors[2]
    assert found.drivers.loc["precipitation", "change"] < -1.5


def test_units_of_counts_do_not_matter_and_gaps_are_left_out() -> None:
    patch, matched = made()
    patch.loc[2013:, "herd_sheep_units_annual"] *= 1.6
    whole = patch_verdict(patch, matched, STARTS).probability
    factors = {"herd_sheep_units_annual": 1000, "precipitation_annual": 0.001}
    scaled = patch_verdict(*(each.assign(**{n: each[n] * f for n, f in factors.items()}) for each in (patch, matched)),
                           STARTS).probability  # fmt: skip
    assert scaled.to_numpy() == pytest.approx(whole.to_numpy())
    holed = patch.copy()
    holed.loc[[2004, 2018]] = np.nan
    assert patch_verdict(holed, matched, STARTS).probability.idxmax() == "grazing"


def test_a_driver_that_was_not_read_excludes_nothing() -> None:
    patch, matched = made()
    patch.loc[2013:, "herd_sheep_units_annual"] *= 2.5
    whole = patch_verdict(patch, matched, STARTS)
    empty = patch_verdict(patch.assign(burned_annual=np.nan), matched, STARTS)
    assert "burned" not in empty.drivers.index
    assert empty.probability["fire"] == 0
    assert empty.probability[UNDETERMINED] > whole.probability[UNDETERMINED]
    # a driver whose years end before the loss says next to nothing
    ended = patch.copy()
    ended.loc[2010:, "herd_sheep_units_annual"] = np.nan
    assert 0.5 < patch_verdict(ended, matched, STARTS).drivers.loc["herd_sheep_units", "bayes_factor"] < 2


def test_what_is_smaller_than_the_loss_does_not_explain_it() -> None:
    """Fields on a quarter of the land cannot take two fifths of its productivity, nor can a fire on half take 0.6."""
    patch, matched = made()
    patch, matched = patch.assign(cropland=0.1), matched.assign(cropland=0.1)
    patch.loc[2013:, "cropland"] += 0.25
    assert patch_verdict(patch, matched, STARTS, loss=0.2).answer == "cultivation"
    assert patch_verdict(patch, matched, STARTS, loss=0.4).answer == UNDETERMINED
    patch.loc[2013, "burned_annual"] = 0.5
    factor = [
        patch_verdict(patch, matched, STARTS, loss=each).drivers.loc["burned", "bayes_factor"] for each in (0.4, 0.6)
    ]
    assert factor[0] > 1 > factor[1]
    # herds and mines are no shares of the land of the patch
    patch.loc[2013:, "herd_sheep_units_annual"] *= 2
    factors = [patch_verdict(patch, matched, STARTS, loss=each).drivers["bayes_factor"] for each in (0.0, 0.9)]
    assert factors[0]["herd_sheep_units"] == factors[1]["herd_sheep_units"]
    with pytest.raises(IndicatorError, match=r"loss 1\.2 is no share"):
        patch_verdict(patch, matched, STARTS, loss=1.2)


def test_probabilities_by_hand() -> None:
    assert sum(PRIOR.values()) == pytest.approx(1)
    absent = PRIOR[UNDETERMINED] + sum(PRIOR[each] for each in CAUSES if each not in ("grazing", "fire"))
    for fire in (0.5, 4.0):
        weights = {"grazing": 30 * PRIOR["grazing"], "fire": fire * PRIOR["fire"], UNDETERMINED: absent}
        both = weights["grazing"] * weights["fire"] / PRIOR[UNDETERMINED]
        weights[SEVERAL] = both if fire > 1 else 0.0
        found = probabilities(pd.Series({"grazing": 30.0, "fire": fire}))
        for name, weight in weights.items():
            assert found[name] == pytest.approx(weight / sum(weights.values()))
    assert 0.5 <= DECIDED < 1  # at most one answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"starts": pd.Series({2030: 1.0})}, "no year in which the loss may have begun lies within 2001–2025"),
        ({"patch": made()[0].iloc[:10], "matched": made()[1].iloc[:10]}, "10 years; give 12 or more"),
        ({"patch": made()[0].drop(2010), "matched": made()[1].drop(2010)}, "each once"),
        ({"matched": made()[1].iloc[:, ::-1]}, "differ in columns or years"),
        ({"patch": made()[0].rename(columns={"burned_annual": "smoke"})}, "driver 'smoke' is unknown"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, object], said: str) -> None:
    patch, matched = made()
    given: dict[str, object] = {"patch": patch, "matched": matched, "starts": STARTS}
    with pytest.raises(IndicatorError, match=said):
        patch_verdict(**(given | change))  # type: ignore[arg-type]
