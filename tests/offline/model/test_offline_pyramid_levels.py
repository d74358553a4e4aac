"""How a level of a pyramid is made from the one below it, and which level a request reads."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from offline.model.assets import Policy
from offline.model.pyramids import coarseness, coarser, level_of, raised, shape_at

POLICIES: tuple[Policy, ...] = get_args(Policy)
#: Four blocks of 2 × 2, and which of their pixels are valid.
VALUES = np.array([[1, 2, 5, 5], [3, 6, 7, 9], [4, 4, 8, 2], [0, 4, 2, 8]], np.int16)
VALID = np.array([[1, 1, 0, 1], [1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 0, 0]], bool)


@pytest.mark.parametrize(
    ("policy", "values", "masks"),
    [
        ("MEAN", [[3, 7], [4, 0]], [[1, 0.75], [0.75, 0]]),
        ("MODE", [[1, 5], [4, 0]], [[1, 0.75], [0.75, 0]]),
        ("MIN", [[1, 5], [4, 0]], [[1, 0.75], [0.75, 0]]),
        ("MAX", [[6, 9], [4, 0]], [[1, 0.75], [0.75, 0]]),
        ("SAMPLE", [[1, 5], [4, 8]], [[1, 0], [1, 0]]),
    ],
)
def test_a_level_by_hand(policy: Policy, values: list[list[int]], masks: list[list[float]]) -> None:
    """Masked pixels do not count; the mask is the mean of the four, but for SAMPLE, which is the upper left pixel."""
    found, shares = raised(VALUES, VALID, 1, policy)
    np.testing.assert_array_equal(found, values)
    np.testing.assert_array_equal(shares, masks)


def test_two_levels_weigh_by_the_masks_below() -> None:
    """The mean is that of all valid native pixels; the mode is that of the four below, by their masks."""
    mean, share = raised(VALUES, VALID, 2, "MEAN")
    assert mean[0, 0] == pytest.approx(VALUES[VALID].mean())
    assert share[0, 0] == VALID.mean()
    # 1 by 1, 5 by 0.75, 4 by 0.75 and nothing
    assert raised(VALUES, VALID, 2, "MODE")[0][0, 0] == 1
    assert raised(VALUES, VALID, 2, "MAX")[0][0, 0] == 9


@given(
    stored=st.lists(st.integers(-9, 9), min_size=64, max_size=64),
    valid=st.lists(st.booleans(), min_size=64, max_size=64),
    policy=st.sampled_from(POLICIES),
    first=st.integers(0, 3),
)
def test_levels_are_made_one_from_the_other(stored: list[int], valid: list[bool], policy: Policy, first: int) -> None:
    values, mask = np.array(stored, np.int16).reshape(8, 8), np.array(valid).reshape(8, 8)
    whole, share = raised(values, mask, 3, policy)
    again, again_share = raised(*raised(values, mask, first, policy), 3 - first, policy)
    np.testing.assert_allclose(again, whole)
    np.testing.assert_allclose(again_share, share)
    if policy != "MEAN":
        assert whole.dtype == values.dtype
    if mask.any() and policy in ("MIN", "MAX"):
        assert whole[0, 0] == (values[mask].min() if policy == "MIN" else values[mask].max())


@pytest.mark.parametrize(
    ("ratio", "level"), [(0.3, 0), (1, 0), (1.99, 0), (2, 1), (2 - 1e-9, 1), (3.99, 1), (4, 2), (24.03, 4), (1000, 9)]
)
def test_the_level_whose_cells_are_not_wider_is_read(ratio: float, level: int) -> None:
    assert level_of(ratio) == level


@pytest.mark.parametrize(
    ("crs", "cell", "expected"),
    [
        ("EPSG:4326", 0.003, 1.5),
        ("EPSG:32647", 0.003 * 111_319.49079327358, 1.5),
        ("EPSG:3857", 0.001 * 111_319.49079327358, 0.5),
        ("EPSG:2229", 0.002 * 111_319.49079327358 / 0.3048006096012192, 1.0),
    ],
)
def test_the_choice_follows_from_nominal_sizes_alone(crs: str, cell: float, expected: float) -> None:
    """A degree is 111,319.49 m (WGS84's equator over 360), a US survey foot 1200/3937 m, wherever the grid lies."""
    for west in (0, 5):
        grid = GeoBox((3, 3), Affine(cell, 0, west, 0, -cell, 40), crs)
        assert coarseness("EPSG:4326", Affine(0.002, 0, 0, 0, -0.002, 47.5), grid) == pytest.approx(expected, rel=1e-9)


def test_cells_of_the_product_over_modis() -> None:
    """1/240 and 1/120 of a degree are just larger than two and four pixels of 231.66 m; 0.05 degrees are 24 of them."""
    modis = Affine(231.65635826395825, 0, -20015109.354, 0, -231.65635826395834, 10007554.677003)
    cells = {1 / 480: 0, 1 / 240: 1, 1 / 120: 2, 0.05: 4}
    for cell, level in cells.items():
        grid = GeoBox((3, 3), Affine(cell, 0, 110, 0, -cell, 45), "EPSG:4326")
        assert level_of(coarseness("SR-ORG:6974", modis, grid)) == level


def test_a_level_keeps_the_corner_and_counts_blocks_over_the_edge() -> None:
    assert coarser(Affine(2, 0, 10, 0, -2, 50), 3) == Affine(16, 0, 10, 0, -16, 50)
    assert shape_at((5, 8), 1) == (3, 4)
    assert shape_at((5, 8), 3) == (1, 1)
