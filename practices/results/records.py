"""The records of a run that are published, and the result of publishing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class RegionRecord:
    """A region; `countries`: ISO 3166 alpha-3 codes, `geometry`: GeoJSON in WGS84, off by `roughness_km` at most."""

    id: str
    name: str
    countries: tuple[str, ...]
    kind: str
    geometry: dict[str, Any]
    roughness_km: float = 0.0


@dataclass(frozen=True)
class RunRecord:
    """One computation; `digest` names everything that it follows from.

    `origin` is earth-engine, offline-files or simulated; `datasets` says which data in which version; times are UTC,
    with or without a zone; readers see runs whose `state` is finished, and never one that failed. `package_version`
    and `source_digest` say by which code it was computed, `graph_digest` by which Earth Engine
    expressions its cubes were pulled.
    """

    digest: str
    origin: str
    datasets: dict[str, Any]
    package_version: str
    started: datetime
    finished: datetime
    graph_digest: str = ""
    source_digest: str = ""
    state: str = "finished"


def _no_transitions() -> pd.DataFrame:
    return pd.DataFrame(columns=["from_class", "to_class", "area_km2"])


@dataclass(frozen=True)
class AssessmentRecord:
    """One region over one period by one method; `years` are the first and last, both included.

    `areas`: indicator, class, area_km2, valid_km2, total_km2, share (of the land, 0…1, NaN for water and no data), and
    where known corrected_km2, low_km2 and high_km2. `transitions`: from_class, to_class, area_km2. `statistics`: name,
    units, note, and where known value, low, high, p. `recodes`: name, wrongly_shown_as, should_be, justification, who,
    date, pixels, area_km2, before_km2, and prais_term. `report`: table, row, column, units, value of PRAIS 4 tables.
    `patches`: patch, area_km2, lat, lon, verdict, sentence, and where known year, low, high, loss, probability, driver,
    r, r_low, r_high.
    Further columns are left out. The trend is that of annual productivity, in percent of its mean per decade, with its
    p-value.
    """

    region: RegionRecord
    period: str
    years: tuple[int, int]
    method: str
    areas: pd.DataFrame
    transitions: pd.DataFrame = field(default_factory=_no_transitions)
    statistics: pd.DataFrame = field(default_factory=pd.DataFrame)
    recodes: pd.DataFrame = field(default_factory=pd.DataFrame)
    report: pd.DataFrame = field(default_factory=pd.DataFrame)
    patches: pd.DataFrame = field(default_factory=pd.DataFrame)
    trend_percent_decade: float | None = None
    trend_p: float | None = None


@dataclass(frozen=True)
class Published:
    """Whether anything was written, the highest revision among the run's assessments, and the run's row."""

    changed: bool
    revision: int
    run_id: int
