"""What is true of every cell of a region in every period, by the windows of a profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from flows.region.landscape.cubes import Place
from indicators.sdg15.one_out_all_out import combined, status
from indicators.sdg15.periods import is_baseline
from offline.landscape import truth
from regions.grid import geobox

if TYPE_CHECKING:
    import xarray as xr

    from indicators.profiles import Profile
    from indicators.sdg15.periods import Period, Years

Classes = np.ndarray
Known = Callable[["Years"], "xr.Dataset"]
#: A region has a loss in common where more than this share of productivity was lost, anywhere on its land.
COMMON_LOSS = 0.02
#: A region is calm where productivity or land cover of at most this share of its land changed.
CALM = 0.01


@dataclass(frozen=True)
class TruePeriod:
    """True classes (y, x) of a period by name of the layer, and the planted change of productivity and soil carbon."""

    classes: dict[str, Classes]
    change: np.ndarray
    carbon_change: np.ndarray


def known_of(place: Place, cell: float) -> Known:
    """The truth between two years on the grid of cells of `cell` degrees; each computed once."""
    grid = geobox(place.region, cell)

    @cache
    def known(years: Years) -> xr.Dataset:
        return truth(grid, years, seed=place.seed, world=place.world)

    return known


def true_periods(known: Known, periods: Sequence[Period], profile: Profile) -> list[TruePeriod]:
    """The truth of each period, each sub-indicator between the first and the last year of its own window.

    SDG 15.3.1 is one out, all out; the status compares a reporting period with the baseline, as on the map.
    """
    found = [true_period(known, period, profile) for period in periods]
    base = next((each for each, period in zip(found, periods, strict=True) if is_baseline(period.name)), None)
    if base is not None:
        for each, period in zip(found, periods, strict=True):
            if period.reporting:
                each.classes["status"] = status(base.classes["sdg"], each.classes["sdg"])
    return found


def true_period(known: Known, period: Period, profile: Profile) -> TruePeriod:
    """The truth of a period without its status."""
    whole = known(period.trajectory)
    carbon = known(period.soil_carbon)
    classes = {
        "productivity": whole["productivity"].values,
        "land_cover": known(period.cover_window(profile.windows[0]))["land_cover"].values,
        "soil_organic_carbon": carbon["soil_carbon"].values,
    }
    classes["sdg"] = combined(*classes.values())[0]
    return TruePeriod(classes, whole["change"].values, carbon["carbon_change"].values)


def facts(whole: xr.Dataset, km2: np.ndarray) -> dict[str, float | bool]:
    """What is planted in a region over the whole record: shares of its land (`km2` by cell), and what kind it is."""
    land = km2 > 0
    total = km2.sum()

    def part(mask: np.ndarray) -> float:
        return float(km2[mask].sum() / total) if total > 0 else 0.0

    productivity, cover = whole["productivity"].values, whole["land_cover"].values
    return {
        "land_km2": float(total),
        "lost": part(productivity < 0),
        "gained": part(productivity > 0),
        "degraded": part(whole["degraded"].values),
        "common_loss": bool((whole["common"].values[land] < -COMMON_LOSS).any()),
        "calm": part((productivity != 0) | (cover != 0)) <= CALM,
    }
