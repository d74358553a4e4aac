"""A small run to publish, and variations of it."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from practices.results.records import AssessmentRecord, RegionRecord, RunRecord

SQUARE = {"type": "Polygon", "coordinates": [[[115, 42], [116, 42], [116, 43], [115, 43], [115, 42]]]}
REGION = RegionRecord("otindag", "Otindag", ("CHN",), "sandy steppe", SQUARE)
RUN = RunRecord(
    "d1",
    "simulated",
    {"productivity": {"key": "mod13q1-ndvi", "asset": "MODIS/061/MOD13Q1", "cube": "productivity-1.zarr"}},
    "0.1.0",
    datetime(2026, 1, 1),
    datetime(2026, 1, 1),
)
OBSERVATIONS = pd.DataFrame(
    [{"region": "otindag", "variable": "rain", "month": pd.Timestamp(2001, 1, 1), "value": 2.5, "units": "mm"}]
)
BREAKS = pd.DataFrame(
    [{"region": "otindag", "variable": "productivity", "year": 2010, "low": 2008, "high": 2012, "magnitude": -0.1}]
)


def assessment(degraded: float = 10.0, region: RegionRecord = REGION) -> AssessmentRecord:
    """100 km² of which some are degraded."""
    rows = [("sdg", "degraded", degraded), ("sdg", "stable", 100 - degraded), ("sdg", "no data", 0.0)]
    table = pd.DataFrame(rows, columns=["indicator", "class", "area_km2"])
    table = table.assign(valid_km2=100.0, total_km2=100.0, share=[degraded / 100, 1 - degraded / 100, float("nan")])
    changes = pd.DataFrame([{"from_class": "grassland", "to_class": "cropland", "area_km2": 3.0}])
    return AssessmentRecord(
        region, "2001-2024", (2001, 2024), "ne-asia", table, changes, trend_percent_decade=-2.5, trend_p=0.5
    )
