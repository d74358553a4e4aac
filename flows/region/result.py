"""The result of one region by one profile, as its summary file has it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.region.files.period_results import PeriodResult
from practices.report.headline import ACCORD, Headline, headline
from practices.results.names import HEADLINE
from regions.naming import titled

#: Marks a result folder as complete; written last.
SUMMARY = "summary.json"
#: Layers of an assessment that exist for each period; those that it has are written.
LAYERS = (
    "sdg", "productivity", "lpd", "trajectory", "trajectory_plain", "trajectory_adjusted", "state", "performance",
    "land_cover", "land_cover_other_window", "soil_organic_carbon", "slope", "p", "partial", "reason", "status",
    "agreement", "loss_probability", "gain_probability", "change", "change_low", "change_high", "change_probability",
    "change_evidence", "step_probability", "step_year", "step_size", "onset_year", "onset_low", "onset_high",
)  # fmt: skip


@dataclass(frozen=True)
class RegionBreak:
    """First year after a break of the region's annual series, its interval (years), and the drought at that time."""

    year: int
    low: int
    high: int
    drought: str | None = None


@dataclass(frozen=True)
class RegionResult:
    """The result of one region by one profile, and its folder.

    `profile` is `agreement` if several profiles are compared; the classes then count profiles. `performance`: number of
    units of performance, and how many were too small; `certainty`: the statistics of the whole record by name, None if
    unknown; `climate`: which sums of rain the adjusted trajectory removes, empty for the rain of the season; `periods`:
    results of each period, the whole record first; `left_out`: what the source refused, why, and what is undetermined
    without it; `gaps`: missing data, inputs and codes of a legend.
    `searched`: the series that was searched for breaks, empty if it has too few years; `breaks_are`: what the break
    years are, of which series, by which method; `quantity`: what productivity measures; `sensors`: which sensor the
    years of a joined record are from, empty for one sensor; `own_series`: which series are from the user's own table.
    `started` and `finished`: when it was computed, UTC; `package_version` and `source_digest`: by which code. `name` is
    the region's.
    """

    region: str
    period: str
    profile: str
    origin: str
    digest: str
    folder: Path
    started: datetime
    finished: datetime
    area_km2: dict[str, float]
    share: dict[str, float]
    trend_percent_decade: float | None
    trend_p: float | None
    breaks: tuple[RegionBreak, ...]
    performance: dict[str, Any] = field(default_factory=dict)
    certainty: dict[str, float | None] = field(default_factory=dict)
    climate: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    package_version: str = ""
    source_digest: str = ""
    name: str = ""
    searched: str = ""
    breaks_are: str = ""
    quantity: str = "ndvi"
    sensors: str = ""
    own_series: list[str] = field(default_factory=list)
    periods: tuple[PeriodResult, ...] = ()

    @property
    def title(self) -> str:
        """The region for people: its name and id, or the id alone if it shows the name."""
        return titled(self.region, self.name)

    @property
    def headline(self) -> Headline:
        """The headline of the whole record."""
        if self.periods:
            return self.periods[0].headline
        accord = (None, self.certainty.get("accord_low"), self.certainty.get("accord_high"))
        return headline({HEADLINE: self.area_km2}, {ACCORD: accord})

    @classmethod
    def read(cls, folder: Path) -> RegionResult:
        """Read the result in `folder`."""
        stored: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        known = {each.name for each in fields(cls)}
        breaks = tuple(RegionBreak(**each) for each in stored.pop("breaks"))
        periods = tuple(PeriodResult.of(each) for each in stored.pop("periods", ()))
        times: dict[str, Any] = {name: datetime.fromisoformat(stored.pop(name)) for name in ("started", "finished")}
        plain = {name: value for name, value in stored.items() if name in known}
        return cls(**plain, **times, breaks=breaks, periods=periods, folder=folder)
