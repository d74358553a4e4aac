"""Jumps at borders: found where they were put in, in every year or in one, and hardly ever where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from indicators.causes import BorderJump, border_jump
from indicators.errors import IndicatorError

ALONG, DEPTH, YEARS = 60, 48, 12
SEEDS = 240
#: Fields without a jump: correlation length in cells, noise of a cell and year, slope across, and kink at the border.
FIELDS = {
    "white": (0, 0.3, 0.0, 0.0),
    "patchy": (3, 0.3, 0.0, 0.0),
    "smooth and sloping": (8, 0.3, 1.0, 0.0),
    "kinked at the border": (3, 0.4, 0.5, 0.6),
}
ACROSS = np.broadcast_to(np.arange(-DEPTH, DEPTH) + 0.5, (ALONG, 2 * DEPTH))


def field(kind: str, seed: int, years: int = 1) -> np.ndarray:
    """Values (year, along, across) of a field without a jump; years differ as a whole, too."""
    length, noise, slope, kink = FIELDS[kind]
    rng = np.random.default_rng([seed, len(kind)])
    base = np.zeros(ACROSS.shape)
    if length:
        base = gaussian_filter(rng.standard_normal(ACROSS.shape), length)
        base *= 0.4 / base.std()
    base = base + slope * ACROSS / DEPTH + kink * np.abs(ACROSS) / DEPTH
    common = rng.normal(0, 0.2, (years, 1, 1))
    return np.exp(3 + base + common + noise * rng.standard_normal((years, *ACROSS.shape)))


def found(values: np.ndarray, **options: object) -> BorderJump:
    near = ACROSS < 0
    return border_jump(values[:, near], values[:, ~near], -ACROSS[near], ACROSS[~near], **options)  # type: ignore[arg-type]


def jumping(values: np.ndarray, factor: float, rows: slice | int = slice(None)) -> np.ndarray:
    """The field with its second side times a factor, in some years."""
    changed = values.copy()
    changed[rows] *= np.where(ACROSS > 0, factor, 1)
    return changed


@pytest.mark.parametrize("kind", FIELDS)
def test_false_alarms_are_rare_and_a_factor_of_one_and_a_half_is_found(kind: str) -> None:
    """Bounds: 5 % of false alarms and two standard errors of so many seeds; 95 % found and covered less the same."""
    alarms, hits, covered = [], [], []
    for seed in range(SEEDS):
        values = field(kind, seed)
        alarms.append(found(values).artefact)
        there = found(jumping(values, 1.5))
        hits.append(there.artefact)
        covered.append(there.low <= 1.5 <= there.high)
    error = 2 * np.sqrt(0.05 * 0.95 / SEEDS)
    assert np.mean(alarms) <= 0.05 + error
    assert np.mean(hits) >= 0.95
    assert np.mean(covered) >= 0.95 - error


@pytest.mark.parametrize("kind", ["white", "patchy"])
def test_a_jump_of_one_year_is_found_in_its_year_alone(kind: str) -> None:
    seeds = 60
    alarms, hits, others = [], [], []
    for seed in range(seeds):
        values = field(kind, seed, YEARS)
        alarms.append(found(values).artefact)
        there = found(jumping(values, 1.5, 7))
        hits.append(7 in there.years)
        others.append(bool(set(there.years) - {7}))
    error = 2 * np.sqrt(0.05 * 0.95 / seeds)
    assert np.mean(alarms) <= 0.05 + error
    assert np.mean(hits) >= 0.95
    assert np.mean(others) <= 0.05 + error


def test_a_jump_that_begins_is_named_with_its_years() -> None:
    values = jumping(field("patchy", 3, YEARS), 1.6, slice(9, None))
    there = found(values, years=range(2001, 2001 + YEARS))
    assert there.years == (2010, 2011, 2012)
    assert there.by_year.loc[2010, "size"] == pytest.approx(1.6, rel=0.1)
    assert "an artefact of the product and no finding" in there.sentence
    assert "p < 0.001" in there.sentence
    assert "not the same in every year: 2010, 2011, 2012" in there.sentence
    always = found(jumping(field("patchy", 3, YEARS), 1.6))
    assert always.artefact
    assert always.years == ()
    assert found(field("patchy", 4)).sentence.startswith("No jump at the border beyond the jumps at 46 lines")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.3, 3), st.floats(1e-3, 1e3), st.floats(0.1, 50))
def test_sides_units_and_order_do_not_matter(seed: int, factor: float, unit: float, km: float) -> None:
    rng = np.random.default_rng(seed)
    distance = rng.uniform(0, 40, (2, 600)), rng.lognormal(2, 0.4, (2, 3, 600))
    (here, there), (first, second) = distance
    whole = border_jump(first, factor * second, here, there, strips=10)
    turned = border_jump(factor * second, first, there, here, strips=10)
    assert (1 / turned.size, 1 / turned.high, 1 / turned.low) == pytest.approx((whole.size, whole.low, whole.high))
    assert turned.p == pytest.approx(whole.p)
    order = rng.permutation(600)
    other = border_jump(unit * first[:, order], unit * factor * second, km * here[order], km * there, strips=10)
    assert (other.size, other.p) == pytest.approx((whole.size, whole.p), rel=1e-6, abs=1e-9)
    assert other.by_year["p"].to_numpy() == pytest.approx(whole.by_year["p"].to_numpy(), rel=1e-6, abs=1e-9)
    plain = border_jump(first, second, here, there, strips=10)
    assert whole.size == pytest.approx(factor * plain.size)
    assert whole.low < whole.size < whole.high
    assert (whole.p < 0.05) == (not whole.low <= 1 <= whole.high)


def test_differences_take_negative_values_and_zeros_have_no_ratio() -> None:
    rng = np.random.default_rng(1)
    distance = rng.uniform(0, 30, 4000)
    first, second = rng.normal(0, 1, (2, 4000))
    there = border_jump(first, second + 2, distance, distance, scale="difference")
    assert there.size == pytest.approx(2, abs=0.5)
    assert there.artefact
    assert not border_jump(first, second, distance, distance, scale="difference").artefact
    full = np.exp(first), np.exp(second)
    thinned = [np.where(rng.random(4000) < 0.1, 0, each) for each in full]
    gaps = [np.where(each == 0, np.nan, each) for each in thinned]
    assert border_jump(*thinned, distance, distance).size == border_jump(*gaps, distance, distance).size


def test_a_flat_field_has_no_jump() -> None:
    distance = np.linspace(0, 24, 2000)
    flat = border_jump(np.full(2000, 5.0), np.full(2000, 5.0), distance, distance)
    assert flat.size == pytest.approx(1)
    assert flat.p == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first": np.ones((2, 3, 4))}, "first has the shape"),
        ({"first": np.ones((2, 500))}, "first has 2 years and second 1"),
        ({"first_distance": -np.ones(500)}, "0 and more"),
        ({"first": -np.ones(500)}, "negative values, which have no ratio"),
        ({"strips": 4}, "4 strips a side are too few"),
        ({"scale": "log"}, "scale 'log' is unknown"),
        ({"years": [2001, 2002]}, "2 years are named"),
        ({"second": np.where(np.arange(500) < 100, np.nan, 1)}, "strip 1 of second has no value in row 0"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, object], said: str) -> None:
    distance = np.linspace(0, 24, 500)
    given_: dict[str, object] = {
        "first": np.ones(500), "second": np.ones(500), "first_distance": distance, "second_distance": distance,
    }  # fmt: skip
    with pytest.raises(IndicatorError, match=said):
        border_jump(**(given_ | change))  # type: ignore[arg-type]
