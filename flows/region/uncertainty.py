"""How sure a result is, and the tables made for reporting, from what its blocks give. No science of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flows.region.chances import share_rows
from flows.region.corrections import RECODE_COLUMNS
from flows.region.gaps import gap_rows
from flows.region.population import people_rows, statistic
from flows.region.sampling import Picked, first, gathered
from indicators.certainty.prevalence import LARGEST, SMALLEST, in_accord, status_in_accord
from indicators.certainty.uncertainty import resampled, spread, stratified_areas
from indicators.chance.detectability import SIZES, detectable
from indicators.chance.significance import field as significance
from indicators.errors import IndicatorError
from indicators.sdg15 import state_alone
from indicators.sdg15.periods import is_baseline
from indicators.sdg15.prais import add, finish
from practices.report.headline import ACCORD, GAINED, LOST, STATE_ALONE, STATUS_ACCORD, STATUS_STATE_ALONE

if TYPE_CHECKING:
    import xarray as xr

    from flows.region.corrections import BlockTables
    from flows.region.job import Job
    from flows.region.measuring import Work
    from indicators.profiles import Profile
    from indicators.sdg15.periods import Period

#: Sizes that keep a run quick; the functions take more.
DETECT_PIXELS, DETECT_ORDERS = 300, 20
INTERVAL_PIXELS, INTERVAL_DRAWS = 1_000, 49
ACCORD_PIXELS, ACCORD_DRAWS = 500, 49
#: A narrower interval of shares means that nothing varied.
LEAST_WIDTH = 5e-4


def certainty_tables(
    work: Work, profile: Profile, parts: Sequence[BlockTables], areas: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The areas with their intervals, and the tables of statistics, PRAIS and recodes."""
    job = work.job
    recodes = recode_table(job, [part.recoded for part in parts])
    sums = add([*(part.prais for part in parts), *work.sums.extents])
    people = {
        period.name: pd.DataFrame([part.people[period.name] for part in parts]).sum()
        for period in job.periods
        if parts and parts[0].people
    }
    sample = gathered(work.sums.sample)
    chances = [part.chances for part in parts if part.chances is not None]
    terms = pd.concat(chances) if chances else None
    alone = state_alone.shares(sums)
    statistics, bounded = [], []
    accords: dict[str, tuple[float, float]] = {}
    for number, period in enumerate(job.periods):
        own = areas[areas["period"] == period.name]
        figures, intervals = certainty(work, profile, number, sample, own, terms)
        figures += [*status_accord(period, figures, accords), *state_rows(period.name, alone)]
        gaps = gap_rows(work, profile, period, own)
        rows = pd.DataFrame([*gaps, *figures, *people_rows(people.get(period.name))])
        statistics.append(rows.assign(period=period.name))
        bounded.append(intervals)
    return {
        "areas": pd.concat(bounded, ignore_index=True),
        "statistics": pd.concat(statistics, ignore_index=True),
        "prais": finish(sums),
        "recodes": recodes,
    }


def status_accord(
    period: Period, rows: Sequence[dict[str, Any]], accords: dict[str, tuple[float, float]]
) -> list[dict[str, Any]]:
    """The true shares that agree with the status of a reporting period; keeps the interval of each period in `accords`.

    The baseline comes before the reporting periods. Nothing where one of the two has no interval.
    """
    own = next((row for row in rows if row["name"] == ACCORD and row["low"] is not None), None)
    if own is None:
        return []
    accords[period.name] = own["low"], own["high"]
    baseline = next((ends for name, ends in accords.items() if is_baseline(name)), None)
    if not period.reporting or baseline is None:
        return []
    low, high = status_in_accord(baseline, accords[period.name])
    return [statistic(STATUS_ACCORD, None, low=low, high=high, note=STATUS_IN_ACCORD)]


def state_rows(period: str, alone: Mapping[tuple[str, str], float]) -> list[dict[str, Any]]:
    """Share of the degraded land that state alone calls degraded, of the assessment and of the status of a period."""
    named = {"assessment": (STATE_ALONE, BY_STATE), "status": (STATUS_STATE_ALONE, STATUS_BY_STATE)}
    return [
        statistic(name, alone[period, kind], note=note)
        for kind, (name, note) in named.items()
        if (period, kind) in alone
    ]


def recode_table(job: Job, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """What each expert area changed in the region, by period, with its justification; areas elsewhere are left out."""
    if not job.options.areas:
        return pd.DataFrame(columns=RECODE_COLUMNS)
    sums = pd.concat(parts).groupby(["name", "period"], as_index=False, sort=False).sum()
    inside = {area.correction.name for area in job.options.areas if area.geometry.intersects(job.region.geometry)}
    sums = sums[sums["name"].isin(inside)]
    corrections = pd.DataFrame(
        [
            {
                "name": c.name, "wrongly_shown_as": c.wrongly_shown_as, "should_be": c.should_be,
                "justification": c.justification, "who": c.who, "date": c.date, "prais_term": c.prais_term or None,
            }
            for c in (area.correction for area in job.options.areas)
        ]
    )  # fmt: skip
    return sums.merge(corrections, on="name")[RECODE_COLUMNS]


def certainty(
    work: Work, profile: Profile, number: int, sample: Picked, areas: pd.DataFrame, terms: pd.DataFrame | None
) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """How sure one period is: statistics, and the areas with low and high.

    Field significance, detectability, the true shares that agree with the map, and what the intervals of areas are.
    `terms`: the expected areas of change, which say what shares agree with the map where there are probabilities.
    """
    job, period = work.job, work.job.periods[number]
    vi = sample.place.vi[profile.annual].sel(year=slice(*period.trajectory)).isel(y=0)
    try:
        figures = [*field_statistics(job, profile, vi, sample), *detectability(job, profile, vi, sample)]
    except IndicatorError as error:  # nothing that can be judged: said, not hidden
        return [statistic("field_significance", None, note=str(error))], areas
    if job.options.accuracy is not None:
        corrected, intervals = sampled(areas, job.options.accuracy)
        return [*figures, *corrected, statistic("interval_kind", None, note=SAMPLED)], intervals
    if terms is not None:
        common = job.change[profile.annual].common.get(period.trajectory)
        shares = share_rows(terms, period.name, common)
        return [*figures, *shares, statistic("interval_kind", None, note=EXPECTED)], expected(areas, shares)
    figures += [accord(work, profile, period, number, sample)]
    intervals = bounded(work, profile, period, number, sample, areas)
    note = RESAMPLED if intervals["low_km2"].notna().any() else UNVARIED
    note = note.format(draws=INTERVAL_DRAWS, pixels=min(len(sample.lots), INTERVAL_PIXELS))
    return [*figures, statistic("interval_kind", None, note=note)], intervals


SAMPLED = (
    "stratified estimator of Olofsson et al. (2014) from a sample of reference sites, for sdg; the intervals are of "
    "the corrected areas (corrected_km2), and the mapped ones may lie outside them"
)
CORRECTED = (
    "area of {name} land, corrected for errors of the map by {sites:.0f} reference sites; mapped: {mapped:,.0f} km²"
)
RESAMPLED = (
    "resampled significance: what this method would map in other years of the same kind ({draws} other orders of the "
    "years on {pixels} pixels); of the mapped area, not of the true one"
)
EXPECTED = (
    "expected areas: the true area of degraded and improved land as the probabilities of all pixels have it, at 95 %"
)
UNVARIED = (
    "no interval: this method maps the same areas in {draws} other orders of the years on {pixels} pixels, so that "
    "nothing says how far they may be off"
)
IN_ACCORD = (
    "true degraded shares that agree with the map at 95 % ({mapped:.1f} % degraded, of the land whose productivity can "
    "be judged, before corrections by experts), corrected for false alarms and misses of the method in this region's "
    "own noise and rain; if degraded land lost {smallest:.0f} to {largest:.0f} % over the period, other land is "
    "steady, and the years are alike; {draws} orders of years, {pixels} pixels"
)


STATUS_IN_ACCORD = (
    "true shares of land degraded by the status against the baseline, from degraded_share_in_accord of the baseline "
    "and of the period: at least the lower end of the period, at most both upper ends together; at 90 %"
)
BY_STATE = (
    "share of the land degraded by the assessment of the period that only state (the last three years against those "
    "before) classifies as degraded, and not trend, performance, land cover or soil carbon"
)
STATUS_BY_STATE = (
    "share of the land degraded by the status against the baseline that the period, the baseline or both classify as "
    "degraded by state alone"
)


def field_statistics(job: Job, profile: Profile, vi: xr.DataArray, sample: Picked) -> list[dict[str, Any]]:
    """Degraded share by trajectory with its p-value, and the share that chance gives."""
    orders = job.options.permutations
    found = significance(vi, profile, permutations=orders, weight=sample.weight, quantity=job.quantity)
    low, high = np.percentile(found.distribution, [2.5, 97.5])
    size = f"{orders} orders of years, one for the whole map; {found.pixels} pixels"
    return [
        statistic("field_significance", found.share, p=found.p, note=f"degraded share by trajectory; {size}"),
        statistic(
            "degraded_by_chance", found.expected, low=low, high=high,
            note=f"degraded share by trajectory with years in random order: mean, and 95 % range; {size}",
        ),
    ]  # fmt: skip


def detectability(job: Job, profile: Profile, vi: xr.DataArray, sample: Picked) -> list[dict[str, Any]]:
    """Smallest declines, percent over the period, that trajectory finds 80 % of the time; false alarms."""
    found = detectable(
        vi, profile, permutations=DETECT_ORDERS, pixels=DETECT_PIXELS, weight=sample.weight, quantity=job.quantity
    )
    size = f"{found.permutations} orders of years, {found.pixels} pixels"
    sizes = {
        "pixel": f"{size}, {100 * found.affected:.0f} % of them with it",
        "region": f"{found.region_permutations} orders of years, the region's mean",
    }
    rows = []
    for scale, how in sizes.items():
        for name, shape in ((f"detectable_decline_{scale}", "ramp"), (f"detectable_step_{scale}", "step")):
            smallest = found.smallest(scale, shape)
            none = f"not even {100 * SIZES[-1]:.0f} % was found that often; " if np.isnan(smallest) else ""
            note = f"{none}smallest {shape} over the period found 80 % of the time; {how}"
            rows.append(statistic(name, 100 * smallest, units="%", note=note))
    alarms = f"share of pixels that trajectory calls degraded where nothing declines; {size}"
    return [*rows, statistic("false_alarm_rate", found.false_alarms, note=alarms)]


def accord(work: Work, profile: Profile, period: Period, number: int, sample: Picked) -> dict[str, Any]:
    """The true shares of degraded land that agree with the map; no number if nothing can be judged."""
    few = first(sample, ACCORD_PIXELS)
    try:
        found = in_accord(few.place, period, best_in(work, number), few.weight, profile, draws=ACCORD_DRAWS)
    except IndicatorError as error:
        return statistic(ACCORD, None, note=str(error))
    if found.high - found.low < LEAST_WIDTH:
        return statistic(ACCORD, None, note=UNVARIED.format(draws=found.draws, pixels=found.pixels))
    note = IN_ACCORD.format(
        mapped=100 * found.mapped, smallest=100 * SMALLEST, largest=100 * LARGEST, draws=found.draws,
        pixels=found.pixels,
    )  # fmt: skip
    return statistic(ACCORD, None, low=found.low, high=found.high, note=note)


def expected(areas: pd.DataFrame, shares: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Areas with the ends of the expected ones: degraded and improved land of productivity and of SDG 15.3.1."""
    ends = {row["name"]: (row["low"], row["high"]) for row in shares if row["low"] is not None}
    named = {
        ("productivity", "degraded"): ends.get(LOST),
        ("productivity", "improved"): ends.get(GAINED),
        ("sdg", "degraded"): ends.get(ACCORD),
    }
    judged = areas[areas["class"].isin(["degraded", "stable", "improved"])].groupby("indicator")["area_km2"].sum()
    land = areas["indicator"].map(judged).to_numpy(float)
    own = [named.get(key) or (np.nan, np.nan) for key in zip(areas["indicator"], areas["class"], strict=True)]
    low, high = np.array(own, float).reshape(-1, 2).T * land
    return areas.assign(low_km2=low, high_km2=high)


def best_in(work: Work, number: int) -> dict[str, Any]:
    """The best of each unit of performance by kind of annual value, of one period."""
    return {kind: each for (kind, place), each in work.whole.best.items() if place == number}


def bounded(
    work: Work, profile: Profile, period: Period, number: int, sample: Picked, areas: pd.DataFrame
) -> pd.DataFrame:
    """Areas with the interval of significance, from resampled years: of the mapped areas."""
    few = first(sample, INTERVAL_PIXELS)
    found = resampled(few.place, period, best_in(work, number), few.weight, profile, draws=INTERVAL_DRAWS)
    return spread(found, areas)


def sampled(areas: pd.DataFrame, sites: pd.DataFrame) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Areas of SDG 15.3.1 as a sample of reference sites corrects them, and the table with them and their intervals."""
    own = areas[(areas["indicator"] == "sdg") & areas["class"].isin(["degraded", "stable", "improved"])]
    found = stratified_areas(sites, dict(zip(own["class"], own["area_km2"], strict=True))).set_index("class")
    corrected, low, high = (
        areas["class"].map(found[name]).where(areas["indicator"] == "sdg")
        for name in ("area_km2", "low_km2", "high_km2")
    )
    count = float(sites.to_numpy(float).sum())
    rows = [
        statistic(
            f"corrected_area_{name}", float(row["area_km2"]), low=float(row["low_km2"]), high=float(row["high_km2"]),
            units="km2", note=CORRECTED.format(name=name, sites=count, mapped=row["mapped_km2"]),
        )
        for name, row in found[found.index.isin(own["class"])].iterrows()
    ]  # fmt: skip
    return rows, areas.assign(corrected_km2=corrected, low_km2=low, high_km2=high)
