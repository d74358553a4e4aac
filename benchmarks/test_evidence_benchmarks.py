"""How fast the evidence for practices is, each step beside a peer in the same run. Asserted nowhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.spatial.distance import cdist

from practices.evidence.difference_in_differences import Sample, did
from practices.evidence.matching import ControlPool

YEARS, CELLS = 16, 120
AFTER = np.arange(YEARS) >= 10


def timed(benchmark: Any, work: Callable[[], Any]) -> None:
    work()
    benchmark.pedantic(work, rounds=5)


@cache
def sample() -> Sample:
    """24 treated and 96 control cells over 16 years in twelve blocks."""
    rng = np.random.default_rng(1)
    series = rng.normal(0.3, 0.05, CELLS) + rng.normal(0, 0.02, (YEARS, CELLS))
    return Sample(series, rng.uniform(0.2, 2, CELLS), np.arange(CELLS) < 24, np.arange(CELLS) // 10)


@pytest.mark.benchmark(group="difference-in-differences, 120 cells of 16 years, errors clustered")
def test_did(benchmark: Any) -> None:
    timed(benchmark, lambda: did(Sample(**vars_of(sample())), AFTER))


@pytest.mark.benchmark(group="difference-in-differences, 120 cells of 16 years, errors clustered")
def test_did_peer_statsmodels(benchmark: Any) -> None:
    """Weighted least squares with a dummy for every cell and year: the same coefficient and error."""
    data = sample()
    year, cell = (each.ravel() for each in np.indices((YEARS, CELLS)))
    dummies = np.hstack([np.eye(CELLS)[cell], np.eye(YEARS)[year][:, 1:]])
    design = np.column_stack([dummies, AFTER[year] & data.treated[cell]])

    def work() -> Any:
        model = sm.WLS(data.outcome.ravel(), design, weights=data.weights[cell])
        return model.fit(cov_type="cluster", cov_kwds={"groups": data.blocks[cell]}).bse[-1]

    timed(benchmark, work)


def vars_of(data: Sample) -> dict[str, Any]:
    """The fields of a sample without what was worked out from them."""
    return {name: getattr(data, name) for name in ("outcome", "weights", "treated", "blocks")}


@cache
def land() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """20,000 cells in six coordinates and four strata, 500 of which look for controls."""
    rng = np.random.default_rng(2)
    return rng.normal(size=(20_000, 6)), rng.integers(0, 4, 20_000), rng.random(20_000) < 0.9, np.arange(500)


@pytest.mark.benchmark(group="64 nearest controls of 500 cells among 20,000 in four strata")
def test_matching(benchmark: Any) -> None:
    points, strata, pool, cells = land()
    timed(benchmark, lambda: ControlPool.of(points, strata, pool).nearest(cells, caliper=2.0))


@pytest.mark.benchmark(group="64 nearest controls of 500 cells among 20,000 in four strata")
def test_matching_peer_scipy_distances(benchmark: Any) -> None:
    """Every distance, sorted: what a matching by distance matrix does."""
    points, strata, pool, cells = land()

    def work() -> Any:
        found = []
        for stratum in range(4):
            members = np.flatnonzero(pool & (strata == stratum))
            away = cdist(points[cells[strata[cells] == stratum]], points[members])
            found.append(members[np.argsort(away, axis=1)[:, :64]])
        return found

    timed(benchmark, work)
