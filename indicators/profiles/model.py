"""A profile: a frozen set of choices, which every result records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Trajectory:
    """How a trend is found and when it counts.

    `slope`: the slope whose sign the trend has. `test`: `mann-kendall` (exact or tie-corrected p at 10, 5, 1 %),
    `critical-s` (Trends.Earth's list of critical values), `kendall-z` (tau times its null deviation, at 1.28 and 1.96;
    the sign is that of tau, not of the slope), `steadiness` (critical S at 95 %, for FAO-WOCAT). `fdr`: false discovery
    rate over the pixels of a region, None without.

    Too small to count: `slope_band`, slope a year; `change_band`, total change as a share of the mean; `noise_floor`,
    total change. Below `detectability` (mean) no trend can be determined. All but `change_band` are in NDVI and apply
    to NDVI alone. Fewer than `minimum_years` valid years are no data.

    `rain`: what the second trajectory, adjusted for climate, removes: the rain of the `season`, or the `best-sum` of
    months of each climate cell and the temperature of the season where its partial p is below 0.05. Without monthly
    rain, `best-sum` uses the rain of the season.
    """

    slope: Literal["theil-sen", "least-squares"]
    test: Literal["mann-kendall", "critical-s", "kendall-z", "steadiness"]
    minimum_years: int = 4
    fdr: float | None = None
    slope_band: float = 0.0
    change_band: float = 0.0
    noise_floor: float = 0.0
    detectability: float = 0.0
    rain: Literal["season", "best-sum"] = "season"


@dataclass(frozen=True)
class State:
    """How recent years are compared with those before.

    `percentile-classes`: deciles of the baseline with two pseudo-values; two classes count. `z-score`: the recent mean
    against mean and deviation of the baseline, at 1.96. `first-last`: deciles of the whole window, first against last
    three years. Differences up to `band` (NDVI, for NDVI alone) or `share` of the baseline's mean do not count.
    """

    method: Literal["percentile-classes", "z-score", "first-last"]
    band: float = 0.0
    share: float = 0.0


@dataclass(frozen=True)
class Performance:
    """When a pixel is below the others of its unit: at most `threshold` of the 90th percentile of the unit.

    Units are soil taxonomy × land cover. A unit with fewer than `smallest_unit` reference pixels is replaced by
    the land cover alone, then by the whole reference area. A percentile of zero counts as `least`.
    """

    threshold: float = 0.5
    smallest_unit: int = 100
    least: float | None = None


@dataclass(frozen=True)
class Biomass:
    """FAO-WOCAT: initial biomass is low up to `low`, high above `high`; where the largest composite of all years is
    `desert` or less, land counts as stable. All in NDVI, and for NDVI alone: of another quantity all biomass is
    medium, and nothing is desert."""

    low: float
    high: float
    desert: float


@dataclass(frozen=True)
class Profile:
    """The choices that make one method.

    `annual`: how the annual value is computed. `table`: from which table the classes of productivity come
    (`indicators.sdg15.lpd`, `indicators.sdg15.wocat`). `performance` is None where the method has none; only
    FAO-WOCAT has `biomass`. `matrix`: land-cover transitions that degrade, by name or as seven rows of seven.
    `windows`: land-cover windows of the reporting periods: the first decides, others are published as well
    (`indicators.sdg15.periods`). `productivity`: what decides the sub-indicator: the `table` of the three metrics, or
    the `posterior` probability of a lasting change (`indicators.change`); the metrics are computed as well.
    `cover_filter`: whether confusion is taken out of yearly land cover before transitions and soil carbon
    (`indicators.sdg15.cover_in_time`).
    """

    name: str
    annual: Literal["season_mean", "calendar_mean"]
    trajectory: Trajectory
    state: State
    performance: Performance | None
    table: Literal["trends-earth", "sepal-gpg1", "sepal-gpg2", "fao-wocat"]
    biomass: Biomass | None = None
    matrix: str | tuple[tuple[int, ...], ...] = "prais"
    windows: tuple[Literal["prais", "trends-earth"], ...] = ("prais",)
    productivity: Literal["metrics", "posterior"] = "metrics"
    cover_filter: Literal["none", "hidden-markov"] = "none"
