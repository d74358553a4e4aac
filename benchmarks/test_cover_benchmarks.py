"""Confusion of yearly land cover, beside the same algorithm in numpy. Shown by `make bench`, asserted nowhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from indicators.sdg15.cover_in_time import Rates, filtered, rates_of
from indicators.sdg15.cover_in_time.rates import of_product

PIXELS, YEARS = 1_000_000, 24
FILTER = "filter of land cover, a million pixels of 24 years, a tenth of them with spells"
RATES = "rates of a region, 20,000 pixels of 24 years"


def cover(pixels: int) -> xr.DataArray:
    rng = np.random.default_rng(1)
    labels = np.full((YEARS, pixels), 2, np.int8)
    for pixel in rng.choice(pixels, pixels // 10, replace=False):
        start = rng.integers(0, YEARS)
        labels[start : start + rng.integers(1, 6), pixel] = rng.choice([3, 6])
    return xr.DataArray(labels, {"year": np.arange(2001, 2001 + YEARS)}, ("year", "pixel"))


@pytest.mark.benchmark(group=FILTER)
def test_filter(benchmark: Any) -> None:
    labels, rates = cover(PIXELS), of_product("igbp")
    filtered(labels[:, :10], rates=rates)  # compiled functions compile once
    benchmark.pedantic(lambda: filtered(labels, rates=rates), rounds=5)


@pytest.mark.benchmark(group=FILTER)
def test_filter_in_numpy(benchmark: Any) -> None:
    labels, rates = cover(PIXELS // 200).values, of_product("igbp")
    benchmark.extra_info["pixels"] = PIXELS // 200
    benchmark.pedantic(lambda: viterbi(labels, rates), rounds=1)


def viterbi(labels: np.ndarray, rates: Rates) -> np.ndarray:
    """The most likely classes, all pixels together: 98 states, of which most pixels need one."""
    start = np.log(np.maximum(rates.start(), 1e-300)).reshape(-1)
    ways = np.full((2, 7, 7, 2, 7, 7), 1e-300)
    for kind in range(2):
        for t in range(7):
            for s in range(7):
                for u in range(7):
                    ways[kind, t, s, kind, u] = rates.change[t, u] * rates.begins[kind, u] * (t != u or s == t)
                if s != t:
                    ways[kind, t, s, kind, t, s] = rates.change[t, t] * (1 - rates.ending[kind])
                    ways[kind, t, s, kind, t, t] = rates.change[t, t] * rates.ending[kind]
    log = np.log(np.maximum(ways, 1e-300)).reshape(98, 98)
    shows = np.log(np.tile(rates.shows, (14, 1)))
    score = start[:, None] + shows[:, labels[0] - 1]
    came = np.empty((len(labels), *score.shape), np.int8)
    for year in range(1, len(labels)):
        new = np.empty_like(score)
        for state in range(98):
            ahead = score + log[:, state, None]
            came[year, state] = ahead.argmax(0)
            new[state] = ahead.max(0)
        score = new + shows[:, labels[year] - 1]
    state = score.argmax(0)
    found = np.empty(labels.shape, np.int8)
    for year in range(len(labels) - 1, -1, -1):
        found[year] = state % 49 // 7 + 1
        state = came[year, state, np.arange(len(state))] if year else state
    return found


@pytest.mark.benchmark(group=RATES)
def test_rates(benchmark: Any) -> None:
    labels = cover(20_000)
    rates_of(labels[:, :10])
    benchmark.pedantic(lambda: rates_of(labels, "igbp"), rounds=3)
