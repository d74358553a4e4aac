"""Patches of a map: what hangs together, in which order, and which are too small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.features import rasterize, shapes
from shapely.geometry import shape

from indicators.causes import connected_patches
from indicators.errors import IndicatorError


@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))), st.integers(1, 6))
def test_patches_are_those_of_another_implementation(land: np.ndarray, least: int) -> None:
    found = connected_patches(land, least)
    outlines = [shape(each) for each, value in shapes(land.astype(np.uint8), connectivity=8) if value]
    kept_outlines = [each for each in outlines if each.area >= least]
    numbered = [(each, number) for number, each in enumerate(kept_outlines, start=1)]
    theirs = rasterize(numbered, land.shape, dtype="int32") if numbered else np.zeros(land.shape, int)
    kept = theirs > 0
    assert ((found > 0) == kept).all()
    pairs = set(zip(found[kept].tolist(), theirs[kept].tolist(), strict=True))
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    own = np.bincount(found.ravel())[1:]
    assert (np.diff(own) <= 0).all()  # the largest first


def test_corners_touch_and_the_more_northern_of_equal_patches_comes_first() -> None:
    land = np.zeros((5, 7), bool)
    land[0, 0] = land[1, 1] = True
    land[3:5, 5] = True
    assert connected_patches(land, least=2).tolist()[0][0] == 1
    assert connected_patches(land, least=2).tolist()[3][5] == 2
    assert connected_patches(np.zeros((0, 3), bool)).shape == (0, 3)


@pytest.mark.parametrize(("land", "least"), [(np.zeros(4, bool), 2), (np.zeros((2, 2), bool), 0)])
def test_what_is_no_map_is_refused(land: np.ndarray, least: int) -> None:
    with pytest.raises(IndicatorError, match="connected_patches: a map of"):
        connected_patches(land, least)
