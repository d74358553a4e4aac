"""Trends of dust, albedo and herds: as planted, of the series that a region has, and none of short ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows.region.links.trends import link_trends


def series(name: str, values: np.ndarray, units: str) -> pd.DataFrame:
    months = [f"{2001 + number}-01-01" for number in range(len(values))]
    return pd.DataFrame({"region": "r", "variable": name, "month": months, "value": values, "units": units})


def test_each_series_has_its_slope_a_decade_and_short_or_other_ones_have_none() -> None:
    rng = np.random.default_rng(1)
    years = np.arange(24)
    table = pd.concat(
        [
            series("dust_days_annual", 10 + 0.7 * years + rng.normal(0, 0.5, 24), "days"),
            series("albedo_annual", 0.2 + rng.normal(0, 0.01, 24), "1"),
            series("herd_sheep_units_annual", 1000.0 + years[:7], "sheep units"),
            series("productivity_annual", years * 1.0, "1"),
        ]
    )
    found = link_trends(table.sample(frac=1, random_state=0), "2001-2024").set_index("name")
    assert list(found.index) == ["trend_dust_days", "trend_albedo"]
    assert found.loc["trend_dust_days", "value"] == pytest.approx(7, abs=0.5)
    assert found.loc["trend_dust_days", "p"] < 0.001
    assert found.loc["trend_albedo", "p"] > 0.05
    assert found["units"].tolist() == ["days decade-1", "decade-1"]
    assert set(found["period"]) == {"2001-2024"}
    assert "from 2001 to 2024 (24 years)" in found.loc["trend_dust_days", "note"]
    assert link_trends(table.iloc[:0], "2001-2024").empty
