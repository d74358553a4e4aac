"""Series for the tests of breaks: real ones where they are there, else nothing; and generated ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from checkout import SHARED


def real(name: str) -> Path:
    """A file of the real data beside the checkout; the test is skipped where it is not there."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no real data: {path} is not there")
    return path


def harvest() -> pd.Series:
    """NDVI of a pine plantation, 16 days, 2000-2008 (R package bfast; Verbesselt et al. 2010)."""
    table = pd.read_csv(real("series/harvest.csv"))
    return pd.Series(table["ndvi"].to_numpy(), index=table["time"].to_numpy())


def seasonal(
    n: int = 230, frequency: int = 23, steps: dict[int, float] | None = None, noise: float = 0.02, seed: int = 0
) -> pd.Series:
    """A season of two waves on a level of 0.4, with steps after the places given, and noise."""
    t = 2000 + np.arange(n) / frequency
    y = 0.4 + 0.15 * np.cos(2 * np.pi * t) + 0.04 * np.sin(4 * np.pi * t)
    for place, size in (steps or {}).items():
        y[place:] += size
    return pd.Series(y + noise * np.random.default_rng(seed).normal(size=n), index=t)
