"""Percentiles by unit in passes: numpy.percentile to the last bit, however the data are cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.area.percentiles import by_unit, from_bits, ordered_bits
from indicators.errors import IndicatorError


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("q", [0, 10, 50, 90, 99.9, 100])
def test_equals_numpy(kind: type, q: float) -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(0.3, 0.2, 50_000).astype(kind)
    values[::11] = np.nan
    values[::13] = np.round(values[::13], 1)
    units = rng.choice([-5, 3, 4, 70_000], values.size, p=[0.001, 0.3, 0.5, 0.199])
    blocks = [(values[part], units[part]) for part in np.array_split(np.arange(values.size), 37)]
    found = by_unit(blocks, q)["value"]
    assert sorted(found.index) == [-5, 3, 4, 70_000]
    for unit, value in found.items():
        sample = values[(units == unit) & np.isfinite(values)]
        assert value == np.percentile(sample, q), unit


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(allow_infinity=False, width=32), st.integers(0, 3)), min_size=1, max_size=60),
    st.integers(0, 100),
    st.integers(1, 20),
)
def test_any_values_in_any_cut(pairs: list[tuple[float, int]], q: int, step: int) -> None:
    values, units = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    table = by_unit(lambda: ((values[i : i + step], units[i : i + step]) for i in range(0, len(pairs), step)), q)
    for unit in np.unique(units[np.isfinite(values)]):
        sample = values[(units == unit) & np.isfinite(values)]
        assert table.loc[unit, "count"] == len(sample)
        assert table.loc[unit, "value"] == np.percentile(sample, q)
    assert len(table) == len(np.unique(units[np.isfinite(values)]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=30))
def test_bits_sort_like_their_values(values: list[float]) -> None:
    array = np.array(values)
    np.testing.assert_array_equal(array[np.argsort(ordered_bits(array), kind="stable")], np.sort(array))
    np.testing.assert_array_equal(from_bits(ordered_bits(array)), array)


def test_maps_gaps_and_no_values() -> None:
    values = np.array([[0.1, 0.2, np.inf], [0.3, np.nan, 0.4]])
    units = np.array([[1.0, 1.0, 1.0], [np.nan, 2.0, 2.0]])
    assert by_unit([(values, units)], 50)["value"].to_dict() == {1: pytest.approx(0.15), 2: 0.4}
    assert by_unit([(np.full(3, np.nan), np.ones(3))]).empty
    assert by_unit([]).empty


def test_bad_input_says_how_to_mend_it() -> None:
    pair = (np.ones(3), np.ones(3))
    with pytest.raises(IndicatorError, match="a function that makes the blocks"):
        by_unit(iter([pair]))
    with pytest.raises(IndicatorError, match="between 0 and 100"):
        by_unit([pair], 101)
    with pytest.raises(IndicatorError, match="differ in shape"):
        by_unit([(np.ones(3), np.ones(4))])
    with pytest.raises(IndicatorError, match="in one type"):
        by_unit([pair, (np.ones(3, np.float32), np.ones(3))])
