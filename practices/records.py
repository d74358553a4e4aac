"""What a run hands over to be published."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class RegionRecord:
    """A region; `geometry` is GeoJSON."""

    id: str
    name: str
    countries: tuple[str, ...]
    kind: str
    geometry: dict[str, Any]


@dataclass(frozen=True)
class RunRecord:
    """One computation; `digest` names everything that it follows from."""

    digest: str
    origin: str
    datasets: dict[str, Any]
    package_version: str
    started: datetime
    finished: datetime


@dataclass(frozen=True)
class AssessmentRecord:
    """One region, period and method; `areas` has indicator, class, area_km2, valid_km2, total_km2, share."""

    region: RegionRecord
    period: str
    years: tuple[int, int]
    method: str
    areas: pd.DataFrame
    transitions: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["from_class", "to_class", "area_km2"])
    )
    trend_percent_decade: float | None = None
    trend_p: float | None = None


@dataclass(frozen=True)
class Published:
    """Whether anything was written, and the highest revision of the run's assessments."""

    changed: bool
    revision: int
