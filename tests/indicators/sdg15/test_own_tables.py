"""Own legends and matrices; counts of p-values; areas added up block by block."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indicators.area.areas import class_table
from indicators.area.tally import class_rows, class_sums, transition_sums
from indicators.chance.false_discovery import counted, largest_discovery, together
from indicators.codes import MEANINGS, NODATA, UNCCD
from indicators.errors import IndicatorError
from indicators.sdg15.land_cover import MATRICES
from indicators.sdg15.legends import legend, matrix, translated
from indicators.trends.theil_sen import false_discovery_rate


@settings(max_examples=50, deadline=None)
@given(
    arrays(float, st.integers(1, 60), elements=st.sampled_from([np.nan, 0.001, 0.004, 0.01, 0.02, 0.03, 0.2, 0.9])),
    st.sampled_from([0.05, 0.1, 0.2]),
    st.integers(1, 7),
)
def test_counted_discoveries_are_those_of_the_sorted_list(p: np.ndarray, q: float, parts: int) -> None:
    found = together(counted(part) for part in np.array_split(p, parts))
    np.testing.assert_array_equal(np.nan_to_num(p, nan=2) <= largest_discovery(found, q), false_discovery_rate(p, q))


def test_p_values_outside_the_region_do_not_count() -> None:
    p, inside = np.array([0.001, 0.5, 0.5, 0.5]), np.array([True, False, False, False])
    assert largest_discovery(counted(p), 0.1) == 0.001
    assert largest_discovery(counted(p, inside), 0.001) == 0.001
    assert largest_discovery(counted(p, ~inside), 0.1) == -1


@settings(max_examples=25, deadline=None)
@given(arrays(np.int8, (6, 5), elements=st.sampled_from([*MEANINGS, NODATA])), st.integers(1, 5))
def test_areas_of_blocks_add_up_to_the_class_table(codes: np.ndarray, rows: int) -> None:
    share = np.linspace(0, 1, 30).reshape(6, 5).astype(np.float32)
    area = np.linspace(0.7, 0.9, 6)
    weight = share.astype(float) * area[:, None]
    sums = sum(class_sums(codes[r : r + rows], weight[r : r + rows]) for r in range(0, 6, rows))
    coords = {"y": np.arange(6.0), "x": np.arange(5.0)}
    grid = xr.DataArray(codes, coords=coords, dims=("y", "x"))
    expected = class_table(
        grid, xr.DataArray(area, coords={"y": coords["y"]}, dims="y"), {"here": grid.copy(data=share)}
    )
    found = class_rows(np.asarray(sums), "here", MEANINGS)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


def test_a_code_without_a_meaning_is_refused() -> None:
    with pytest.raises(IndicatorError, match=r"\[7\] have no meaning"):
        class_rows(class_sums(np.array([7], np.int8), np.ones(1)), "here", MEANINGS)


def test_transitions_close_to_the_whole() -> None:
    first, last = np.array([2, 2, 3, NODATA], np.int8), np.array([3, 2, 9, 2], np.int8)
    sums = transition_sums(first, last, np.array([1.0, 2, 4, 8]))
    assert (sums[2, 3], sums[2, 2], sums[3, 0], sums[0, 2], sums.sum()) == (1, 2, 4, 8, 15)


def test_an_own_legend_by_number_and_by_name() -> None:
    own = legend(pd.DataFrame({"code": [311, 12, -5], "class": ["Tree-covered", 3, "7"]}))
    assert own == {311: 1, 12: 3, -5: 7}
    classes = xr.DataArray([311.0, 12.0, -5.0, 13.0, np.nan], dims="x")
    assert translated(classes, own).values.tolist() == [1, 3, 7, NODATA, NODATA]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"code": [1], "klass": [1]}, "no column class"),
        ({"code": [1, 2], "class": [1, 8]}, "line 3: class 8"),
        ({"code": [1, 2], "class": [1, "steppe"]}, "grassland"),
        ({"code": ["a"], "class": [1]}, "'a' is not an integer"),
        ({"code": [1.5], "class": [1]}, "line 2: code 1.5 is not an integer"),
        ({"code": [1, np.inf], "class": [1, 2]}, "line 3: code inf is not an integer"),
        ({"code": [1, np.nan], "class": [1, 2]}, "line 3: code nan is not an integer"),
        ({"code": [1, 1], "class": [1, 2]}, "comes twice"),
        ({"code": [], "class": []}, "the table has no code"),
    ],
)
def test_a_bad_legend_says_where(table: dict[str, list[object]], words: str) -> None:
    with pytest.raises(IndicatorError, match=words) as found:
        legend(pd.DataFrame(table), "own.csv")
    assert "own.csv" in str(found.value)


def test_an_own_matrix_with_and_without_names() -> None:
    numbers = pd.DataFrame(MATRICES["prais"])
    assert matrix(numbers) == MATRICES["prais"]
    names = list(UNCCD.values())
    named = pd.DataFrame([["", *names], *[[name, *row] for name, row in zip(names, MATRICES["prais"], strict=True)]])
    assert matrix(named) == MATRICES["prais"]
    with pytest.raises(IndicatorError, match="rows are"):
        matrix(named.iloc[[0, 2, 1, 3, 4, 5, 6, 7]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.iloc[:6], "6 rows of 7"),
        (lambda m: m.replace(1, 2), "grassland to tree-covered is 2"),
        (lambda m: m.astype(object).where(m != 1, "+"), "grassland to tree-covered is [+];"),
    ],
)
def test_a_bad_matrix_says_where(change: object, words: str) -> None:
    with pytest.raises(IndicatorError, match=words):
        matrix(change(pd.DataFrame(MATRICES["prais"])))  # type: ignore[operator]
