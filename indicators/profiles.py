"""Profiles: named, frozen sets of choices. A result always records the profile it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from indicators.errors import IndicatorError


@dataclass(frozen=True)
class Profile:
    """The choices that make one method.

    `annual`: how the year's value is made. `trend`: `ols-te` (least-squares sign, Trends.Earth's Mann–Kendall
    table) or `theil-sen` (with the exact or tie-corrected test, and the false discovery rate `fdr` over a region).
    `slope_band`: absolute slope per year under which nothing changes; `change_band`: the same for the total
    change as a share of the mean; `noise_floor`: absolute total change lost in the sensor's noise. The absolute
    bands are in NDVI and apply to NDVI alone. `state_band`, `state_share`: absolute and relative dead-band of
    state. `detectability`: mean NDVI under which nothing can be told.
    """

    name: str
    annual: Literal["season_mean", "calendar_mean"]
    trend: Literal["ols-te", "theil-sen"]
    minimum_years: int
    slope_band: float
    change_band: float
    noise_floor: float
    fdr: float | None
    state_band: float
    state_share: float
    detectability: float
    lpd_table: str = "trends-earth"
    matrix: str = "prais"


PROFILES = {
    "ne-asia": Profile(
        name="ne-asia",
        annual="season_mean",
        trend="theil-sen",
        minimum_years=8,
        slope_band=0.0,
        change_band=0.05,
        noise_floor=0.01,
        fdr=0.10,
        state_band=0.005,
        state_share=0.05,
        detectability=0.10,
    ),
    "trends-earth": Profile(
        name="trends-earth",
        annual="calendar_mean",
        trend="ols-te",
        minimum_years=4,
        slope_band=0.001,
        change_band=0.0,
        noise_floor=0.0,
        fdr=None,
        state_band=0.01,
        state_share=0.0,
        detectability=0.0,
    ),
}


def get(profile: str | Profile) -> Profile:
    """The profile of that name. Raises IndicatorError naming those that there are."""
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise IndicatorError(f"profile {profile!r} is unknown; use one of {', '.join(PROFILES)}")
    return PROFILES[profile]
