"""People stay as many as they were, whatever the grid; and they are counted where they live."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import IndicatorError
from indicators.population import conserved, exposed, overlaps


def grid(values: np.ndarray, size: float, north: float = 1.0, west: float = 0.0) -> xr.DataArray:
    y = north - (np.arange(values.shape[0]) + 0.5) * size
    x = west + (np.arange(values.shape[1]) + 0.5) * size
    return xr.DataArray(values, coords={"y": y, "x": x}, dims=("y", "x"), attrs={"cell_degrees": size})


@given(st.integers(0, 2**16), st.sampled_from([1 / 7, 0.1, 0.05, 0.3, 2.0]), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_no_one_is_lost_or_made_up(seed: int, cell: float, down: float, right: float) -> None:
    people = np.random.default_rng(seed).exponential(50, (10, 12))
    counts = grid(people, 0.1)
    # a wanted grid that holds all of it, shifted by any part of a cell
    y = 1.0 + down * cell - (np.arange(int(2 / cell) + 4) + 0.5) * cell
    x = -right * cell + (np.arange(int(2.4 / cell) + 4) + 0.5) * cell
    found = conserved(counts, y, x, cell)
    assert float(found.sum()) == pytest.approx(people.sum())
    half = len(y) // 2
    parts = [conserved(counts, part, x, cell) for part in (y[:half], y[half:])]
    np.testing.assert_array_equal(np.concatenate([part.values for part in parts]), found.values)


def test_a_cell_is_shared_out_by_what_lies_where() -> None:
    found = conserved(grid(np.array([[80.0]]), 1.0), np.array([0.75, 0.25]), np.array([0.25, 0.75]), 0.5)
    assert found.values.tolist() == [[20, 20], [20, 20]]
    shifted = conserved(grid(np.array([[80.0]]), 1.0), np.array([0.5]), np.array([-0.25, 0.75]), 1.0)
    assert shifted.values.tolist() == [[20, 60]]
    assert overlaps(np.array([0.5]), 1.0, np.array([5.0]), 1.0).tolist() == [[0]]


def test_gaps_are_nobody_and_classes_are_counted() -> None:
    counts = grid(np.array([[np.nan, 5.0], [-1.0, 7.0]]), 0.5)
    found = conserved(counts, counts["y"].values, counts["x"].values, 0.5)
    assert found.values.tolist() == [[0, 5], [0, 7]]
    assert exposed(found.values, np.array([[-1, 0], [-1, -1]]), -1) == 7
    with pytest.raises(IndicatorError, match="size of a cell"):
        conserved(counts.drop_attrs(), counts["y"].values, counts["x"].values, 0.5)
