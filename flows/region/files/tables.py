"""The tables of a result, from sums over the region: areas, transitions, annual series, breaks, the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flows.region.blocks import CARBON, LEVEL, TALLIED, BlockSums
from flows.region.break_words import BREAK_METHOD, REMOVED, H
from flows.region.job import Job
from indicators.area.tally import class_rows, of_land, transition_rows
from indicators.codes import MEANINGS
from indicators.errors import IndicatorError
from indicators.sdg15.findings import AGREED_UNDETERMINED, AGREED_WATER, agreement_meanings
from indicators.sdg15.one_out_all_out import STATUS_MEANINGS
from indicators.sdg15.productivity import adjusted
from indicators.trends.theil_sen import theil_sen_mann_kendall
from indicators.weather.break_context import breaks_with_drought, breaks_with_rain
from practices.results.names import AGREEMENT

if TYPE_CHECKING:
    import xarray as xr

    from flows.region.job import Climate
    from indicators.area.tally import Sums
    from indicators.profiles import Profile
    from indicators.sdg15.findings import Whole


def area_table(job: Job, areas: Mapping[tuple[str, str], Sums]) -> pd.DataFrame:
    """Areas of the classes of every indicator by period; water and no data are rows, so that every table closes.

    Shares are of the land (all but water and no data), as everywhere in summaries.
    """
    reporting = {period.name for period in job.periods if period.reporting}
    tables = []
    for indicator in TALLIED:
        for period in job.periods:
            sums = areas.get((indicator, period.name))
            if sums is None or (indicator == "status" and period.name not in reporting):
                continue
            if indicator == "status":
                rows = class_rows(sums, job.region.id, STATUS_MEANINGS, frozenset())
            else:
                rows = class_rows(sums, job.region.id, MEANINGS)
            tables.append(of_land(rows).assign(period=period.name, indicator=indicator))
    return pd.concat(tables, ignore_index=True)


def agreement_table(job: Job, areas: Mapping[tuple[str, str], Sums]) -> pd.DataFrame:
    """Areas by how many profiles call them degraded, by period."""
    meanings = agreement_meanings(len(job.profiles))
    unjudged = frozenset({AGREED_WATER, AGREED_UNDETERMINED})
    tables = [
        class_rows(areas[AGREEMENT, period.name], job.region.id, meanings, unjudged).assign(
            period=period.name, indicator=AGREEMENT
        )
        for period in job.periods
    ]
    return pd.concat(tables, ignore_index=True)


def transition_table(job: Job, sums: BlockSums, profile: Profile) -> pd.DataFrame:
    """Areas from and to each land-cover class, over the windows that decide in this profile, by period."""
    chosen = profile.cover_filter, profile.windows[0]
    columns = ["region", "period", "from_class", "to_class", "area_km2"]
    tables = [
        transition_rows(sums.transitions[(*chosen, number)]).assign(region=job.region.id, period=period.name)
        for number, period in enumerate(job.periods)
        if (*chosen, number) in sums.transitions
    ]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def annual_table(job: Job, sums: BlockSums, profile: Profile) -> pd.DataFrame:
    """Area-weighted annual means over the region, as observations of the first of January."""
    sources = {
        "productivity": (f"productivity/{profile.annual}", job.annual[profile.annual]),
        **{name: (name, job.cubes[name]) for name in ("precipitation", "soil_moisture") if name in job.cubes},
    }
    carbon = f"{CARBON}/{profile.cover_filter}"
    if carbon in sums.series:
        sources[CARBON] = (carbon, job.cubes["soil_carbon"])
    tables = []
    for variable, (key, cube) in sources.items():
        value, area = sums.series[key]
        years = job.cubes["land_cover"].years if variable == CARBON else cube.years
        assert years is not None
        with np.errstate(divide="ignore", invalid="ignore"):
            means = np.where(area > 0, value / area, np.nan)
        rows = pd.DataFrame({"month": [pd.Timestamp(int(year), 1, 1) for year in years], "value": means})
        tables.append(rows.assign(region=job.region.id, variable=f"{variable}_annual", units=cube.attrs["units"]))
    columns = ["region", "variable", "month", "value", "units"]
    return pd.concat(tables, ignore_index=True)[columns].dropna(subset="value")


def yearly(annual: pd.DataFrame, variable: str) -> pd.Series:
    """One annual series, indexed by year."""
    chosen = annual[annual["variable"] == f"{variable}_annual"]
    return pd.Series(chosen["value"].to_numpy(float), index=pd.to_datetime(chosen["month"]).dt.year)


#: Breaks of the observed series that disappear when the effect of rain is removed.
AS_SEEN = "productivity_as_observed"


def break_table(
    region: str,
    annual: pd.DataFrame,
    climate: Climate | None = None,
    indices: Mapping[str, pd.Series] | None = None,
    *,
    last_month: int = 12,
    series: str = "yearly mean of productivity",
) -> pd.DataFrame:
    """Break years of the region's productivity, rain removed if rain is known, with the drought at that time.

    `year` is the first year after the break, `low` … `high` its 95 % interval.

    With `climate` that is the sum of months that explains the region's own series best, else the rain of the season.
    Breaks of productivity as it was observed that rain explains follow as a variable of their own. `indices`: monthly
    SPI, SPEI and soil moisture of the region by name; `last_month` of the season that the annual value is measured in;
    `series`: the yearly series in words, to which the table adds what was removed from it.
    """
    productivity = yearly(annual, "productivity")
    observed = productivity.rename_axis("year").to_xarray()
    rest, removed = without_rain(annual, climate)
    try:
        found = breaks_with_rain(observed, rest, h=H)
    except IndicatorError:  # the series is too short for breaks
        return pd.DataFrame(columns=BREAK_COLUMNS)
    as_seen = (found["series"] == "observed") & (rest is not None)
    words = as_seen.map({True: f"{series}, {REMOVED['observed']}", False: f"{series}, {REMOVED[removed]}"})
    named = found.rename(columns={"date": "year"}).assign(
        region=region,
        variable=as_seen.map({True: AS_SEEN, False: "productivity"}),
        series=words,
        break_method=BREAK_METHOD,
    )
    return breaks_with_drought(named, indices or {}, last_month=last_month)[BREAK_COLUMNS]


def without_rain(annual: pd.DataFrame, climate: Climate | None) -> tuple[xr.DataArray | None, str]:
    """The region's annual productivity with the effect of rain removed, and what was removed (key of `REMOVED`)."""
    productivity = yearly(annual, "productivity")
    rest = None if climate is None else climate.removed(productivity)
    if rest is not None:
        return rest, "best-sum" if climate is None or climate.temperature is None else "best-sum, temperature"
    series, rain = (yearly(annual, name).rename_axis("year").to_xarray() for name in ("productivity", "precipitation"))
    if rain.size == series.size:
        return adjusted(series, rain, "restrend"), "season"
    return None, "none"


#: Columns of a result's breaks; intervals in years, indices in standard deviations.
BREAK_COLUMNS = [
    "region", "variable", "year", "low", "high", "magnitude", "spi", "spei", "soil_moisture_z", "drought",
    "explained_by_rain", "series", "break_method",
]  # fmt: skip


def trend_of(annual: pd.DataFrame) -> tuple[float | None, float | None]:
    """Theil–Sen trend of the region's productivity, percent of its mean per decade, and its p-value."""
    series = yearly(annual, "productivity")
    if len(series) < 4:
        return None, None
    found = theil_sen_mann_kendall(series.rename_axis("year").to_xarray())
    return 1000 * float(found["slope"]) / float(series.mean()), float(found["p"])


def unit_report(job: Job, whole: Whole, profile: Profile, areas: Mapping[tuple[str, str], Sums]) -> dict[str, Any]:
    """How performance was compared over the whole record: units, those too small, and the share that fell back."""
    reference = whole.best.get((profile.annual, 0))
    if profile.performance is None or reference is None:
        return {}
    table, sums = reference.levels[0], areas[LEVEL, job.periods[0].name]
    compared = sums[128:131]
    return {
        "units": len(table),
        "too_small": int((table["count"] < profile.performance.smallest_unit).sum()),
        "share_by_land_cover_alone": float(compared[1] / compared.sum()) if compared.sum() else 0.0,
        "share_by_whole_area": float(compared[2] / compared.sum()) if compared.sum() else 0.0,
    }


def shares(
    areas: pd.DataFrame, indicator: str, period: str, names: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Areas (km²) of the classes named, and their shares of all of them together."""
    chosen = areas[(areas["indicator"] == indicator) & (areas["period"] == period)].set_index("class")["area_km2"]
    named = {name: float(chosen[name]) for name in names}
    land = sum(named.values())
    return named, {name: value / land if land else 0.0 for name, value in named.items()}
