"""Land that is like a patch: the nearest of its class, and none where there is too little."""

from __future__ import annotations

import numpy as np
import pytest

from indicators.causes import similar_land
from indicators.errors import IndicatorError


def test_the_nearest_of_the_class_are_chosen() -> None:
    rng = np.random.default_rng(0)
    pool, classes = rng.normal(size=(500, 3)), rng.integers(1, 4, 500)
    pool[7] = np.nan
    patch = rng.normal(size=3)
    found = similar_land(patch, pool, 2, classes, count=30)
    distance = np.where(classes == 2, np.sqrt(((pool - patch) ** 2).sum(axis=1)), np.inf)
    assert found.tolist() == np.argsort(np.nan_to_num(distance, nan=np.inf), kind="stable")[:30].tolist()


def test_too_little_land_gives_none() -> None:
    pool = np.zeros((30, 2))
    assert not len(similar_land(np.zeros(2), pool, 1, np.r_[np.ones(19), np.zeros(11)].astype(int)))
    assert not len(similar_land(np.array([np.nan, 0]), pool, 1, np.ones(30, int)))
    assert len(similar_land(np.zeros(2), pool, 1, np.ones(30, int))) == 30


def test_other_features_are_refused() -> None:
    with pytest.raises(IndicatorError, match="2 features of the patch, a pool of shape"):
        similar_land(np.zeros(2), np.zeros((30, 3)), 1, np.ones(30, int))
