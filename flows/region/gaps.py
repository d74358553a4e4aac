"""What limits a result, as statistics of an assessment: too small a region, missing data and inputs, unknown codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.region.blocks import to_classes
from flows.region.job import weights
from flows.region.population import statistic
from indicators.area.gaps import added, unlisted
from practices.results.names import is_gap

if TYPE_CHECKING:
    from flows.region.job import Job
    from flows.region.measuring import Work
    from indicators.profiles import Profile
    from indicators.sdg15.periods import Period
    from series.cubes.tiles import Tile

#: Part of a region below which an area without data is not reported: slivers along an outline.
SLIVER_SHARE = 0.002
#: Codes that are named one by one, at most.
SHOWN_CODES = 8
#: Indicators whose area without data is reported, in words, and the input whose absence explains it.
REPORTED = {
    "productivity": "productivity data",
    "land_cover": "land-cover data in both years compared",
    "soil_organic_carbon": "soil-organic-carbon result",
}


def gap_rows(work: Work, profile: Profile, period: Period, areas: pd.DataFrame) -> list[dict[str, Any]]:
    """The statistics of what limits one period; `areas` holds its areas by indicator and class."""
    codes = unlisted_codes(work, profile, period)
    return [
        *small_rows(work.job, areas),
        *no_data_rows(areas, set(work.job.cubes)),
        *missing_rows(work.job, areas),
        *code_rows(codes, areas),
    ]


def small_rows(job: Job, areas: pd.DataFrame) -> list[dict[str, Any]]:
    """Whether the region is smaller than one cell: its values are then those of the land around it."""
    area, cell = float(areas["total_km2"].max()), float(job.area.max())
    if not 0 < area < cell:
        return []
    note = (
        f"the {area:.3g} km² of the region are less than one cell of {cell:.3g} km²; the values are those of the cells "
        f"that it lies in, mostly of land outside it"
    )
    return [statistic("smaller_than_cell", cell, units="km2", note=note)]


def no_data_rows(areas: pd.DataFrame, inputs: set[str]) -> list[dict[str, Any]]:
    """Area without data of the indicators whose inputs are available."""
    needed = {
        "productivity": set(),
        "land_cover": {"land_cover"},
        "soil_organic_carbon": {"land_cover", "climate_zone"},
    }
    rows = []
    for indicator, what in REPORTED.items():
        own = areas[(areas["indicator"] == indicator) & (areas["class"] == "no data")]
        if own.empty or not needed[indicator] <= inputs:
            continue
        missing, total = float(own["area_km2"].iloc[0]), float(own["total_km2"].iloc[0])
        if total > 0 and missing > SLIVER_SHARE * total:
            note = f"{amount(missing)} of {amount(total)} km² ({100 * missing / total:.1f} %) have no {what}"
            rows.append(statistic(f"no_data_{indicator}", missing, units="km2", note=note))
    return rows


def missing_rows(job: Job, areas: pd.DataFrame) -> list[dict[str, Any]]:
    """The inputs that are missing, and what each makes undetermined."""
    sdg = areas[(areas["indicator"] == "sdg") & (areas["class"] == "undetermined")]["area_km2"]
    undetermined = f"{amount(float(sdg.sum()))} km² are undetermined"
    if "land_cover" not in job.cubes:
        note = (
            "no land-cover data for this region: the land-cover and soil-organic-carbon sub-indicators cannot be "
            f"determined, nor the indicator where productivity is not degraded; {undetermined}"
        )
        return [statistic("missing_land_cover", None, note=note)]
    if "climate_zone" not in job.cubes:
        note = (
            "no climate-zone data for this region: the soil-organic-carbon sub-indicator cannot be determined, nor the "
            f"indicator where neither productivity nor land cover is degraded; {undetermined}"
        )
        return [statistic("missing_climate_zone", None, note=note)]
    return []


def unlisted_codes(work: Work, profile: Profile, period: Period) -> dict[int, float]:
    """Area by land-cover code that the legend does not list, in the years that the period compares."""
    if "land_cover" not in work.job.cubes:
        return {}
    years = sorted({*period.cover_window(profile.windows[0]), *period.soil_carbon})
    return added([_unlisted_in(work.job, tile, years) for tile in work.inside])


def _unlisted_in(job: Job, tile: Tile, years: list[int]) -> dict[int, float]:
    here = job.grid.window(tile)
    maps = job.cubes["land_cover"].near(here["y"].values, here["x"].values)
    there = maps.sel(year=[year for year in years if year in maps["year"].values])
    return unlisted(there, to_classes(there, job.legend), weights(job, tile))


def code_rows(codes: dict[int, float], areas: pd.DataFrame) -> list[dict[str, Any]]:
    """The codes without a class, with their areas."""
    if not codes:
        return []
    total = float(areas["total_km2"].max())
    shown = ", ".join(f"{code} ({amount(area)} km²)" for code, area in list(codes.items())[:SHOWN_CODES])
    more = f" and {len(codes) - SHOWN_CODES} more" if len(codes) > SHOWN_CODES else ""
    note = (
        f"land-cover codes that the legend does not list, in {amount(total)} km²: {shown}{more}; they count as no "
        f"data. Add them to the legend (--legend FILE with code,class)"
    )
    return [statistic("unlisted_land_cover", sum(codes.values()), units="km2", note=note)]


def amount(km2: float) -> str:
    """An area in words: decimals for small ones."""
    return f"{km2:,.0f}" if km2 >= 100 else f"{km2:,.1f}" if km2 >= 1 else f"{km2:,.3f}"


def sentences(statistics: pd.DataFrame, period: str) -> list[str]:
    """What limits a period, as sentences."""
    own = statistics[(statistics["period"] == period) & statistics["name"].map(is_gap)]
    return [f"{note[0].upper()}{note[1:]}." for note in own["note"]]
